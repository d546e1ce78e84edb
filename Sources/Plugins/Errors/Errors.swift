import DNSWire
import PluginChain

/// `errors`: one line for every query that ended in an error of ours. NXDOMAIN and NODATA are
/// answers, REFUSED a policy; neither is an error. Errors that match a pattern of `consolidate` are
/// counted instead, and told once in a while.
final class Errors: Handler, @unchecked Sendable {
  private let consolidation: ErrorConsolidation
  private let log: any LogSink

  init(_ consolidation: ErrorConsolidation, log: any LogSink, next: Handler?) {
    self.consolidation = consolidation
    self.log = log
    super.init(next: next)
  }

  override var seesReplies: Bool { true }

  override func reply(_ exchange: inout Exchange) {
    guard exchange.reply.responseCode == .serverFailure, !exchange.isRehearsal else { return }
    let reason = exchange.extendedError.map { "\($0.text)" } ?? "no answer"
    guard let level = consolidation.level(of: reason) else { return }
    let name = exchange.name.domainName?.description ?? "."
    log.write(level, "plugin/errors: 2 \(name) \(exchange.type): \(reason)")
  }
}
