import Glibc
import Sockets
import TestSupport
import Testing

/// Sockets that listen: shared among workers, and never by chance.
@Suite struct ListeningSocketTests {
  /// Keeps a noncopyable socket in an array.
  private final class Kept<Socket: ~Copyable> {
    let socket: Socket

    init(_ socket: consuming Socket) {
      self.socket = socket
    }
  }

  @Test func `workers share a port that was asked for`() throws {
    let first = try UDPSocket(.loopback())
    let second = try UDPSocket(first.local)
    #expect(second.local == first.local)
    let listener = try TCPListener(.loopback())
    let another = try TCPListener(listener.local)
    #expect(another.local == listener.local)
  }

  /// Among so many sockets two would meet, were the system free to choose a port in use.
  @Test func `a port that the system chooses is nobody else's`() throws {
    let count = 300
    let datagrams = try (0..<count).map { _ in Kept(try UDPSocket(.loopback())) }
    #expect(Set(datagrams.map { $0.socket.local.port }).count == count)
    let listeners = try (0..<count).map { _ in Kept(try TCPListener(.loopback())) }
    #expect(Set(listeners.map { $0.socket.local.port }).count == count)
  }

  @Test func `both wildcards can be bound to one port`() throws {
    let port = try freePort()
    let first = try UDPSocket(.wildcard(isV6: false, port: port))
    let second = try UDPSocket(.wildcard(isV6: true, port: port))
    #expect(first.local.port == second.local.port)
    let listener = try TCPListener(.wildcard(isV6: false, port: port))
    let another = try TCPListener(.wildcard(isV6: true, port: port))
    #expect(listener.local.port == another.local.port)
  }

  @Test func `an address that is not ours is an error with its cause`() {
    // TEST-NET-3, RFC 5737.
    let elsewhere = SocketAddress.v4(0xCB00_7101)
    let expected = SystemError("bind", code: EADDRNOTAVAIL)
    let datagram = #expect(throws: SystemError.self) { _ = try UDPSocket(elsewhere).local }
    let stream = #expect(throws: SystemError.self) { _ = try TCPListener(elsewhere).local }
    #expect(datagram == expected)
    #expect(stream == expected)
    #expect("\(expected)" == "bind: Cannot assign requested address")
    #expect(expected != SystemError("listen", code: EADDRNOTAVAIL))
    #expect(expected != SystemError("bind", code: EADDRINUSE))
  }

  @Test func `a connection is accepted, read, written and ended`() throws {
    let listener = try TCPListener(.loopback())
    #expect(try listener.accept() == nil)
    let connection = try TCPConnection(to: DNSClient(port: listener.local.port))
    var accepted: (stream: TCPStream, peer: SocketAddress)?
    _ = try waitUntil(.seconds(20), every: .milliseconds(1)) {
      accepted = try listener.accept()
      return accepted != nil
    }
    let (stream, peer) = try #require(accepted)
    #expect(peer.high == SocketAddress.loopback().high && peer.port != 0)
    #expect(stream.local == listener.local)
    var buffer = [UInt8](repeating: 0, count: 8)
    #expect(try stream.read(into: &buffer, at: 0) == nil, "nothing yet")
    try connection.send([1, 2, 3])
    let isRead = try waitUntil(.seconds(20), every: .milliseconds(1)) {
      try stream.read(into: &buffer, at: 2) == 3
    }
    #expect(isRead)
    #expect(buffer == [0, 0, 1, 2, 3, 0, 0, 0])
    // No room, or none there.
    #expect(try stream.read(into: &buffer, at: 8) == nil)
    #expect(try stream.read(into: &buffer, at: -1) == nil)
    #expect(try stream.write([0, 9, 8, 0], 1..<3) == 2)
    #expect(try stream.write([0], 0..<0) == 0)
    #expect(try stream.write([0], 0..<2) == 0)
    #expect(try connection.receiveSome(timeout: .seconds(20)) == [9, 8])
    stream.finishWriting()
    #expect(try connection.receiveSome(timeout: .seconds(20)).isEmpty)
    connection.shutdownWrite()
    let isAtEnd = try waitUntil(.seconds(20), every: .milliseconds(1)) {
      try stream.read(into: &buffer, at: 0) == 0
    }
    #expect(isAtEnd)
  }

  @Test func `a stream that is cut off resets its client`() throws {
    let listener = try TCPListener(.loopback())
    let connection = try TCPConnection(to: DNSClient(port: listener.local.port))
    _ = try waitUntil(.seconds(20), every: .milliseconds(1)) {
      guard let (stream, _) = try listener.accept() else { return false }
      stream.resetOnClose()
      return true
    }
    let error = #expect(throws: SocketError.self) {
      try connection.receiveSome(timeout: .seconds(20))
    }
    #expect(error == .system(call: "recv", code: ECONNRESET))
  }

  @Test func `writing to a client that is gone is an error, not a signal`() throws {
    let listener = try TCPListener(.loopback())
    var stream: TCPStream?
    do {
      let connection = try TCPConnection(to: DNSClient(port: listener.local.port))
      _ = try waitUntil(.seconds(20), every: .milliseconds(1)) {
        stream = try listener.accept()?.stream
        return stream != nil
      }
      _ = consume connection
    }
    let gone = try #require(stream)
    let fails = waitUntil(.seconds(20), every: .milliseconds(1)) {
      (try? gone.write([1], 0..<1)) == nil
    }
    #expect(fails)
  }
}
