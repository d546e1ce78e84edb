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

  /// Lets new datagrams go to the other sockets of the port, of this process or of the one that
  /// takes its place: what has come can still be received and answered. Such a socket hears one
  /// peer alone (udp(7)), and of this one, discard on loopback (RFC 863), nothing comes.
  package func stopHearing() {
    var peer = local
    if needsPacketInfo {
      peer =
        local.isV6
        ? SocketAddress(isV6: true, high: 0, low: 1, port: 0)
        : SocketAddress(isV6: false, high: 0x7F00_0001 << 32, low: 0, port: 0)
    }
    peer.port = 9
    let number = descriptor.number
    // A socket that cannot be connected hears on until it is closed.
    // SAFETY: the address is the one that the call lends, with its length.
    _ = try? systemCall("connect") {
      unsafe withKernelForm(peer) { unsafe connect(number, $0, $1) }
    }
  }
}
