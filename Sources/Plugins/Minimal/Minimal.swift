import DNSWire
import PluginChain

/// `minimal`: leaves authority and additional records out of replies that need neither. Denials and
/// referrals keep theirs: they say nothing without them.
final class Minimal: Handler, @unchecked Sendable {
  override var seesReplies: Bool { true }

  override func reply(_ exchange: inout Exchange) {
    guard exchange.reply.responseCode == .noError,
      exchange.reply.answerCount > 0 || exchange.reply.authorityCount == 0
    else { return }
    exchange.reply.removeAllButAnswer()
  }
}
