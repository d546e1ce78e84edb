import CLinux
import Glibc

/// A bound UDP socket that many workers' sockets share a port with (SO_REUSEPORT).
package struct UDPSocket: ~Copyable {
  /// The receive queue asked for, in octets: bursts wait there, overload is dropped there.
  package static let receiveQueueOctetCount: Int32 = 4 << 20

  let descriptor: FileDescriptor
  /// The address and port bound; the port is the real one also when 0 was asked for.
  package let local: SocketAddress
  /// Bound to every address: each datagram tells which one was asked, and replies name it.
  package let needsPacketInfo: Bool

  /// The kernel's number, to watch it.
  package var number: Int32 { descriptor.number }

  /// Opens and binds.
  package init(_ address: SocketAddress) throws(SystemError) {
    let descriptor = try openSocket(address, Int32(SOCK_DGRAM.rawValue))
    let ip = Int32(IPPROTO_IP)
    let ipv6 = Int32(IPPROTO_IPV6)
    // Replies are small enough for every path; a forged "fragmentation needed" must not shrink
    // them, and the kernel may fragment if it ever comes to that (RFC 9715 §3.1). 5 is ..._OMIT.
    if address.isV6 {
      try setOption(descriptor, ipv6, IPV6_MTU_DISCOVER, 5)
      if address.isWildcard { try setOption(descriptor, ipv6, IPV6_RECVPKTINFO, 1) }
    } else {
      try setOption(descriptor, ip, IP_MTU_DISCOVER, 5)
      if address.isWildcard { try setOption(descriptor, ip, IP_PKTINFO, 1) }
    }
    // As much as the system allows; less is no error.
    try? setOption(descriptor, SOL_SOCKET, SO_RCVBUF, Self.receiveQueueOctetCount)
    try bindListener(descriptor, address)
    local = try localAddress(descriptor)
    needsPacketInfo = address.isWildcard
    self.descriptor = descriptor
  }
}
