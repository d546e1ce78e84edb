import PluginChain
import Server
import Sockets
import TestSupport
import Testing

/// How a running server treats TCP connections that are good, slow or hostile.
@Suite(.timeLimit(.minutes(10))) struct ConnectionTests {
  // MARK: - Good clients

  @Test func `a connection serves one query after another`() throws {
    let server = try TestServer(.answering())
    let connection = try TCPConnection(to: server.client)
    for id in 1...100 as ClosedRange<UInt16> {
      try connection.send(Packet(id: id))
      #expect(try connection.reply().header.id == id)
    }
  }

  /// 300 replies are 19 MB: more than any buffer, and each alone is above the output limit.
  @Test(arguments: [false, true])
  func `a client that reads late gets every reply`(halfCloses: Bool) throws {
    let server = try TestServer(.answering(recordCount: largeRecordCount)) {
      $0.connectionOutputOctetCountMax = 50_000
      $0.tcpIdleNanoseconds = 600_000_000_000
    }
    let stream = try RawSocket.connected(to: server.address)
    let ids = 1...300 as ClosedRange<UInt16>
    let isSent = stream.sendAll(ids.flatMap { framed($0) })
    #expect(isSent)
    if halfCloses { stream.finishWriting() }
    var octets: [UInt8] = []
    let octetCount = ids.count * (2 + 33 + 16 * largeRecordCount)
    while octets.count < octetCount {
      guard case .octets(let more) = stream.receiveSome() else { break }
      octets += more
    }
    #expect(replyIDs(octets) == Array(ids))
    if halfCloses { #expect(stream.receiveSome() == .end) }
  }

  // MARK: - Broken messages

  @Test(arguments: [
    [0, 0], [0, 1], [0, 11], [0, 12] + Packet(flags: 0x8000).header,
    [0, 200] + [UInt8](repeating: 0xFF, count: 200),
  ])
  func `a message that gets no reply ends the connection after the replies before it`(
    broken: [UInt8]
  ) throws {
    let server = try TestServer(.answering()) { $0.tcpIdleNanoseconds = 600_000_000_000 }
    let stream = try RawSocket.connected(to: server.address)
    let isSent = stream.sendAll(framed(1) + framed(2) + broken)
    #expect(isSent)
    let (octets, _) = stream.drain()
    #expect(replyIDs(octets) == [1, 2])
    try server.expectAnswers()
  }

  @Test func `the longest message of garbage is FORMERR`() throws {
    let server = try TestServer(.answering())
    let stream = try TCPConnection(to: server.client)
    var garbage = [UInt8](repeating: 0xC0, count: 65_535)
    garbage.replaceSubrange(0..<12, with: Packet().header)
    try stream.sendMessage(garbage)
    #expect(try stream.reply().responseCode == 1)
    try stream.send(Packet(id: 5))
    #expect(try stream.reply().header.id == 5)
  }

  // MARK: - Slow clients

  @Test func `a silent client is let go after the first-octet time`() throws {
    let server = try TestServer(.answering()) {
      $0.tcpFirstOctetNanoseconds = 1
      $0.sweepMilliseconds = 5
    }
    let stream = try RawSocket.connected(to: server.address)
    #expect(stream.receiveSome() == .end)
  }

  @Test func `an unfinished message ends the connection`() throws {
    let server = try TestServer(.answering()) {
      $0.tcpMessageNanoseconds = 1
      $0.tcpFirstOctetNanoseconds = 600_000_000_000
      $0.tcpIdleNanoseconds = 600_000_000_000
      $0.sweepMilliseconds = 5
    }
    let stream = try RawSocket.connected(to: server.address)
    let isSent = stream.sendAll([0, 40, 1])
    #expect(isSent)
    let received = stream.receiveSome()
    #expect(received == .end || received == .reset)
  }

  @Test func `an idle connection is finished`() throws {
    let server = try TestServer(.answering()) {
      $0.tcpIdleNanoseconds = 1
      $0.tcpFirstOctetNanoseconds = 600_000_000_000
      $0.sweepMilliseconds = 5
    }
    let stream = try RawSocket.connected(to: server.address)
    let isSent = stream.sendAll(framed(1))
    #expect(isSent)
    let (octets, end) = stream.drain()
    #expect(replyIDs(octets) == [1])
    #expect(end == .end)
  }
}
