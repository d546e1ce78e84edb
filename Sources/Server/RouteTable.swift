import DNSWire
import PluginChain

/// Which chain answers for which zone, on one address and port.
///
/// The zone with the most labels that the name is at or below wins (never a comparison of texts:
/// CVE-2026-33489). A linked list, longest first: a listener has few zones, most often one. Many
/// zones are many lists, so that neither a look-up nor the end of the table recurses deeply.
package final class RouteTable: Sendable {
  private final class Route: Sendable {
    let zone: ZoneKey
    let chain: Chain
    let next: Route?

    init(_ zone: DomainName, _ chain: Chain, next: Route?) {
      self.zone = ZoneKey(zone)
      self.chain = chain
      self.next = next
    }

    func chain(for name: borrowing QueryName) -> Chain? {
      if zone.holds(name) { return chain }
      return next?.chain(for: name)
    }
  }

  /// Zones in one list.
  private static let listCountMax = 64

  private let first: Route?
  /// The lists after the first.
  private let rest: [Route]

  /// Routes for `zones`, each with its chain; of two equal zones the first counts.
  package init(_ zones: [(zone: DomainName, chain: Chain)]) {
    let entries = zones.map { (labelCount: $0.zone.labelCount, zone: $0.zone, chain: $0.chain) }
      .sorted { $0.labelCount > $1.labelCount }
    var lists: [Route] = []
    for start in stride(from: 0, to: entries.count, by: Self.listCountMax) {
      var route: Route?
      for entry in entries[start..<min(start + Self.listCountMax, entries.count)].reversed() {
        route = Route(entry.zone, entry.chain, next: route)
      }
      if let route { lists.append(route) }
    }
    first = lists.first
    rest = Array(lists.dropFirst())
  }

  /// The chain of the longest zone that holds `name`; `nil` when no server block does.
  package func chain(for name: borrowing QueryName) -> Chain? {
    if let chain = first?.chain(for: name) { return chain }
    for list in rest {
      if let chain = list.chain(for: name) { return chain }
    }
    return nil
  }
}
