import DNSWire
import PluginChain
import Sockets

/// A worker's UDP socket and the server blocks behind it.
package final class UDPService {
  let socket: UDPSocket
  /// The address bound, with its real port.
  let address: SocketAddress
  /// A reload changes them, between two batches.
  var routes: RouteTable

  init(_ address: SocketAddress, _ routes: RouteTable) throws(SystemError) {
    socket = try UDPSocket(address)
    var bound = address
    bound.port = socket.local.port
    self.address = bound
    self.routes = routes
  }
}

/// A worker's TCP listener and the server blocks behind it.
final class TCPService {
  let listener: TCPListener
  /// The address bound: its connections know it by that.
  let address: SocketAddress
  /// A reload changes them, between two batches.
  var routes: RouteTable
  /// Those of its connections; a reload changes them, too.
  var limits: ServerLimits
  /// Accepting rests until then: the process had no descriptor left. 0 when it does not.
  var restsUntil: UInt64 = 0

  init(
    _ address: SocketAddress, _ routes: RouteTable, _ limits: ServerLimits
  ) throws(SystemError) {
    listener = try TCPListener(address)
    self.address = address
    self.routes = routes
    self.limits = limits
  }
}

/// One TCP connection of a worker: the stream, its state, and who is at the other end.
final class TCPConnection {
  let number: UInt64
  let stream: TCPStream
  /// The address of the listener that accepted it.
  let origin: SocketAddress
  /// The server blocks behind that address, as of now.
  var routes: RouteTable
  let client: TransportAddress
  let server: TransportAddress
  var state: TCPConnectionState
  var interest: Readiness = .read
  /// What this connection adds to the worker's octets in flight, as last counted.
  var countedOctets = 0

  init(
    number: UInt64, _ stream: TCPStream, of service: TCPService, peer: SocketAddress,
    state: TCPConnectionState
  ) {
    self.number = number
    self.stream = stream
    origin = service.address
    routes = service.routes
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
