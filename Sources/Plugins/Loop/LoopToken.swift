import DNSWire

/// 128 random bits that name a probe: the first label of its name, in hexadecimal.
struct LoopToken: Hashable, Sendable {
  private static let labelOctetCount = 32
  private let high: UInt64
  private let low: UInt64

  /// A new one, from the system's generator.
  init() {
    var random = SystemRandomNumberGenerator()
    high = random.next()
    low = random.next()
  }

  /// The token in the first label of `name`; `nil` when that is none.
  init?(_ name: borrowing QueryName) {
    guard name.labelCount > 0, Int(name.octets[0]) == Self.labelOctetCount else { return nil }
    var halves: (UInt64, UInt64) = (0, 0)
    for index in 1...Self.labelOctetCount {
      guard let digit = Self.digit(name.octets[index & 0xFF]) else { return nil }
      halves.0 = halves.0 << 4 | halves.1 >> 60
      halves.1 = halves.1 << 4 | digit
    }
    high = halves.0
    low = halves.1
  }

  /// The question that carries it: HINFO of a name below `zone`, as CoreDNS's probe.
  func question(in zone: DomainName) -> [UInt8] {
    var label: [UInt8] = [UInt8(Self.labelOctetCount)]
    for half in [high, low] {
      for shift in stride(from: 60, through: 0, by: -4) {
        let digit = UInt8(truncatingIfNeeded: half >> UInt64(shift)) & 0xF
        label.append(digit < 10 ? 48 + digit : 87 + digit)
      }
    }
    return label + zone.wire + [0, UInt8(truncatingIfNeeded: Self.type.rawValue), 0, 1]
  }

  /// HINFO.
  static let type = RRType(rawValue: 13)

  private static func digit(_ octet: UInt8) -> UInt64? {
    switch octet {
    case 48...57: UInt64(octet - 48)
    case 97...102: UInt64(octet - 87)
    default: nil
    }
  }
}
