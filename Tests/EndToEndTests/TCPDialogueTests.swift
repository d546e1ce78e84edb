import TestSupport
import Testing

/// Conversations over TCP (RFC 7766).
@Suite struct TCPDialogueTests {
  private let client: DNSClient

  init() throws {
    client = try WireServer.shared().client
  }

  private func query(_ id: Int, _ service: String = "kubernetes") -> [UInt8] {
    Query("\(service).default.svc.cluster.local.", .a, id: UInt16(id)).bytes
  }

  private func framed(_ id: Int, _ service: String = "kubernetes") -> [UInt8] {
    TCPConnection.framed(query(id, service))
  }

  private func reply(_ connection: borrowing TCPConnection) throws -> ParsedMessage {
    try ParsedMessage(connection.receiveMessage(timeout: .seconds(20)))
  }

  @Test func `a message written octet by octet is answered`() throws {
    let connection = try TCPConnection(to: client)
    for octet in framed(7) { try connection.send([octet]) }
    #expect(try reply(connection).header.id == 7)
  }

  @Test func `the length may come in two segments`() throws {
    let connection = try TCPConnection(to: client)
    let bytes = framed(8)
    for part in [bytes[..<1], bytes[1..<2], bytes[2..<9], bytes[9...]] {
      try connection.send(Array(part))
      // Nothing comes before the message is whole: the wait makes separate segments of the parts.
      if part.endIndex < bytes.endIndex {
        #expect(throws: SocketError.timedOut) {
          try connection.receiveSome(timeout: .milliseconds(100))
        }
      }
    }
    #expect(try reply(connection).header.id == 8)
  }

  @Test func `100 pipelined queries are all answered`() throws {
    let connection = try TCPConnection(to: client)
    let count = 100
    try connection.send((0..<count).flatMap { framed($0) })
    var ids: [UInt16] = []
    for _ in 0..<count { ids.append(try reply(connection).header.id) }
    #expect(ids.sorted() == Array(0..<UInt16(count)))
  }

  @Test func `replies still come after a half-close, then the end`() throws {
    let connection = try TCPConnection(to: client)
    try connection.send(framed(1) + framed(2))
    connection.shutdownWrite()
    let ids = [try reply(connection).header.id, try reply(connection).header.id]
    #expect(ids.sorted() == [1, 2])
    #expect(try connection.receiveSome(timeout: .seconds(15)).isEmpty)
  }

  @Test func `1000 queries on one connection are all answered`() throws {
    let connection = try TCPConnection(to: client)
    let count = 1000
    try connection.send((0..<count).flatMap { framed($0) })
    var ids: Set<UInt16> = []
    for _ in 0..<count { ids.insert(try reply(connection).header.id) }
    #expect(ids.count == count)
  }

  @Test func `garbage is FORMERR or the end, and good queries before it are answered`() throws {
    let connection = try TCPConnection(to: client)
    let garbage = Array(query(5).prefix(12)) + [UInt8](repeating: 0xff, count: 20)
    try connection.send(framed(4) + TCPConnection.framed(garbage) + framed(6))
    #expect(try reply(connection).header.id == 4)
    do {
      let second = try reply(connection)
      #expect([5, 6].contains(second.header.id))
      if second.header.id == 5 { #expect(second.responseCode == 1) }
    } catch SocketError.closed {
      // Ending the connection is allowed.
    } catch SocketError.system {
      // So is a reset, when octets were left unread.
    }
    #expect(try ParsedMessage(client.tcp(query(9))).header.id == 9)
  }

  @Test func `a pipelined mix of sizes and response codes is answered`() throws {
    let connection = try TCPConnection(to: client)
    try connection.send(framed(1, "big") + framed(2) + framed(3, "nx"))
    var codes: [UInt16: UInt16] = [:]
    for _ in 0..<3 {
      let message = try reply(connection)
      codes[message.header.id] = message.responseCode
    }
    #expect(codes == [1: 0, 2: 0, 3: 3])
  }

  @Test func `length and message leave in one segment`() throws {
    let connection = try TCPConnection(to: client)
    try connection.send(framed(9))
    let first = try connection.receiveSome(timeout: .seconds(20))
    try #require(first.count > 2)
    #expect(Int(first[0]) << 8 | Int(first[1]) == first.count - 2)
  }

  @Test func `a connection stays open while idle for two seconds`() throws {
    let connection = try TCPConnection(to: client)
    try connection.send(framed(1))
    #expect(try reply(connection).header.id == 1)
    // The wait is the test: nothing, not even the end, may come within two seconds.
    #expect(throws: SocketError.timedOut) { try connection.receiveSome(timeout: .seconds(2)) }
    try connection.send(framed(2))
    #expect(try reply(connection).header.id == 2)
  }

  @Test func `100 connections at once are all served`() throws {
    try ask(onFurtherConnections: 100)
  }

  /// Opens one more connection and asks, then those that are left, and only then reads.
  private func ask(onFurtherConnections count: Int) throws {
    guard count > 0 else { return }
    let connection = try TCPConnection(to: client)
    try connection.send(framed(count))
    try ask(onFurtherConnections: count - 1)
    #expect(try reply(connection).header.id == UInt16(count))
  }

  @Test func `the limit of a message is kept and the stream goes on`() throws {
    let connection = try TCPConnection(to: client)
    try connection.send(framed(1, "giant") + framed(2))
    var ids: Set<UInt16> = []
    for _ in 0..<2 { ids.insert(try reply(connection).header.id) }
    #expect(ids == [1, 2])
  }
}
