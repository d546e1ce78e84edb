import DNSWire
import PluginChain

/// `loop`: finds out whether what `forward` sends out comes back, at the start and from then on,
/// and sets upstreams aside for which it does.
///
/// The probes are sent by the `forward` handlers below; this one stands above them and sees what
/// returns.
final class Loop: Handler, @unchecked Sendable {
  private let watch: LoopWatch

  /// Hands `watch` to every `forward` below, of the server block of `zone`.
  init(watch: LoopWatch, zone: DomainName, next: Handler?) {
    self.watch = watch
    super.init(next: next)
    var below = next
    while let handler = below {
      if let forward = handler as? Forward { forward.follow(watch, in: zone) }
      below = handler.next
    }
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    guard exchange.type == LoopToken.type, let token = LoopToken(exchange.name), watch.sees(token)
    else { return passOn(&exchange) }
    exchange.fail(.refused, .prohibited, "this is a loop probe of this server")
    return answered(&exchange)
  }
}
