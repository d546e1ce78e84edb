import DNSWire
import PluginChain
import Sockets

/// `log`: one line a query, on the way up, so that it shows what the client gets.
final class Log: Handler, @unchecked Sendable {
  /// CoreDNS's classes of answers.
  enum Class: String, CaseIterable {
    /// An answer.
    case success
    /// NXDOMAIN or NODATA.
    case denial
    /// Any other code.
    case error
    /// All of them.
    case all
  }

  /// For which names which answers are logged, and how.
  struct Rule {
    let names: ZoneSet
    let format: LogFormat
    var classes: Set<Class> = [.all]
  }

  private let rules: [Rule]
  private let log: any LogSink

  init(rules: [Rule], log: any LogSink, next: Handler?) {
    self.rules = rules
    self.log = log
    super.init(next: next)
  }

  override var seesReplies: Bool { true }

  override func query(_ exchange: inout Exchange) -> Outcome {
    if exchange.startNanoseconds == 0 { exchange.startNanoseconds = exchange.now }
    return passOn(&exchange)
  }

  override func reply(_ exchange: inout Exchange) {
    if exchange.isRehearsal { return }
    for rule in rules where rule.names.covers(exchange.name) {
      if rule.classes.contains(.all) || rule.classes.contains(Self.classify(exchange)) {
        log.write(.info, rule.format.line(exchange, now: monotonicNanoseconds()))
      }
      return
    }
  }

  private static func classify(_ exchange: borrowing Exchange) -> Class {
    switch exchange.reply.responseCode {
    case .noError where exchange.reply.answerCount > 0 || exchange.reply.authorityCount == 0:
      .success
    case .noError, .nameError: .denial
    default: .error
    }
  }
}
