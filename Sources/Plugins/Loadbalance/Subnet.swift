import Corefile
import DNSWire

/// A network of `prefer`.
struct Subnet: Hashable, Sendable {
  private let family: IPAddress.Family
  private let high: UInt64
  private let low: UInt64
  private let bitCount: Int

  /// The network that `token` names as a CIDR; bits behind the prefix are ignored.
  init(_ token: Token) throws(Diagnostic) {
    guard let prefix = IPPrefix(token.text) else {
      throw token.error(
        "found \(quotedForMessage(token.text)), expected a network such as 10.9.0.0/16")
    }
    func half(_ octets: ArraySlice<UInt8>) -> UInt64 {
      octets.reduce(0) { $0 << 8 | UInt64($1) }
    }
    family = prefix.isV6 ? .v6 : .v4
    high = prefix.isV6 ? half(prefix.octets[..<8]) : half(prefix.octets[...]) << 32
    low = prefix.isV6 ? half(prefix.octets[8...]) : 0
    bitCount = prefix.bitCount
  }

  /// Whether `address` is in it.
  func contains(_ address: IPAddress) -> Bool {
    func mask(_ count: Int) -> UInt64 {
      count >= 64 ? .max : count <= 0 ? 0 : ~(UInt64.max >> UInt64(count))
    }
    return address.family == family && (address.high ^ high) & mask(bitCount) == 0
      && (address.low ^ low) & mask(bitCount - 64) == 0
  }

  /// Those in the first of `subnets` first, then those in the second, and at the end the others;
  /// within each as they were.
  static func sorted(_ addresses: [IPAddress], by subnets: [Subnet]) -> [IPAddress] {
    var places = Array(repeating: [IPAddress](), count: subnets.count + 1)
    for address in addresses {
      let place = subnets.firstIndex { $0.contains(address) } ?? subnets.count
      places[place].append(address)
    }
    return places.flatMap { $0 }
  }
}
