import Glibc
import Sockets
import TestSupport
import Testing

/// The client's side of TCP.
@Suite struct TCPConnectTests {
  private func accept(
    _ listener: borrowing TCPListener
  ) throws -> (stream: TCPStream, peer: SocketAddress) {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: .seconds(20))
    while true {
      if let accepted = try listener.accept() { return accepted }
      try #require(clock.now < deadline)
    }
  }

  /// Waits until the stream is ready for `interest`.
  private func ready(_ stream: TCPStream, _ interest: Readiness) throws -> Readiness {
    let poll = try EventPoll()
    try poll.add(stream.number, token: 1, interest: interest)
    return poll.wait(milliseconds: 20_000) == 1 ? poll.event(0).readiness : []
  }

  @Test(arguments: [SocketAddress.loopback(), .loopbackV6()])
  func `a stream connects, sends and receives`(address: SocketAddress) throws {
    let listener = try TCPListener(address)
    let stream = try TCPStream(connectingTo: listener.local, source: nil)
    #expect(try ready(stream, .write) == .write)
    #expect(stream.connectionFailure() == nil)
    let (peer, client) = try accept(listener)
    #expect(client == stream.local)
    #expect(try stream.write([1, 2, 3], 0..<3) == 3)
    #expect(try ready(peer, .read) == .read)
    var buffer: [UInt8] = [0, 0, 0, 0]
    #expect(try peer.read(into: &buffer, at: 0) == 3)
    #expect(try peer.write([9], 0..<1) == 1)
    #expect(try ready(stream, .read) == .read)
    #expect(try stream.read(into: &buffer, at: 0) == 1)
    #expect(buffer == [9, 2, 3, 0])
  }

  @Test func `a port where nobody listens refuses`() throws {
    let free = SocketAddress.loopback(port: try freePort())
    let failure: SystemError?
    do {
      let stream = try TCPStream(connectingTo: free, source: nil)
      #expect(try ready(stream, .write).contains(.closed))
      failure = stream.connectionFailure()
      #expect(stream.connectionFailure() == nil, "told once")
    } catch let error as SystemError {
      failure = error
    }
    #expect(failure == SystemError("connect", code: ECONNREFUSED))
  }

  @Test func `the source address is the one asked for`() throws {
    let listener = try TCPListener(.loopback())
    let stream = try TCPStream(connectingTo: listener.local, source: .loopback(3, port: 9))
    let (_, client) = try accept(listener)
    #expect(client == .loopback(3).at(stream.local.port))
    #expect(client.port != 9 && client.port != 0)
    // TEST-NET-3, RFC 5737.
    #expect(throws: SystemError("bind", code: EADDRNOTAVAIL)) {
      _ = try TCPStream(connectingTo: listener.local, source: .v4(0xCB00_7101)).number
    }
  }

  @Test func `an address without a way is an error at once`() throws {
    // The discard prefix, RFC 6666: from the loopback address nothing leads there.
    let nowhere = SocketAddress(isV6: true, high: 0x0100_0000_0000_0000, low: 1, port: 53)
    #expect(throws: SystemError.self) {
      _ = try TCPStream(connectingTo: nowhere, source: .loopback()).number
    }
  }
}
