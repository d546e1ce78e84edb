import CLinux
import Glibc

/// A listening TCP socket that many workers' sockets share a port with.
package struct TCPListener: ~Copyable {
  /// The send queue of each connection, in octets: what a client that does not read can pin.
  package static let sendQueueOctetCount: Int32 = 128 << 10
  /// Connections that may wait to be accepted.
  package static let backlog: Int32 = 1024

  let descriptor: FileDescriptor
  /// The address and port bound.
  package let local: SocketAddress

  /// The kernel's number, to watch it.
  package var number: Int32 { descriptor.number }

  /// Opens, binds and listens.
  package init(_ address: SocketAddress) throws(SystemError) {
    let descriptor = try openSocket(address, Int32(SOCK_STREAM.rawValue))
    try bindListener(descriptor, address)
    // Accepted connections inherit it.
    try? setOption(descriptor, SOL_SOCKET, SO_SNDBUF, Self.sendQueueOctetCount)
    let number = descriptor.number
    _ = try systemCall("listen") { listen(number, Self.backlog) }
    local = try localAddress(descriptor)
    self.descriptor = descriptor
  }

  /// The next waiting connection and its peer; `nil` when there is none.
  ///
  /// Throws EMFILE and the like, when the process has no descriptor left.
  package func accept() throws(SystemError) -> (stream: TCPStream, peer: SocketAddress)? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let own = descriptor.number
    let number = try systemCall("accept") {
      unsafe withUnsafeMutablePointer(to: &storage) { pointer in
        // SAFETY: every sockaddr form starts with the members of sockaddr.
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe clinux_accept(own, $0, &length)
        }
      }
    }
    guard let number else { return nil }
    let peer = unsafe withUnsafeBytes(of: &storage) { octets -> SocketAddress in
      guard let start = octets.baseAddress else { return .wildcard(isV6: false, port: 0) }
      return unsafe SocketAddress(kernelForm: start)
    }
    return (TCPStream(descriptor: FileDescriptor(owning: number)), peer)
  }
}

/// A connected, non-blocking TCP socket.
package final class TCPStream {
  private let descriptor: FileDescriptor

  init(descriptor: consuming FileDescriptor) {
    self.descriptor = descriptor
    // Each reply leaves at once, in one segment with its length (RFC 7766 §8).
    try? setOption(self.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
  }

  /// The kernel's number, to watch it.
  package var number: Int32 { descriptor.number }

  /// The address and port that the client connected to.
  package var local: SocketAddress {
    (try? localAddress(descriptor)) ?? .wildcard(isV6: false, port: 0)
  }

  /// Reads into `buffer` from `offset` up to its count: octets read, 0 at the end of the stream,
  /// `nil` when there is nothing yet.
  package func read(
    into buffer: inout [UInt8], at offset: Int
  ) throws(SystemError) -> Int? {
    let number = descriptor.number
    let room = buffer.count - offset
    guard offset >= 0, room > 0 else { return nil }
    return try systemCall("recv") {
      unsafe buffer.withUnsafeMutableBytes { octets in
        // SAFETY: offset + room is the count of the array.
        unsafe recv(number, octets.baseAddress.map { unsafe $0 + offset }, room, 0)
      }
    }
  }

  /// Writes octets `range` of `buffer`: how many the kernel took, `nil` when it takes none now.
  package func write(_ buffer: [UInt8], _ range: Range<Int>) throws(SystemError) -> Int? {
    let number = descriptor.number
    guard range.lowerBound >= 0, range.upperBound <= buffer.count, !range.isEmpty else { return 0 }
    return try systemCall("send") {
      unsafe buffer.withUnsafeBytes { octets in
        // SAFETY: the range lies in the array.
        unsafe Glibc.send(
          number, octets.baseAddress.map { unsafe $0 + range.lowerBound }, range.count,
          Int32(MSG_NOSIGNAL))
      }
    }
  }

  /// Says that no more will be written; what was written still goes out.
  package func finishWriting() {
    _ = shutdown(descriptor.number, Int32(SHUT_WR))
  }

  /// Makes closing send a reset, without lingering: for connections that are cut off.
  package func resetOnClose() {
    var option = linger(l_onoff: 1, l_linger: 0)
    let size = socklen_t(MemoryLayout<linger>.size)
    unsafe setsockopt(descriptor.number, SOL_SOCKET, SO_LINGER, &option, size)
  }
}
