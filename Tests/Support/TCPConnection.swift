import Glibc

/// One TCP connection to the server, with the two-octet framing of RFC 1035 section 4.2.2.
package struct TCPConnection: ~Copyable {
  private let socket: Socket

  /// Connects, without delaying small segments.
  package init(to client: DNSClient) throws(SocketError) {
    let address = try client.address()
    let socket = try Socket(family: address.family, isStream: true)
    try socket.connect(to: address)
    socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, to: 1)
    self.socket = socket
  }

  /// A message with its length in front.
  package static func framed(_ message: [UInt8]) -> [UInt8] {
    [UInt8(truncatingIfNeeded: message.count >> 8), UInt8(truncatingIfNeeded: message.count)]
      + message
  }

  /// Sends all octets as they are.
  package borrowing func send(_ bytes: [UInt8]) throws(SocketError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = try socket.send(rest)
      rest = rest.dropFirst(count)
    }
  }

  /// Sends one message with its length in front.
  package borrowing func sendMessage(_ message: [UInt8]) throws(SocketError) {
    try send(Self.framed(message))
  }

  /// Reads one message; throws `.closed` when the server ends the connection before.
  package borrowing func receiveMessage(
    timeout: Duration = .seconds(20)
  ) throws(SocketError) -> [UInt8] {
    let length = try receive(exactly: 2, timeout: timeout)
    guard let high = length.first, let low = length.last else { throw .closed(receivedCount: 0) }
    return try receive(exactly: Int(high) << 8 | Int(low), timeout: timeout)
  }

  /// Reads what there is; empty when the server has ended the connection.
  package borrowing func receiveSome(timeout: Duration) throws(SocketError) -> [UInt8] {
    try socket.waitReadable(timeout)
    return try socket.receive(countMax: 65_537)
  }

  /// Says that nothing more will be sent.
  package borrowing func shutdownWrite() {
    socket.shutdownWrite()
  }

  private borrowing func receive(
    exactly count: Int, timeout: Duration
  ) throws(SocketError) -> [UInt8] {
    var bytes: [UInt8] = []
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: timeout)
    while bytes.count < count {
      let left = clock.now.duration(to: deadline)
      guard left > .zero else { throw .timedOut }
      try socket.waitReadable(left)
      let more = try socket.receive(countMax: count - bytes.count)
      guard !more.isEmpty else { throw .closed(receivedCount: bytes.count) }
      bytes += more
    }
    return bytes
  }
}
