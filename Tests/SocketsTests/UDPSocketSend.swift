import Sockets

extension UDPSocket {
  /// Sends an array.
  borrowing func send(_ octets: [UInt8], to client: SocketAddress, from source: SocketAddress) {
    send(octets.span, to: client, from: source)
  }
}
