/// An IPv4 or IPv6 address, 16 octets and a family; fits in three words, holds no reference.
///
/// Text follows RFC 4291 §2.2 and is written in the canonical form of RFC 5952.
package struct IPAddress: Hashable, Sendable {
  /// The address family.
  package enum Family: UInt8, Sendable {
    /// Four octets (A records, `in-addr.arpa`).
    case v4
    /// Sixteen octets (AAAA records, `ip6.arpa`).
    case v6
  }

  /// The family; decides how many of the sixteen octets count.
  package let family: Family
  /// The first eight octets, big-endian; for IPv4 the address is in the top 32 bits.
  package let high: UInt64
  /// The last eight octets, big-endian; zero for IPv4.
  package let low: UInt64

  /// An IPv4 address from its 32-bit value in host order (`10.0.0.1` is `0x0A000001`).
  package init(v4 value: UInt32) {
    family = .v4
    high = UInt64(value) << 32
    low = 0
  }

  /// An IPv6 address from its two big-endian halves.
  package init(v6High high: UInt64, low: UInt64) {
    family = .v6
    self.high = high
    self.low = low
  }

  /// The 32-bit value of an IPv4 address in host order; meaningless for IPv6.
  package var v4Value: UInt32 { UInt32(truncatingIfNeeded: high >> 32) }

  /// The number of octets on the wire: 4 or 16.
  package var octetCount: Int { family == .v4 ? 4 : 16 }

  /// Octet `index` (0 is the first on the wire); 0 for an index out of range.
  package func octet(_ index: Int) -> UInt8 {
    guard index >= 0, index < 16 else { return 0 }
    let half = index < 8 ? high : low
    return UInt8(truncatingIfNeeded: half >> UInt64((7 - index % 8) * 8))
  }

  /// The octets in network order: 4 or 16 of them.
  package var octets: [UInt8] { (0..<octetCount).map { octet($0) } }
}

// MARK: - Text

extension IPAddress {
  /// Parses dotted-quad IPv4 (no leading zeros, as Go's `net.ParseIP`) or RFC 4291 IPv6 text,
  /// without a zone index. `nil` for anything else.
  package init?(text: some StringProtocol) {
    self.init(utf8: Array(text.utf8))
  }

  /// Parses address text given as UTF-8 octets; see `init(text:)`.
  package init?(utf8 text: [UInt8]) {
    if text.contains(UInt8(ascii: ":")) {
      guard let value = Self.parseV6(text[...]) else { return nil }
      self.init(v6High: value.0, low: value.1)
    } else {
      guard let value = Self.parseV4(text[...]) else { return nil }
      self.init(v4: value)
    }
  }

  private static func parseV4(_ text: ArraySlice<UInt8>) -> UInt32? {
    var value: UInt32 = 0
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    for part in parts {
      guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0")
      else { return nil }
      var octet: UInt32 = 0
      for digit in part {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        octet = octet * 10 + UInt32(digit - UInt8(ascii: "0"))
      }
      guard octet <= 255 else { return nil }
      value = value << 8 | octet
    }
    return value
  }

  private static func parseV6(_ text: ArraySlice<UInt8>) -> (UInt64, UInt64)? {
    guard text.count <= 45 else { return nil }
    var groups: [UInt16] = []
    var gap: Int?
    var rest = text
    if rest.starts(with: [UInt8(ascii: ":"), UInt8(ascii: ":")]) {
      gap = 0
      rest = rest.dropFirst(2)
    } else if rest.first == UInt8(ascii: ":") {
      return nil
    }
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
      let part = rest[rest.startIndex..<end]
      if part.contains(UInt8(ascii: ".")) {
        guard end == rest.endIndex, let value = parseV4(part) else { return nil }
        groups += [UInt16(truncatingIfNeeded: value >> 16), UInt16(truncatingIfNeeded: value)]
        break
      }
      guard let group = hexGroup(part), groups.count < 8 else { return nil }
      groups.append(group)
      rest = rest[end...].dropFirst()
      if end != text.endIndex, rest.isEmpty { return nil }
      if rest.first == UInt8(ascii: ":") {
        guard gap == nil else { return nil }
        gap = groups.count
        rest = rest.dropFirst()
      }
    }
    if let gap {
      guard groups.count < 8 else { return nil }
      groups.insert(contentsOf: Array(repeating: 0, count: 8 - groups.count), at: gap)
    }
    guard groups.count == 8 else { return nil }
    func half(_ from: Int) -> UInt64 {
      groups[from..<(from + 4)].reduce(0) { $0 << 16 | UInt64($1) }
    }
    return (half(0), half(4))
  }

  private static func hexGroup(_ part: ArraySlice<UInt8>) -> UInt16? {
    guard (1...4).contains(part.count) else { return nil }
    var value: UInt16 = 0
    for digit in part {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(digit - 48)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt16(digit - 87)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt16(digit - 55)
      default: return nil
      }
    }
    return value
  }
}

extension IPAddress: CustomStringConvertible {
  /// Dotted quad, or RFC 5952 text: lower case, the longest run of two or more zero groups as `::`.
  package var description: String {
    if family == .v4 { return (0..<4).map { String(octet($0)) }.joined(separator: ".") }
    let groups = (0..<8).map { UInt16(octet($0 * 2)) << 8 | UInt16(octet($0 * 2 + 1)) }
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > max(best.count, 1) { best = start..<end }
      start = max(end, start + 1)
    }
    func text(_ range: Range<Int>) -> String {
      groups[range].map { String($0, radix: 16) }.joined(separator: ":")
    }
    if best.isEmpty { return text(0..<8) }
    return text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
  }
}
