import Glibc
import Sockets
import Testing

/// Here an address is the server's kind.
typealias SocketAddress = Sockets.SocketAddress

extension SocketAddress {
  /// An IPv4 address from its 32 bits.
  static func v4(_ value: UInt32, port: UInt16 = 0) -> SocketAddress {
    SocketAddress(isV6: false, high: UInt64(value) << 32, low: 0, port: port)
  }

  /// An address of 127.0.0.0/8 by its last octet.
  static func loopback(_ last: UInt8 = 1, port: UInt16 = 0) -> SocketAddress {
    .v4(0x7F00_0000 | UInt32(last), port: port)
  }

  /// `::1`.
  static func loopbackV6(port: UInt16 = 0) -> SocketAddress {
    SocketAddress(isV6: true, high: 0, low: 1, port: port)
  }

  /// The address with another port.
  func at(_ port: UInt16) -> SocketAddress {
    var copy = self
    copy.port = port
    return copy
  }
}

/// Addresses as values and as the kernel has them.
@Suite struct SocketAddressTests {
  static let addresses: [SocketAddress] = [
    .wildcard(isV6: false, port: 0), .wildcard(isV6: false, port: 53),
    .wildcard(isV6: true, port: 0), .wildcard(isV6: true, port: 65_535),
    .loopback(port: 1), .v4(0xFFFF_FFFF, port: 0x1234), .v4(0xC000_0201, port: 5353),
    .v4(1, port: 53), .loopbackV6(port: 53),
    SocketAddress(isV6: true, high: 0x2001_0DB8_0102_0304, low: 0x0506_0708_090A_0B0C, port: 53),
    SocketAddress(isV6: true, high: .max, low: .max, port: 65_535, scope: .max),
    SocketAddress(isV6: true, high: 0xFE80 << 48, low: 1, port: 53, scope: 7),
    // IPv4-compatible and almost mapped: IPv6 all the same.
    SocketAddress(isV6: true, high: 0, low: 0x7F00_0001, port: 53),
    SocketAddress(isV6: true, high: 0, low: 0xFFFE_7F00_0001, port: 53),
    SocketAddress(isV6: true, high: 1, low: 0xFFFF_7F00_0001, port: 53),
  ]

  private func read(_ storage: sockaddr_storage) -> SocketAddress? {
    var storage = storage
    // SAFETY: a whole sockaddr_storage.
    return unsafe withUnsafeBytes(of: &storage) { octets in
      guard let start = octets.baseAddress else { return nil }
      return unsafe SocketAddress(kernelForm: start)
    }
  }

  @Test(arguments: addresses)
  func `the kernel's form says the same`(address: SocketAddress) {
    #expect(read(address.kernelForm) == address)
  }

  @Test func `the kernel's form is in network order`() {
    var storage = SocketAddress.v4(0xC000_0201, port: 0x1234).kernelForm
    let octets = unsafe withUnsafeBytes(of: &storage) { unsafe Array($0.prefix(8)) }
    #expect(octets.dropFirst(2) == [0x12, 0x34, 192, 0, 2, 1])
    var storageV6 = SocketAddress(
      isV6: true, high: 0x2001_0DB8_0102_0304, low: 0x0506_0708_090A_0B0C, port: 53
    ).kernelForm
    let octetsV6 = unsafe withUnsafeBytes(of: &storageV6) { unsafe Array($0.prefix(24)) }
    #expect(octetsV6[2..<4] == [0, 53])
    #expect(octetsV6[8...] == [0x20, 0x01, 0x0D, 0xB8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  }

  @Test func `an IPv4 address in IPv6 form is IPv4`() {
    let mapped = SocketAddress(isV6: true, high: 0, low: 0xFFFF_C000_0201, port: 53)
    #expect(read(mapped.kernelForm) == .v4(0xC000_0201, port: 53))
  }

  @Test func `wildcards know it`() {
    #expect(SocketAddress.wildcard(isV6: false, port: 53).isWildcard)
    #expect(SocketAddress.wildcard(isV6: true, port: 53).isWildcard)
    #expect(!SocketAddress.loopback(port: 53).isWildcard)
    #expect(!SocketAddress.loopbackV6(port: 53).isWildcard)
    #expect(!SocketAddress.v4(1).isWildcard)
  }

  @Test func `families do not mix`() {
    #expect(SocketAddress.wildcard(isV6: false, port: 1) != .wildcard(isV6: true, port: 1))
    #expect(SocketAddress.loopback(port: 1) != .loopback(port: 2))
  }

  @Test(arguments: [SocketAddress.loopback(), .loopback(200), .loopbackV6()])
  func `a bound socket tells its address and a real port`(address: SocketAddress) throws {
    let datagram = try UDPSocket(address)
    #expect(datagram.local.port != 0)
    #expect(datagram.local == address.at(datagram.local.port))
    let listener = try TCPListener(address)
    #expect(listener.local.port != 0)
    #expect(listener.local == address.at(listener.local.port))
  }
}
