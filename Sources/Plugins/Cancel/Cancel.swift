import PluginChain

/// `cancel`: gives up queries that have waited too long further down.
///
/// It only notes a time on the way down. The worker answers SERVFAIL to queries that still wait
/// then; what they waited for goes on and may still reach the cache.
final class Cancel: Handler, @unchecked Sendable {
  private let nanoseconds: UInt64

  init(nanoseconds: UInt64, next: Handler?) {
    self.nanoseconds = nanoseconds
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    exchange.waitDeadline = exchange.now &+ nanoseconds
    return passOn(&exchange)
  }
}
