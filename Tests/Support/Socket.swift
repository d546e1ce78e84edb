import Glibc

/// What went wrong on a socket.
package enum SocketError: Error, Equatable, CustomStringConvertible {
  /// A system call failed with this `errno`.
  case system(call: String, code: Int32)
  /// Nothing came before the deadline.
  case timedOut
  /// The peer closed the connection after `receivedCount` octets of what was awaited.
  case closed(receivedCount: Int)
  /// The text is not a numeric address.
  case badAddress(String)

  package var description: String {
    switch self {
    case .system(let call, let code): "\(call): errno \(code)"
    case .timedOut: "timed out"
    case .closed(let count): "closed after \(count) octets"
    case .badAddress(let text): "not an address: \(text)"
    }
  }
}

/// A socket, blocking unless told otherwise, that is closed when its owner goes away.
package struct Socket: ~Copyable, Sendable {
  /// The number of the open file.
  let descriptor: Int32

  /// Opens a UDP (`SOCK_DGRAM`) or TCP (`SOCK_STREAM`) socket.
  init(family: Int32, isStream: Bool) throws(SocketError) {
    let kind = isStream ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue
    let flags = Int32(kind) | Int32(SOCK_CLOEXEC.rawValue)
    descriptor = socket(family, flags, 0)
    guard descriptor >= 0 else { throw .system(call: "socket", code: errno) }
  }

  /// Takes over a socket that is open already.
  init(owning descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    _ = close(descriptor)
  }

  /// Sets an integer socket option.
  borrowing func set(_ level: Int32, _ option: Int32, to value: Int32) {
    var value = value
    // SAFETY: the option value is one Int32 that lives for the call.
    _ = unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Binds to a local address.
  borrowing func bind(to address: SocketAddress) throws(SocketError) {
    let descriptor = self.descriptor
    let outcome = unsafe address.withPointer { unsafe Glibc.bind(descriptor, $0, $1) }
    guard outcome == 0 else { throw .system(call: "bind", code: errno) }
  }

  /// Starts to accept connections.
  borrowing func listen() throws(SocketError) {
    guard Glibc.listen(descriptor, 1024) == 0 else { throw .system(call: "listen", code: errno) }
  }

  /// Connects; on loopback this is at once or never.
  borrowing func connect(to address: SocketAddress) throws(SocketError) {
    let descriptor = self.descriptor
    let outcome = unsafe address.withPointer { unsafe Glibc.connect(descriptor, $0, $1) }
    guard outcome == 0 else { throw .system(call: "connect", code: errno) }
  }

  /// Sends one datagram, or some octets of a stream; returns how many.
  borrowing func send(_ bytes: ArraySlice<UInt8>) throws(SocketError) -> Int {
    let descriptor = self.descriptor
    // SAFETY: the buffer outlives the call.
    let count = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    guard count >= 0 else { throw .system(call: "send", code: errno) }
    return count
  }

  /// Sends one datagram to an address.
  borrowing func send(_ bytes: [UInt8], to address: SocketAddress) throws(SocketError) {
    let descriptor = self.descriptor
    let count = unsafe address.withPointer { pointer, size in
      // SAFETY: both buffers outlive the call.
      unsafe bytes.withUnsafeBytes {
        unsafe sendto(descriptor, $0.baseAddress, $0.count, 0, pointer, size)
      }
    }
    guard count == bytes.count else { throw .system(call: "sendto", code: errno) }
  }

  /// Waits until there is something to read, or throws `.timedOut`.
  borrowing func waitReadable(_ timeout: Duration) throws(SocketError) {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let milliseconds = Int32(clamping: timeout.milliseconds)
    // SAFETY: one pollfd that lives for the call.
    let count = unsafe poll(&entry, 1, milliseconds)
    guard count >= 0 else { throw .system(call: "poll", code: errno) }
    guard count > 0 else { throw .timedOut }
  }

  /// Reads a datagram or what a stream has (at most `countMax` octets; empty at its end).
  borrowing func receive(countMax: Int = 65_536) throws(SocketError) -> [UInt8] {
    let descriptor = self.descriptor
    var buffer = [UInt8](repeating: 0, count: countMax)
    // SAFETY: the buffer outlives the call and its size is passed.
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
    }
    guard count >= 0 else { throw .system(call: "recv", code: errno) }
    return Array(buffer.prefix(count))
  }

  /// Reads one datagram and says where it came from.
  borrowing func receiveWithSource() throws(SocketError) -> ([UInt8], SocketAddress?) {
    let descriptor = self.descriptor
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var source = [UInt8](repeating: 0, count: 28)
    var sourceCount = socklen_t(source.count)
    // SAFETY: both buffers outlive the call and their sizes are passed.
    let count = unsafe buffer.withUnsafeMutableBytes { data in
      unsafe source.withUnsafeMutableBytes { address in
        unsafe recvfrom(
          descriptor, data.baseAddress, data.count, 0,
          address.baseAddress?.assumingMemoryBound(to: sockaddr.self), &sourceCount)
      }
    }
    guard count >= 0 else { throw .system(call: "recvfrom", code: errno) }
    let address = SocketAddress(bytes: Array(source.prefix(Int(sourceCount))))
    return (Array(buffer.prefix(count)), address)
  }

  /// Ends the sending direction of a stream.
  borrowing func shutdownWrite() {
    _ = shutdown(descriptor, Int32(SHUT_WR))
  }
}

extension Duration {
  /// Whole milliseconds, rounded up so that a wait is never a spin.
  var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
  }
}
