import DNSWire

/// The address that a name of the reverse tree spells (RFC 1035 §3.5, RFC 3596 §2.5).
enum ReverseName {
  /// The zones of both families; number 0 is IPv4.
  static let zones = ZoneIndex(
    ["in-addr.arpa.", "ip6.arpa."].compactMap { DomainName(text: $0) })

  /// The address of `name`, which is in the zone of `match`; `nil` when it spells none, or only
  /// part of one. An IPv4 address that is written as IPv6 is the IPv4 address.
  static func address(
    _ name: borrowing QueryName, _ match: ZoneIndex.Match
  ) -> IPAddress? {
    let count = name.labelCount &- match.labelCount
    if match.number == 0 {
      guard count == 4 else { return nil }
      var value: UInt32 = 0
      for label in 0..<4 {
        guard let number = decimal(name, label) else { return nil }
        value |= number << UInt32(label &* 8)
      }
      return IPAddress(v4: value)
    }
    guard count == 32 else { return nil }
    var halves: (high: UInt64, low: UInt64) = (0, 0)
    for label in 0..<32 {
      guard let digit = hexadecimal(name, label) else { return nil }
      let shift = UInt64((label & 15) &* 4)
      if label < 16 { halves.low |= digit << shift } else { halves.high |= digit << shift }
    }
    return IPAddress(v6High: halves.high, low: halves.low).unmapped
  }

  /// One to three digits up to 255, no zero in front.
  private static func decimal(_ name: borrowing QueryName, _ label: Int) -> UInt32? {
    let start = name.offset(ofLabel: label)
    let count = Int(name.octets[start & 0xFF])
    guard (1...3).contains(count) else { return nil }
    var value: UInt32 = 0
    for index in 1...count {
      let octet = name.octets[(start &+ index) & 0xFF]
      guard (48...57).contains(octet), index == 1 || value > 0 else { return nil }
      value = value &* 10 &+ UInt32(octet &- 48)
    }
    return value <= 255 ? value : nil
  }

  /// One digit; names of queries are in lower case.
  private static func hexadecimal(_ name: borrowing QueryName, _ label: Int) -> UInt64? {
    let start = name.offset(ofLabel: label)
    guard name.octets[start & 0xFF] == 1 else { return nil }
    let octet = name.octets[(start &+ 1) & 0xFF]
    switch octet {
    case 48...57: return UInt64(octet &- 48)
    case 97...102: return UInt64(octet &- 87)
    default: return nil
    }
  }
}
