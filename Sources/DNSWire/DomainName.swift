/// An absolute domain name in wire form: length-prefixed labels and the root's zero octet.
///
/// Any octets are allowed in labels (RFC 2181 §11); case is kept and ignored in comparison, for
/// `A`...`Z` only (RFC 4343 §3). At most 255 octets, labels at most 63 (RFC 1035 §2.3.4).
/// This is the owned form for configuration, writers and tests; a query's name stays in its packet.
package struct DomainName: Sendable {
  /// The octets as on the wire, uncompressed; never empty, the last one is zero.
  package let wire: [UInt8]

  /// The root.
  package static let root = DomainName(unchecked: [0])

  private init(unchecked wire: [UInt8]) { self.wire = wire }

  /// Wire octets that must be exactly one whole uncompressed name.
  package init?(wire: [UInt8]) {
    guard wire.count <= WireLimits.nameOctetCountMax else { return nil }
    var index = 0
    while index < wire.count {
      let length = Int(wire[index])
      if length == 0 {
        guard index == wire.count - 1 else { return nil }
        self.init(unchecked: wire)
        return
      }
      guard length <= WireLimits.labelOctetCountMax else { return nil }
      index += length + 1
    }
    return nil
  }

  /// Labels from the leftmost to the one below the root; `nil` when a label is empty or too long
  /// or the whole is.
  package init?(labels: some Sequence<[UInt8]>) {
    var wire: [UInt8] = []
    for label in labels {
      guard (1...WireLimits.labelOctetCountMax).contains(label.count) else { return nil }
      wire.append(UInt8(truncatingIfNeeded: label.count))
      wire += label
    }
    wire.append(0)
    guard wire.count <= WireLimits.nameOctetCountMax else { return nil }
    self.init(unchecked: wire)
  }

  /// The labels, leftmost first, without the root.
  package var labels: [[UInt8]] {
    var result: [[UInt8]] = []
    var index = 0
    while index < wire.count, wire[index] != 0 {
      let end = index + 1 + Int(wire[index])
      result.append(Array(wire[(index + 1)..<end]))
      index = end
    }
    return result
  }

  /// The number of labels, the root not counted.
  package var labelCount: Int { labels.count }

  /// The name with `A`...`Z` folded to lower case.
  package var lowercased: DomainName { DomainName(unchecked: wire.map(Self.folded)) }

  /// `octet` with `A`...`Z` folded; length octets are below `A`, so whole wire names may be folded.
  @inlinable package static func folded(_ octet: UInt8) -> UInt8 {
    octet &- 65 < 26 ? octet | 0x20 : octet
  }

  /// Whether this name is `ancestor` or below it (label by label, case ignored).
  package func isAtOrBelow(_ ancestor: DomainName) -> Bool {
    let start = wire.count - ancestor.wire.count
    guard start >= 0 else { return false }
    var index = 0
    while index < start { index += Int(wire[index]) + 1 }
    guard index == start else { return false }
    for (offset, octet) in ancestor.wire.enumerated()
    where Self.folded(octet) != Self.folded(wire[start + offset]) {
      return false
    }
    return true
  }

  /// The octets before `ancestor`'s, without a root octet: `a.b.` under `b.` is `1 a`; `nil` when
  /// this name is not at or below `ancestor`.
  package func relativeWire(to ancestor: DomainName) -> [UInt8]? {
    guard isAtOrBelow(ancestor) else { return nil }
    return Array(wire.dropLast(ancestor.wire.count))
  }
}

extension DomainName: Hashable {
  /// Equal without regard to ASCII case (RFC 4343).
  package static func == (left: DomainName, right: DomainName) -> Bool {
    left.wire.count == right.wire.count
      && zip(left.wire, right.wire).allSatisfy { folded($0) == folded($1) }
  }

  /// Hashes the folded octets.
  package func hash(into hasher: inout Hasher) {
    for octet in wire { hasher.combine(Self.folded(octet)) }
  }
}

// MARK: - Canonical order (RFC 4034 §6.1)

extension DomainName {
  /// Whether this name sorts before `other` in canonical order: labels from the right, folded,
  /// compared as octet strings; a shorter name before the names below it.
  package func canonicallyPrecedes(_ other: DomainName) -> Bool {
    let left = lowercased.labels.reversed()
    let right = other.lowercased.labels.reversed()
    for (one, two) in zip(left, right) where one != two {
      return one.lexicographicallyPrecedes(two)
    }
    return left.count < right.count
  }
}

// MARK: - Presentation format (RFC 1035 §5.1)

extension DomainName: CustomStringConvertible {
  /// Reads presentation format: dots between labels, `\.` and `\DDD` escapes, a final dot optional
  /// (names are always absolute here). `nil` for an empty label, a bad escape or a limit exceeded.
  package init?(text: String) {
    self.init(textOctets: Array(text.utf8))
  }

  /// Reads presentation format, as `init(text:)`.
  package init?(textOctets text: [UInt8]) {
    var wire: [UInt8] = []
    wire.reserveCapacity(min(text.count + 2, WireLimits.nameOctetCountMax))
    if text.isEmpty || text == [UInt8(ascii: ".")] {
      self = .root
      return
    }
    wire.append(0)
    // Where the length of the label stands that is being read.
    var start = 0
    func end() -> Bool {
      let count = wire.count - start - 1
      guard (1...WireLimits.labelOctetCountMax).contains(count) else { return false }
      wire[start] = UInt8(truncatingIfNeeded: count)
      start = wire.count
      wire.append(0)
      return wire.count <= WireLimits.nameOctetCountMax
    }
    var octets = text[...]
    while let octet = octets.popFirst() {
      switch octet {
      case UInt8(ascii: "."):
        guard end() else { return nil }
      case UInt8(ascii: "\\"):
        guard let escaped = Self.unescape(&octets) else { return nil }
        wire.append(escaped)
      default:
        wire.append(octet)
      }
    }
    guard start == wire.count - 1 || end() else { return nil }
    self.init(unchecked: wire)
  }

  private static func unescape(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
    guard let first = rest.popFirst() else { return nil }
    guard (48...57).contains(first) else { return first }
    guard let second = rest.popFirst(), let third = rest.popFirst(),
      (48...57).contains(second), (48...57).contains(third)
    else { return nil }
    let value = Int(first - 48) * 100 + Int(second - 48) * 10 + Int(third - 48)
    return UInt8(exactly: value)
  }

  /// Presentation format with a final dot; special and unprintable octets escaped.
  package var description: String {
    if wire.count == 1 { return "." }
    return labels.map(Self.presentation).joined(separator: ".") + "."
  }

  /// One label in presentation format.
  package static func presentation(_ label: [UInt8]) -> String {
    var text = ""
    for octet in label {
      switch octet {
      case 0x22, 0x24, 0x28, 0x29, 0x2E, 0x3B, 0x40, 0x5C:
        text += "\\" + String(UnicodeScalar(octet))
      case 0x21...0x7E:
        text.unicodeScalars.append(UnicodeScalar(octet))
      default:
        let digits = String(octet)
        text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return text
  }
}
