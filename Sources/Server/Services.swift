import DNSWire
import PluginChain
import Sockets

/// A worker's UDP socket and the server blocks behind it.
final class UDPService {
  let socket: UDPSocket
  let routes: RouteTable

  init(_ address: SocketAddress, _ routes: RouteTable) throws(SystemError) {
    socket = try UDPSocket(address)
    self.routes = routes
  }
}

/// A worker's TCP listener and the server blocks behind it.
final class TCPService {
  let listener: TCPListener
  let routes: RouteTable
  /// Those of its connections.
  let limits: ServerLimits
  /// Accepting rests until then: the process had no descriptor left. 0 when it does not.
  var restsUntil: UInt64 = 0

  init(
    _ address: SocketAddress, _ routes: RouteTable, _ limits: ServerLimits
  ) throws(SystemError) {
    listener = try TCPListener(address)
    self.routes = routes
    self.limits = limits
  }
}

/// One TCP connection of a worker: the stream, its state, and who is at the other end.
final class TCPConnection {
  let number: UInt64
  let stream: TCPStream
  let routes: RouteTable
  let client: TransportAddress
  let server: TransportAddress
  var state: TCPConnectionState
  var interest: Readiness = .read
  /// What this connection adds to the worker's octets in flight, as last counted.
  var countedOctets = 0

  init(
    number: UInt64, _ stream: TCPStream, _ routes: RouteTable, peer: SocketAddress,
    state: TCPConnectionState
  ) {
    self.number = number
    self.stream = stream
    self.routes = routes
    client = TransportAddress(peer)
    server = TransportAddress(stream.local)
    self.state = state
  }
}

extension TransportAddress {
  /// The codec's form of a socket address.
  @inline(__always)
  package init(_ address: SocketAddress) {
    let plain =
      address.isV6
      ? IPAddress(v6High: address.high, low: address.low)
      : IPAddress(v4: UInt32(truncatingIfNeeded: address.high >> 32))
    self.init(address: plain, port: address.port)
  }
}
