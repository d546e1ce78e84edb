import DNSWire
import PluginChain

/// `errors`: one line for every query that ended in an error of ours. NXDOMAIN and NODATA are
/// answers, REFUSED a policy; neither is an error.
final class Errors: Handler, @unchecked Sendable {
  private let log: any LogSink

  init(log: any LogSink, next: Handler?) {
    self.log = log
    super.init(next: next)
  }

  override var seesReplies: Bool { true }

  override func reply(_ exchange: inout Exchange) {
    guard exchange.reply.responseCode == .serverFailure else { return }
    let name = exchange.name.domainName?.description ?? "."
    let reason = exchange.extendedError.map { "\($0.text)" } ?? "no answer"
    log.write(.error, "plugin/errors: 2 \(name) \(exchange.type): \(reason)")
  }
}
