import PluginChain

/// `loadbalance`: lets each reply start at another address or MX record.
///
/// It only draws a number on the way down. Whoever writes a set of records starts at the one that
/// the number chooses, uniformly; so a truncated reply shows another part of a large set each time,
/// and nothing is copied twice.
final class Loadbalance: Handler, @unchecked Sendable {
  override func query(_ exchange: inout Exchange) -> Outcome {
    exchange.rotation = exchange.nextRandom()
    return passOn(&exchange)
  }
}
