/// An address and a prefix length as text gives them: `10.0.0.0/17`, `2001:db8::/32`.
package struct IPPrefix: Sendable {
  /// 4 or 16 octets; those bits are zero that are not in the prefix.
  package let octets: [UInt8]
  /// The prefix length, at most 32 or 128.
  package let bitCount: Int

  /// Whether the address is IPv6.
  package var isV6: Bool { octets.count == 16 }

  /// A prefix from `address/length`; `nil` for anything else.
  package init?(_ text: String) {
    guard let slash = text.lastIndex(of: "/") else { return nil }
    let digits = text[slash...].dropFirst()
    guard (1...3).contains(digits.utf8.count), Self.isNumber(digits), let length = Int(digits),
      digits.utf8.count == 1 || digits.first != "0", var octets = Self.octets(of: text[..<slash]),
      length <= octets.count * 8
    else { return nil }
    for index in octets.indices {
      let kept = min(max(length - index * 8, 0), 8)
      octets[index] &= UInt8(truncatingIfNeeded: 0xFF00 >> kept)
    }
    self.octets = octets
    bitCount = length
  }

  /// Whether the text around the `/` at `slash` is meant as a CIDR, right or wrong.
  ///
  /// `0/25.2.0.192.in-addr.arpa` (RFC 2317 §4) is a name.
  static func looksLikeCIDR(_ text: String, slash: String.Index) -> Bool {
    let address = text[..<slash]
    let length = text[slash...].dropFirst()
    if address.contains(":") { return true }
    guard length.isEmpty || isNumber(length) else { return false }
    return !address.isEmpty && address.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
  }

  /// Whether `text` is an IPv6 address without a prefix length.
  static func isAddressV6(_ text: some StringProtocol) -> Bool {
    text.contains(":") && octets(of: text) != nil
  }

  /// The 4 or 16 octets of an address (RFC 4291 §2.2); `nil` when it is none.
  static func octets(of text: some StringProtocol) -> [UInt8]? {
    let addressByteCountMax = 45
    guard text.utf8.count <= addressByteCountMax else { return nil }
    let bytes = Array(text.utf8)
    return bytes.contains(UInt8(ascii: ":")) ? octetsV6(bytes[...]) : octetsV4(bytes[...])
  }

  // MARK: - Parts

  private static func isNumber(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func octetsV4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var octets: [UInt8] = []
    for part in parts {
      guard (1...3).contains(part.count), part.count == 1 || part.first != 0x30,
        part.allSatisfy({ (0x30...0x39).contains($0) }),
        let octet = UInt8(exactly: part.reduce(0) { $0 * 10 + Int($1 - 0x30) })
      else { return nil }
      octets.append(octet)
    }
    return octets
  }

  /// Splits at the one `::` there may be; each side is groups of four digits, the end may be IPv4.
  private static func octetsV6(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let colon = UInt8(ascii: ":")
    let gap = text.indices.dropLast().first { text[$0] == colon && text[$0 + 1] == colon }
    guard let gap else {
      guard let octets = groups(text), octets.count == 16 else { return nil }
      return octets
    }
    let tail = text[(gap + 2)...]
    guard let left = gap == text.startIndex ? [] : groups(text[..<gap], mayEndInV4: false),
      let right = tail.isEmpty ? [] : groups(tail), left.count + right.count <= 14
    else { return nil }
    return left + [UInt8](repeating: 0, count: 16 - left.count - right.count) + right
  }

  private static func groups(_ text: ArraySlice<UInt8>, mayEndInV4: Bool = true) -> [UInt8]? {
    var octets: [UInt8] = []
    let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if mayEndInV4, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
        guard let last = octetsV4(part) else { return nil }
        octets += last
      } else {
        let digits = String(decoding: part, as: UTF8.self)
        guard (1...4).contains(part.count), part.first != UInt8(ascii: "+"),
          let group = UInt16(digits, radix: 16)
        else { return nil }
        octets += [UInt8(truncatingIfNeeded: group >> 8), UInt8(truncatingIfNeeded: group)]
      }
    }
    return octets
  }
}
