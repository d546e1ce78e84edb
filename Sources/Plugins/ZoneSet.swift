import Corefile
import DNSWire

/// A set of zones, to ask whether a name is in any of them: `fallthrough`'s zones, `log`'s names.
package struct ZoneSet: Sendable {
  private let zones: [(wire: [UInt8], labelCount: Int)]

  /// No name.
  package static let none = ZoneSet([])

  /// Names at or below one of `zones`.
  package init(_ zones: [DomainName]) {
    self.zones = zones.map { ($0.lowercased.wire, $0.labelCount) }
  }

  /// The zones that `tokens` name, networks included; all names without any.
  package init(parsing tokens: some Sequence<Token>) throws(Diagnostic) {
    var zones: [DomainName] = []
    for token in tokens { zones += try token.zones().compactMap { DomainName(text: $0) } }
    self.init(zones.isEmpty ? [.root] : zones)
  }

  /// Whether `name` is at or below one of the zones.
  package func covers(_ name: borrowing QueryName) -> Bool {
    for zone in zones {
      let wire = zone.wire
      if name.isAtOrBelow(wire.span, labelCount: zone.labelCount) { return true }
    }
    return false
  }
}
