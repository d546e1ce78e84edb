import Glibc
import Sockets
import TestSupport
import Testing

/// Sockets of their own port that speak with one peer.
@Suite struct ConnectedUDPSocketTests {
  /// What arrives next at `socket`.
  private func next(
    _ socket: borrowing UDPSocket
  ) throws -> (octets: [UInt8], client: SocketAddress) {
    var batch = DatagramBatch(slotCount: 1)
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: .seconds(20))
    while batch.receive(from: socket) == 0 { try #require(clock.now < deadline) }
    var octets: [UInt8] = []
    batch.withQuery(0, &octets) { span, octets in
      for index in span.indices { octets.append(span[index]) }
    }
    return (octets, batch.client(0))
  }

  /// The next datagram, or failure, of `socket`.
  private func next(_ socket: ConnectedUDPSocket, room: Int = 65_535) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: room)
    var count: Int?
    let hasCome = try waitUntil(.seconds(20), every: .milliseconds(1)) {
      count = try socket.receive(into: &buffer)
      return count != nil
    }
    try #require(hasCome)
    return Array(buffer.prefix(count ?? 0))
  }

  @Test(arguments: [SocketAddress.loopback(), .loopbackV6()])
  func `datagrams go to and fro`(address: SocketAddress) throws {
    let peer = try UDPSocket(address)
    let socket = try ConnectedUDPSocket(peer: peer.local, source: nil)
    var buffer: [UInt8] = [0]
    #expect(try socket.receive(into: &buffer) == nil)
    #expect(try socket.send([1, 2, 3]))
    let query = try next(peer)
    #expect(query.octets == [1, 2, 3])
    #expect(query.client == socket.local)
    for reply: [UInt8] in [[4, 5], [], [UInt8](repeating: 7, count: 9000)] {
      peer.send(reply, to: query.client, from: peer.local)
      #expect(try next(socket) == reply)
    }
    peer.send([1, 2, 3, 4], to: query.client, from: peer.local)
    #expect(try next(socket, room: 3) == [1, 2, 3], "cut to the room there is")
  }

  @Test func `others are not heard`() throws {
    let peer = try UDPSocket(.loopback())
    let otherPort = try UDPSocket(.loopback())
    let otherAddress = try UDPSocket(.loopback(2).at(peer.local.port))
    let socket = try ConnectedUDPSocket(peer: peer.local, source: nil)
    otherPort.send([1], to: socket.local, from: otherPort.local)
    otherAddress.send([2], to: socket.local, from: otherAddress.local)
    peer.send([3], to: socket.local, from: peer.local)
    #expect(try next(socket) == [3])
  }

  @Test(arguments: [false, true])
  func `a port where nobody listens is told`(bySending: Bool) throws {
    let free = SocketAddress.loopback(port: try freePort())
    let socket = try ConnectedUDPSocket(peer: free, source: nil)
    #expect(try socket.send([1]))
    if bySending {
      #expect(throws: SystemError("send", code: ECONNREFUSED)) { _ = try socket.send([2]) }
      #expect(try socket.send([3]), "told once")
    } else {
      #expect(throws: SystemError("recv", code: ECONNREFUSED)) { _ = try next(socket) }
      var buffer: [UInt8] = [0]
      #expect(try socket.receive(into: &buffer) == nil, "told once")
    }
  }

  @Test func `the source address is the one asked for`() throws {
    let peer = try UDPSocket(.loopback())
    let socket = try ConnectedUDPSocket(peer: peer.local, source: .loopback(3, port: 9))
    #expect(try socket.send([1]))
    let client = try next(peer).client
    #expect(client == .loopback(3).at(socket.local.port))
    #expect(client.port != 9 && client.port != 0)
    // TEST-NET-3, RFC 5737.
    #expect(throws: SystemError("bind", code: EADDRNOTAVAIL)) {
      _ = try ConnectedUDPSocket(peer: peer.local, source: .v4(0xCB00_7101))
    }
  }

  /// RFC 5452 §9.2: whoever forges a reply must not know the port. One socket after the other, so
  /// that nothing but chance keeps the ports apart.
  @Test(arguments: [nil, SocketAddress.loopback(4)])
  func `ports are spread`(source: SocketAddress?) throws {
    let peer = try UDPSocket(.loopback())
    let ports = try (0..<800).map { _ in
      Int(try ConnectedUDPSocket(peer: peer.local, source: source).local.port)
    }
    #expect(Set(ports).count >= 760)
    let neighborCount = zip(ports, ports.dropFirst()).count { abs($0 - $1) <= 2 }
    #expect(neighborCount <= 8, "no port follows from the one before")
    let range = try #require(ports.max()) - #require(ports.min())
    #expect(range > 20_000)
  }
}
