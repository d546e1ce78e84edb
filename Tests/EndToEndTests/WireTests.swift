import TestSupport
import Testing

/// Raw queries, well-formed and not, and what comes back.
@Suite struct WireTests {
  @Test(arguments: try WireRow.rows(of: "wire-rows.txt"))
  func `the checklist holds`(row: WireRow) throws {
    try expect(row)
  }

  @Test(arguments: try WireRow.rows(of: "wire-rows-more.txt"))
  func `the further rows hold`(row: WireRow) throws {
    try expect(row)
  }

  private func expect(_ row: WireRow) throws {
    let server = try WireServer.shared()
    let reply =
      switch row.transport {
      case .udp: try overUDP(row, server.client)
      case .tcp: try overTCP(row, server.client)
      }
    let complaints = row.expectation.complaints(query: row.query, reply: reply)
    #expect(complaints.isEmpty, "\(row.id): \(complaints) (\(row.reason))")
    #expect(server.end == nil, "the server ended")
  }

  /// Where silence is allowed a good query follows on the same socket, so that the test knows when
  /// the server has passed the row, and that it lives.
  private func overUDP(_ row: WireRow, _ client: DNSClient) throws -> [UInt8]? {
    let channel = try UDPChannel(to: client)
    try channel.send(row.query)
    guard row.expectation.allowsSilence else { return try channel.receive(timeout: .seconds(20)) }
    let follower = Query("kubernetes.default.svc.cluster.local.", .a, id: 0x7e57).bytes
    try channel.send(follower)
    var rowReply: [UInt8]?
    while true {
      let reply = try channel.receive(timeout: .seconds(20))
      if reply.prefix(2) == follower.prefix(2) { break }
      rowReply = reply
    }
    // Another worker may have had the first datagram.
    if rowReply == nil { rowReply = try? channel.receive(timeout: .milliseconds(50)) }
    return rowReply
  }

  private func overTCP(_ row: WireRow, _ client: DNSClient) throws -> [UInt8]? {
    guard row.expectation.allowsSilence else { return try client.tcp(row.query) }
    let connection = try TCPConnection(to: client)
    let reply: [UInt8]?
    do {
      try connection.sendMessage(row.query)
      reply = try connection.receiveMessage(timeout: .milliseconds(400))
    } catch {
      reply = nil
    }
    let follower = Query("kubernetes.default.svc.cluster.local.", .a, id: 0x7e57).bytes
    #expect(try client.tcp(follower).prefix(2) == follower.prefix(2))
    return reply
  }
}
