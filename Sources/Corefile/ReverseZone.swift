/// The zones of reverse lookups (RFC 1035 §3.5, RFC 3596 §2.5).
package enum ReverseZone {
  /// The reverse zones that together hold exactly the addresses of `cidr`, in ascending order.
  ///
  /// `10.0.0.0/8` is one zone, `10.0.0.0/17` is split at the next octet into 128, an IPv6 prefix at
  /// the next nibble into at most 8, as CoreDNS does. Bits after the prefix do not count.
  /// `nil` when `cidr` is no whole address with a prefix length.
  package static func zones(cidr: String) -> [String]? {
    guard let prefix = IPPrefix(cidr) else { return nil }
    return prefix.isV6 ? zonesV6(prefix) : zonesV4(prefix)
  }

  private static func zonesV4(_ prefix: IPPrefix) -> [String] {
    let suffix = "in-addr.arpa."
    let wholeCount = prefix.bitCount / 8
    let extraBitCount = prefix.bitCount % 8
    let labels = prefix.octets.prefix(wholeCount).reversed().map { "\($0)." }.joined()
    guard extraBitCount > 0 else { return [labels + suffix] }
    let first = prefix.octets[wholeCount]
    let count = 1 << (8 - extraBitCount)
    return (0..<count).map { "\(Int(first) + $0)." + labels + suffix }
  }

  private static func zonesV6(_ prefix: IPPrefix) -> [String] {
    let suffix = "ip6.arpa."
    let nibbles = prefix.octets.flatMap { [Int($0 >> 4), Int($0 & 15)] }
    let wholeCount = prefix.bitCount / 4
    let extraBitCount = prefix.bitCount % 4
    func label(_ nibble: Int) -> String { String(nibble, radix: 16) + "." }
    let labels = nibbles.prefix(wholeCount).reversed().map(label).joined()
    guard extraBitCount > 0 else { return [labels + suffix] }
    let first = nibbles[wholeCount]
    let count = 1 << (4 - extraBitCount)
    return (0..<count).map { label(first + $0) + labels + suffix }
  }
}
