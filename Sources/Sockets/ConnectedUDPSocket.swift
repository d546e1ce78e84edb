import CLinux
import Glibc

/// A UDP socket of its own port that speaks with one peer: what others send never arrives.
package final class ConnectedUDPSocket {
  /// Datagrams that may be found right after connecting; with more the socket is given up.
  private static let strayCountMax = 64

  private let descriptor: FileDescriptor

  /// The kernel's number, to watch it.
  package var number: Int32 { descriptor.number }

  /// Opens a non-blocking socket and connects it to `peer`; it leaves from `source`, whose port is
  /// not used, or from the address that routing chooses. The kernel draws the port at random
  /// (RFC 5452 §9.2).
  package init(peer: SocketAddress, source: SocketAddress?) throws(SystemError) {
    let descriptor = try openSocket(peer, Int32(SOCK_DGRAM.rawValue))
    // A forged "fragmentation needed" must not shrink what is sent (RFC 9715 §3.1). 5 is ..._OMIT.
    if peer.isV6 {
      try setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_MTU_DISCOVER, 5)
    } else {
      try setOption(descriptor, Int32(IPPROTO_IP), IP_MTU_DISCOVER, 5)
    }
    if let source { try bindSource(descriptor, source) }
    guard try startConnecting(descriptor, peer) else { throw SystemError("connect", code: EAGAIN) }
    self.descriptor = descriptor
    try discardStrays()
  }

  /// The address and port that datagrams leave from.
  package var local: SocketAddress {
    (try? localAddress(descriptor)) ?? .wildcard(isV6: false, port: 0)
  }

  /// Between the choice of the port and the connection anybody's datagrams were taken in.
  private func discardStrays() throws(SystemError) {
    var octet: [UInt8] = [0]
    for _ in 0..<Self.strayCountMax {
      guard try receive(into: &octet) != nil else { return }
    }
    throw SystemError("recv", code: EBUSY)
  }

  /// Sends one datagram: whether the kernel took it. Its queue may be full: then it is lost, as it
  /// can be on the way.
  ///
  /// - Throws: what became of an earlier datagram (ECONNREFUSED), or of this one.
  package func send(_ octets: [UInt8]) throws(SystemError) -> Bool {
    let number = descriptor.number
    do {
      let count = try systemCall("send") {
        unsafe octets.withUnsafeBytes { data in
          // SAFETY: the kernel reads the octets of the array, which lives for the call.
          unsafe Glibc.send(number, data.baseAddress, data.count, Int32(MSG_NOSIGNAL))
        }
      }
      return count != nil
    } catch {
      if error.code == ENOBUFS || error.code == ENOMEM { return false }
      throw error
    }
  }

  /// Receives one datagram, cut to the size of `buffer`: its octets, 0 for an empty one, `nil` when
  /// there is none.
  ///
  /// - Throws: what became of an earlier datagram: ECONNREFUSED when nobody listens there.
  package func receive(into buffer: inout [UInt8]) throws(SystemError) -> Int? {
    let number = descriptor.number
    return try systemCall("recv") {
      unsafe buffer.withUnsafeMutableBytes { octets in
        // SAFETY: the kernel writes at most the count of the array, which lives for the call.
        unsafe recv(number, octets.baseAddress, octets.count, 0)
      }
    }
  }
}
