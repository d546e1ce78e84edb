import PluginChain
import Server
import Sockets
import TestSupport
import Testing

/// What one TCP client can cost a running server: memory, time, connections.
@Suite(.timeLimit(.minutes(10))) struct ConnectionLimitTests {
  // MARK: - Clients that do not read

  /// Sends queries until the server takes no more of them.
  private func stuff(_ stream: borrowing RawSocket, _ server: TestServer) throws -> Bool {
    let queries = (0..<2000).flatMap { _ in framed(1) }
    var sentCount = 0
    return try waitUntil(.seconds(60), every: .milliseconds(1)) {
      while let count = stream.send(queries[(sentCount % queries.count)...]), count > 0 {
        sentCount += count
        // A server that reads on and on would take this much too.
        if sentCount > 256 << 20 { return false }
      }
      // Each of these answers is a turn of the worker's loop: had it been willing to read from
      // this connection, it would have made room in one of them.
      for _ in 0..<20 { _ = try server.client.ask(Packet()) }
      return !stream.isWritable()
    }
  }

  @Test func `from a client that does not read, nothing more is read`() throws {
    let server = try TestServer(.answering(recordCount: 100)) {
      $0.connectionOutputOctetCountMax = 64 << 10
      $0.tcpWriteNanoseconds = 600_000_000_000
    }
    let stream = try RawSocket.connected(to: server.address, receiveBuffer: 4096)
    let isPaused = try stuff(stream, server)
    #expect(isPaused)
    try server.expectAnswers()
    // It reads after all, and the server reads on.
    let resumes = waitUntil(.seconds(60), every: .milliseconds(1)) {
      for _ in 0..<50 { _ = stream.receive() }
      return stream.isWritable()
    }
    #expect(resumes)
    stream.resetOnClose()
  }

  @Test func `a client that never reads is cut off`() throws {
    let server = try TestServer(.answering(recordCount: largeRecordCount)) {
      $0.connectionOutputOctetCountMax = 64 << 10
      $0.tcpWriteNanoseconds = 50_000_000
      $0.sweepMilliseconds = 5
    }
    let stream = try RawSocket.connected(to: server.address, receiveBuffer: 4096)
    let inode = ServerSocketInode(serverPort: server.port, clientPort: stream.localPort())
    let held = try #require(inode)
    // The replies are 25 MB, more than the kernel takes for a client.
    let isSent = stream.sendAll((0..<400).flatMap { framed($0) })
    #expect(isSent)
    #expect(waitUntil(.seconds(60)) { !held.isOpen })
    let (octets, end) = stream.drain()
    #expect(end == .reset, "\(octets.count) octets")
    try server.expectAnswers()
  }

  @Test func `replies that waited are no way around the write deadline`() throws {
    let gate = Gate()
    let server = try TestServer(
      Chain([{ PassingGate(gate, next: $0) }, { FixedAnswerer(recordCount: 4000, next: $0) }])
    ) {
      $0.tcpWriteNanoseconds = 50_000_000
      $0.waitingNanoseconds = 600_000_000_000
      $0.sweepMilliseconds = 5
    }
    let stream = try RawSocket.connected(to: server.address, receiveBuffer: 4096)
    let inode = ServerSocketInode(serverPort: server.port, clientPort: stream.localPort())
    let held = try #require(inode)
    let slow = Packet(name: Query.wireName("slow.test"))
    // One after the other, so that the kernel's buffer is full when a reply comes.
    for id in 1...400 as ClosedRange<UInt16> where held.isOpen {
      guard stream.sendAll(framed(id, slow)) else { break }
      let waiting = gate.arrival(id: id, unless: { !held.isOpen })
      guard let waiting else { break }
      server.resume(waiting)
    }
    #expect(waitUntil(.seconds(20)) { !held.isOpen })
    try server.expectAnswers()
  }

  @Test func `a reset in the middle of a reply hurts nobody else`() throws {
    let server = try TestServer(.answering(recordCount: largeRecordCount))
    for round in 0..<10 {
      let stream = try RawSocket.connected(to: server.address, receiveBuffer: 4096)
      let inode = ServerSocketInode(serverPort: server.port, clientPort: stream.localPort())
      let held = try #require(inode)
      let isSent = stream.sendAll((0..<100).flatMap { framed($0) })
      #expect(isSent)
      if round % 2 == 0 { _ = stream.receiveSome(countMax: 1000) }
      stream.resetOnClose()
      _ = consume stream
      #expect(waitUntil(.seconds(20)) { !held.isOpen })
    }
    try server.expectAnswers()
  }

  // MARK: - Limits

  @Test func `above the limit of octets, who leaves replies and asks for more is reset`() throws {
    let server = try TestServer(.answering(recordCount: largeRecordCount)) {
      $0.octetsInFlightMax = 100_000
      $0.connectionOutputOctetCountMax = 10 << 20
      $0.tcpWriteNanoseconds = 600_000_000_000
    }
    let stream = try RawSocket.connected(to: server.address, receiveBuffer: 4096)
    let inode = ServerSocketInode(serverPort: server.port, clientPort: stream.localPort())
    let held = try #require(inode)
    let isOver = waitUntil(.seconds(60), every: .milliseconds(1)) {
      _ = stream.send((0..<10).flatMap { framed($0) }[...])
      return !held.isOpen
    }
    #expect(isOver)
    try server.expectAnswers()
  }

  @Test func `one connection too many costs the one idle longest`() throws {
    let server = try TestServer(.answering()) { $0.connectionCountMax = 3 }
    let first = try TCPConnection(to: server.client)
    let second = try TCPConnection(to: server.client)
    let third = try TCPConnection(to: server.client)
    // The order of use, not of arrival, decides.
    for id in [1, 2] as [UInt16] {
      try third.send(Packet(id: id))
      _ = try third.reply()
      try first.send(Packet(id: id))
      _ = try first.reply()
      try second.send(Packet(id: id))
      _ = try second.reply()
    }
    let fourth = try TCPConnection(to: server.client)
    try fourth.send(Packet(id: 4))
    #expect(try fourth.reply().header.id == 4)
    let hasEnded = third.ends()
    #expect(hasEnded)
    try first.send(Packet(id: 5))
    #expect(try first.reply().header.id == 5)
    try second.send(Packet(id: 6))
    #expect(try second.reply().header.id == 6)
  }

  @Test func `a client over its share pays itself`() throws {
    let server = try TestServer(.answering()) { $0.connectionsPerClientMax = 2 }
    func open(_ last: UInt8) throws -> RawSocket {
      let stream = try RawSocket.connected(to: server.address, from: .loopback(last))
      #expect(stream.sendAll(framed(1)) == true)
      guard case .octets = stream.receiveSome() else {
        Issue.record("no reply to 127.0.0.\(last)")
        return stream
      }
      return stream
    }
    let other = try open(3)
    let first = try open(2)
    let second = try open(2)
    let third = try open(2)
    #expect(first.receiveSome() != .nothing)
    for stream in [2, 3] as [UInt8] { _ = try open(stream) }
    let isSent = other.sendAll(framed(9))
    #expect(isSent)
    guard case .octets(let octets) = other.receiveSome() else {
      Issue.record("another client had to pay")
      return
    }
    #expect(replyIDs(octets) == [9])
    _ = consume second
    _ = consume third
  }

  @Test func `many more connections than may be are all answered in turn`() throws {
    let server = try TestServer(.answering()) { $0.connectionCountMax = 4 }
    for id in 1...100 as ClosedRange<UInt16> {
      #expect(try server.client.askOverTCP(Packet(id: id)).header.id == id)
    }
  }
}
