import DNSWire
import PluginChain

/// `loadbalance`: lets each reply start at another address or MX record.
///
/// For `round_robin` it only draws a number on the way down. Whoever writes a set of records starts
/// at the one that the number chooses, uniformly; so a truncated reply shows another part of a
/// large set each time, and nothing is copied twice. `weighted` and `prefer` reorder the addresses
/// of the finished reply, in place.
final class Loadbalance: Handler, @unchecked Sendable {
  private let weights: WeightTable?
  private let preferred: [Subnet]

  /// A handler; `weights` stands for `weighted`, its absence for `round_robin`.
  init(weights: WeightTable?, preferred: [Subnet], next: Handler?) {
    self.weights = weights
    self.preferred = preferred
    super.init(next: next)
  }

  override var seesReplies: Bool { weights != nil || !preferred.isEmpty }

  override func query(_ exchange: inout Exchange) -> Outcome {
    if weights == nil { exchange.rotation = exchange.nextRandom() }
    return passOn(&exchange)
  }

  override func reply(_ exchange: inout Exchange) {
    guard exchange.reply.responseCode == .noError, exchange.reply.answerCount > 1 else { return }
    for run in exchange.reply.addressRuns() {
      var addresses = run.addresses
      if let weights, exchange.type == .a || exchange.type == .aaaa {
        let top = weights.choice(of: run, draw: exchange.nextRandom())
        addresses.swapAt(0, top)
      }
      if !preferred.isEmpty { addresses = Subnet.sorted(addresses, by: preferred) }
      if addresses != run.addresses { exchange.reply.rewrite(run, addresses) }
    }
  }
}
