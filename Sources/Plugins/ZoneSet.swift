import Corefile
import DNSWire

/// A set of zones, to ask whether a name is in any of them: `fallthrough`'s zones, `log`'s names.
package struct ZoneSet: Sendable {
  private let zones: ZoneIndex

  /// No name.
  package static let none = ZoneSet([])

  /// Names at or below one of `zones`.
  package init(_ zones: [DomainName]) {
    self.zones = ZoneIndex(zones)
  }

  /// The zones that `tokens` name, networks included; all names without any.
  package init(parsing tokens: some Sequence<Token>) throws(Diagnostic) {
    var zones: [DomainName] = []
    for token in tokens { zones += try token.zones().compactMap { DomainName(text: $0) } }
    self.init(zones.isEmpty ? [.root] : zones)
  }

  /// Whether `name` is at or below one of the zones.
  package func covers(_ name: borrowing QueryName) -> Bool {
    zones.match(name) != nil
  }
}
