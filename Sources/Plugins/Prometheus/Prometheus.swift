import DNSWire
import PluginChain
import Sockets

/// `prometheus`: counts the queries of clients with the replies to them, on the way up. What the
/// server asks itself for the target of an alias has no way up and is not counted.
///
/// A query's time begins with `exchange.now`, which the worker has read already: for a datagram
/// when its batch was received, so waiting behind others of the batch counts too. Its end is the
/// one reading of the clock here.
package final class Prometheus: Handler, @unchecked Sendable {
  private let counters: QueryCounters
  private let zones: ZoneIndex
  /// Whether the zone of a query has to be looked for.
  private let hasManyZones: Bool
  /// The plugin's number among `QueryCounters.plugins`, by the height of the handler.
  private let plugins: [UInt8]

  /// A handler that counts for a server block of `zones`.
  init(_ counters: QueryCounters, zones: [DomainName], next: Handler?) {
    self.counters = counters
    self.zones = ZoneIndex(zones)
    hasManyZones = zones.count > 1
    // Height 0 is the server itself.
    var plugins: [UInt8] = []
    var below = next
    while let handler = below {
      plugins.append(QueryCounters.number(ofPlugin: handler.pluginName))
      below = handler.next
    }
    self.plugins = [0] + plugins.reversed()
    super.init(next: next)
  }

  package override var seesReplies: Bool { true }

  package override func query(_ exchange: inout Exchange) -> Outcome {
    exchange.startNanoseconds = exchange.now
    return passOn(&exchange)
  }

  package override func reply(_ exchange: inout Exchange) {
    if exchange.isRehearsal { return }
    let height = exchange.answeredHeight
    let plugin = plugins.indices.contains(height) ? plugins[height] : 0
    let now = monotonicNanoseconds()
    let start = exchange.startNanoseconds
    counters.count(
      &exchange, zone: zone(of: &exchange), plugin: Int(plugin),
      nanoseconds: now > start ? now - start : 0)
  }

  // The exchange goes by `inout` here: lent, it would be copied for every call.
  private func zone(of exchange: inout Exchange) -> Int {
    guard hasManyZones else { return 0 }
    return zones.match(exchange.name)?.number ?? 0
  }
}
