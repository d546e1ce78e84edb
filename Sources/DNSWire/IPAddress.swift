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
    self.init(text.span)
  }

  /// Parses address text without allocating. With `dash`, a `-` stands for that separator, as in
  /// the names of pods.
  package init?(_ text: borrowing Span<UInt8>, dash: UInt8 = UInt8(ascii: "-")) {
    let colon = UInt8(ascii: ":")
    var isV6 = false
    for index in 0..<text.count {
      if text[index] == colon || (text[index] == UInt8(ascii: "-") && dash == colon) { isV6 = true }
    }
    var scanner = AddressScanner(dash: dash)
    if isV6 {
      guard let halves = scanner.v6(text) else { return nil }
      self.init(v6High: halves.high, low: halves.low)
    } else {
      guard let value = scanner.v4(text, to: text.count), scanner.index == text.count else {
        return nil
      }
      self.init(v4: value)
    }
  }
}

/// A cursor over address text; total over any octets.
private struct AddressScanner {
  /// What a dash stands for; the dash itself when it stands for nothing.
  let dash: UInt8
  var index = 0

  private func octet(_ text: borrowing Span<UInt8>, _ index: Int) -> UInt8 {
    guard index < text.count else { return 0 }
    return text[index] == UInt8(ascii: "-") ? dash : text[index]
  }

  /// Four decimal numbers up to 255, one to three digits, no leading zero.
  mutating func v4(_ text: borrowing Span<UInt8>, to end: Int) -> UInt32? {
    var value: UInt32 = 0
    for part in 0..<4 {
      if part > 0 {
        guard octet(text, index) == UInt8(ascii: ".") else { return nil }
        index += 1
      }
      let start = index
      var number: UInt32 = 0
      while index < end, index - start < 4, (48...57).contains(octet(text, index)) {
        number = number * 10 + UInt32(octet(text, index) - 48)
        index += 1
      }
      let digits = index - start
      guard (1...3).contains(digits), number <= 255, digits == 1 || octet(text, start) != 48 else {
        return nil
      }
      value = value << 8 | number
    }
    return value
  }

  /// Up to eight groups of hexadecimal digits, one run of zeros as `::`, the last two groups
  /// possibly as IPv4.
  mutating func v6(_ text: borrowing Span<UInt8>) -> (high: UInt64, low: UInt64)? {
    let colon = UInt8(ascii: ":")
    guard text.count <= 45 else { return nil }
    var groups = InlineArray<8, UInt16>(repeating: 0)
    var count = 0
    var gap = -1
    if octet(text, 0) == colon {
      guard octet(text, 1) == colon else { return nil }
      gap = 0
      index = 2
    }
    while index < text.count {
      guard count < 8 else { return nil }
      let start = index
      if let group = hexGroup(text) {
        if octet(text, index) == UInt8(ascii: ".") {
          index = start
          guard count <= 6, let value = v4(text, to: text.count), index == text.count else {
            return nil
          }
          groups[count] = UInt16(truncatingIfNeeded: value >> 16)
          groups[count + 1] = UInt16(truncatingIfNeeded: value)
          count += 2
          break
        }
        groups[count] = group
        count += 1
      } else {
        return nil
      }
      if index == text.count { break }
      guard octet(text, index) == colon else { return nil }
      index += 1
      if octet(text, index) == colon {
        guard gap < 0 else { return nil }
        gap = count
        index += 1
      } else if index == text.count {
        return nil
      }
    }
    guard gap < 0 ? count == 8 : count < 8 else { return nil }
    return halves(groups, count: count, gap: gap < 0 ? count : gap)
  }

  /// One to four hexadecimal digits.
  private mutating func hexGroup(_ text: borrowing Span<UInt8>) -> UInt16? {
    let start = index
    var value: UInt16 = 0
    while index < text.count, index - start < 5 {
      let digit = octet(text, index)
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(digit - 48)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt16(digit - 87)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt16(digit - 55)
      default: return (1...4).contains(index - start) ? value : nil
      }
      index += 1
    }
    return (1...4).contains(index - start) ? value : nil
  }

  /// The groups with the gap filled by zeros.
  private func halves(
    _ groups: InlineArray<8, UInt16>, count: Int, gap: Int
  ) -> (high: UInt64, low: UInt64) {
    var (high, low): (UInt64, UInt64) = (0, 0)
    let behind = count - gap
    for place in 0..<8 {
      var group: UInt16 = 0
      if place < gap { group = groups[place] }
      if place >= 8 - behind { group = groups[(place - 8 + count) & 7] }
      high = high << 16 | low >> 48
      low = low << 16 | UInt64(group)
    }
    return (high, low)
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
