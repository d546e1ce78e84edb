import DNSWire
import PluginChain

/// Which chain answers for which zone, on one address and port.
///
/// The zone with the most labels that the name is at or below wins (never a comparison of texts:
/// CVE-2026-33489). A linked list, longest first: a listener has few zones, most often one.
package final class RouteTable: Sendable {
  private final class Route: Sendable {
    let zone: [UInt8]
    let labelCount: Int
    let chain: Chain
    let next: Route?

    init(_ zone: DomainName, _ chain: Chain, next: Route?) {
      self.zone = zone.lowercased.wire
      labelCount = zone.labelCount
      self.chain = chain
      self.next = next
    }

    func chain(for name: borrowing QueryName) -> Chain? {
      let octets = zone
      if name.isAtOrBelow(octets.span, labelCount: labelCount) { return chain }
      return next?.chain(for: name)
    }
  }

  private let first: Route?

  /// Routes for `zones`, each with its chain; of two equal zones the first counts.
  package init(_ zones: [(zone: DomainName, chain: Chain)]) {
    var route: Route?
    for entry in zones.reversed().sorted(by: { $0.zone.labelCount < $1.zone.labelCount }) {
      route = Route(entry.zone, entry.chain, next: route)
    }
    first = route
  }

  /// The chain of the longest zone that holds `name`; `nil` when no server block does.
  package func chain(for name: borrowing QueryName) -> Chain? {
    first?.chain(for: name)
  }
}
