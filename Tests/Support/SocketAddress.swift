import Glibc

/// An IPv4 or IPv6 address with a port, kept as the bytes of its `sockaddr`.
package struct SocketAddress: Equatable, Sendable {
  /// The bytes of a `sockaddr_in` (16 octets) or `sockaddr_in6` (28 octets).
  let bytes: [UInt8]
  /// `AF_INET` or `AF_INET6`.
  let family: Int32

  /// Parses a numeric address; nil when `host` is neither IPv4 nor IPv6 text.
  package init?(host: String, port: UInt16) {
    let isIPv6 = host.contains(":")
    family = isIPv6 ? AF_INET6 : AF_INET
    let addressOffset = isIPv6 ? 8 : 4
    var address = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
    // SAFETY: inet_pton writes 4 or 16 octets, which is the size of `address` for the family.
    let outcome = unsafe inet_pton(family, host, &address)
    guard outcome == 1 else { return nil }
    var bytes = [UInt8](repeating: 0, count: isIPv6 ? 28 : 16)
    bytes.replaceSubrange(0..<2, with: Self.hostOrder(UInt16(truncatingIfNeeded: family)))
    bytes[2] = UInt8(truncatingIfNeeded: port >> 8)
    bytes[3] = UInt8(truncatingIfNeeded: port)
    bytes.replaceSubrange(addressOffset..<addressOffset + address.count, with: address)
    self.bytes = bytes
  }

  /// Takes the bytes that `recvfrom` stored; nil for a family that is not the Internet's.
  init?(bytes: [UInt8]) {
    guard bytes.count >= 16 else { return nil }
    self.bytes = bytes
    if Array(bytes.prefix(2)) == Self.hostOrder(UInt16(truncatingIfNeeded: AF_INET)) {
      family = AF_INET
    } else if Array(bytes.prefix(2)) == Self.hostOrder(UInt16(truncatingIfNeeded: AF_INET6)) {
      family = AF_INET6
    } else {
      return nil
    }
  }

  /// The port.
  package var port: UInt16 { UInt16(bytes[2]) << 8 | UInt16(bytes[3]) }

  private static func hostOrder(_ value: UInt16) -> [UInt8] {
    let little = value.littleEndian == value
    let high = UInt8(truncatingIfNeeded: value >> 8)
    let low = UInt8(truncatingIfNeeded: value)
    return little ? [low, high] : [high, low]
  }

  /// Lends the address as the system calls want it.
  func withPointer<Result>(
    _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result
  ) -> Result {
    let count = socklen_t(bytes.count)
    // SAFETY: `bytes` has the layout of the family's sockaddr and outlives the closure.
    return unsafe bytes.withUnsafeBytes { buffer in
      unsafe body(buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self), count)
    }
  }
}

extension SocketAddress {
  /// Whether address and port are the same; flow label and scope do not count.
  package func isSameEndpoint(as other: SocketAddress) -> Bool {
    guard family == other.family, bytes[2..<4] == other.bytes[2..<4] else { return false }
    let range = family == AF_INET6 ? 8..<24 : 4..<8
    guard range.upperBound <= bytes.count, range.upperBound <= other.bytes.count else {
      return false
    }
    return bytes[range] == other.bytes[range]
  }
}

extension SocketAddress {
  /// Whether the address is the same, whatever the port.
  package func isSameHost(as other: SocketAddress) -> Bool {
    guard family == other.family else { return false }
    let range = family == AF_INET6 ? 8..<24 : 4..<8
    return bytes[range] == other.bytes[range]
  }
}
