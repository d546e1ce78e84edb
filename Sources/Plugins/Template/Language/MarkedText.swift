/// A text of a template, each octet with a mark when it comes from the query instead of the
/// Corefile.
///
/// The mark goes wherever the octet goes: through variables, `slice`, `printf` and the like. What
/// reads the text as a record takes marked octets as data and never as syntax, so nobody can ask
/// for a name that ends a string, begins a comment or adds a record.
package struct MarkedText: Sendable {
  /// Set in the units of octets from the query.
  package static let foreign: UInt16 = 0x100

  /// The octets, each with its mark or without.
  package var units: [UInt16]

  /// Units as they are.
  package init(units: [UInt16] = []) { self.units = units }

  /// A text of the Corefile's.
  package init(_ text: String) { units = text.utf8.map(UInt16.init) }

  /// Octets of the Corefile's.
  package init(octets: some Sequence<UInt8>) { units = octets.map(UInt16.init) }

  /// Octets of the query's.
  package init(foreign octets: some Sequence<UInt8>) {
    units = octets.map { UInt16($0) | Self.foreign }
  }

  /// The octets without marks.
  package var octets: [UInt8] { units.map { UInt8(truncatingIfNeeded: $0) } }

  /// The text without marks.
  package var string: String { String(decoding: octets, as: UTF8.self) }
}

extension MarkedText: Hashable, Comparable {
  /// Equal octets; marks do not count.
  package static func == (left: MarkedText, right: MarkedText) -> Bool {
    left.units.count == right.units.count
      && zip(left.units, right.units).allSatisfy { ($0 ^ $1) & 0xFF == 0 }
  }

  /// By octets, as Go compares strings.
  package static func < (left: MarkedText, right: MarkedText) -> Bool {
    left.units.lazy.map { $0 & 0xFF }.lexicographicallyPrecedes(right.units.lazy.map { $0 & 0xFF })
  }

  /// Hashes the octets.
  package func hash(into hasher: inout Hasher) {
    for unit in units { hasher.combine(unit & 0xFF) }
  }
}
