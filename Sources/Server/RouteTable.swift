import DNSWire
import PluginChain

/// Which chain answers for which zone, on one address and port.
package final class RouteTable: Sendable {
  private let zones: ZoneIndex
  private let chains: [Chain]
  private let ownZones: ZoneIndex
  /// What sees the refusal of queries that no chain is for; `nil` when nothing does.
  let unrouted: Chain?

  /// Routes for `zones`, each with its chain; of two equal zones the first counts. `ownZones` are
  /// those that some plugin answers from memory; the handlers of `unrouted` see refusals.
  package init(
    _ zones: [(zone: DomainName, chain: Chain)], ownZones: [DomainName] = [],
    unrouted: Chain? = nil
  ) {
    self.unrouted = unrouted
    self.zones = ZoneIndex(zones.map(\.zone))
    chains = zones.map(\.chain)
    self.ownZones = ZoneIndex(ownZones)
  }

  /// Whether `name` lies in a zone that this server answers from memory.
  package func isOurs(_ name: borrowing QueryName) -> Bool { ownZones.match(name) != nil }

  /// The chain of the longest zone that holds `name`; `nil` when no server block does.
  package func chain(for name: borrowing QueryName) -> Chain? {
    guard let match = zones.match(name) else { return nil }
    return chains[match.number]
  }
}
