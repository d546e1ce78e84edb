import Glibc

/// A blocking client that sends and receives raw messages: it never looks inside.
package struct DNSClient: Sendable {
  /// Where the server listens, numeric.
  package let host: String
  /// The server's port.
  package let port: UInt16

  /// A client of the server at `host` (IPv4 or IPv6 text) and `port`.
  package init(host: String = "127.0.0.1", port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Sends one datagram from a fresh source port and returns the first reply.
  package func udp(
    _ query: [UInt8], timeout: Duration = .seconds(20)
  ) throws(SocketError) -> [UInt8] {
    let channel = try UDPChannel(to: self)
    try channel.send(query)
    return try channel.receive(timeout: timeout)
  }

  /// Sends one message over a fresh connection and returns the first reply.
  package func tcp(
    _ query: [UInt8], timeout: Duration = .seconds(20)
  ) throws(SocketError) -> [UInt8] {
    let connection = try TCPConnection(to: self)
    try connection.sendMessage(query)
    return try connection.receiveMessage(timeout: timeout)
  }

  /// The address as the system calls want it.
  func address() throws(SocketError) -> SocketAddress {
    guard let address = SocketAddress(host: host, port: port) else {
      throw .badAddress(host)
    }
    return address
  }
}

/// A connected UDP socket: only the server's datagrams arrive.
package struct UDPChannel: ~Copyable {
  private let socket: Socket

  /// Opens a socket with a source port of its own.
  package init(to client: DNSClient) throws(SocketError) {
    let address = try client.address()
    let socket = try Socket(family: address.family, isStream: false)
    try socket.connect(to: address)
    self.socket = socket
  }

  /// Sends one datagram (which may be empty).
  package borrowing func send(_ bytes: [UInt8]) throws(SocketError) {
    _ = try socket.send(bytes[...])
  }

  /// Waits for the next datagram.
  package borrowing func receive(timeout: Duration) throws(SocketError) -> [UInt8] {
    try socket.waitReadable(timeout)
    return try socket.receive()
  }

  /// Sends an unconnected query from `source` and returns the reply with the address it bears.
  package static func exchange(
    _ query: [UInt8], with server: SocketAddress, from source: SocketAddress, timeout: Duration
  ) throws(SocketError) -> (reply: [UInt8], source: SocketAddress?) {
    let socket = try Socket(family: server.family, isStream: false)
    try socket.bind(to: source)
    try socket.send(query, to: server)
    try socket.waitReadable(timeout)
    let (reply, address) = try socket.receiveWithSource()
    return (reply, address)
  }
}
