import TestSupport
import Testing

/// The misbehaving upstream itself, asked without a server between.
@Suite struct EvilUpstreamTests {
  private func query(_ mode: String, _ type: UInt16 = 1, id: UInt16 = 7) -> [UInt8] {
    Query("\(mode).direct.test.", type: type, id: id, edns: RecordDraft.edns()).bytes
  }

  @Test func `a good reply comes by UDP and by TCP`() throws {
    let upstream = try EvilUpstream()
    let client = DNSClient(port: upstream.port)
    for reply in [try client.udp(query("ok")), try client.tcp(query("ok"))] {
      let message = try ParsedMessage(reply)
      #expect(message.isGood && message.header.id == 7 && message.edns != nil)
    }
    #expect(upstream.received(for: "OK.direct.test.").map(\.isStream) == [false, true])
    #expect(upstream.received.allSatisfy { $0.sourcePort > 1023 && $0.id == 7 })
  }

  @Test func `junk comes first and the good reply behind it`() throws {
    let upstream = try EvilUpstream()
    let channel = try UDPChannel(to: DNSClient(port: upstream.port))
    try channel.send(query("wrong-id"))
    let first = try ParsedMessage(channel.receive(timeout: .seconds(20)))
    let second = try ParsedMessage(channel.receive(timeout: .seconds(20)))
    #expect(first.header.id != 7 && first.addresses == [RecordDraft.evilAddress])
    #expect(second.header.id == 7 && second.isGood)
  }

  @Test(arguments: UpstreamMode.all.filter { $0.type == 1 })
  func `other types have no data`(mode: UpstreamMode) throws {
    let upstream = try EvilUpstream()
    let reply = try DNSClient(port: upstream.port).udp(query(mode.name, 28))
    let message = try ParsedMessage(reply)
    #expect(message.responseCode == 0 && message.records(in: .answer).isEmpty)
  }

  @Test func `a large answer comes whole by TCP`() throws {
    let upstream = try EvilUpstream()
    let client = DNSClient(port: upstream.port)
    #expect(try ParsedMessage(client.udp(query("tc-text", 16))).header.has(.tc))
    #expect(try ParsedMessage(client.tcp(query("tc-text", 16))).byteCount > 64_000)
    #expect(try ParsedMessage(client.tcp(query("tc-huge"))).addresses.count == 4000)
  }

  @Test func `a stopped upstream refuses, and its port can be taken again`() throws {
    let upstream = try EvilUpstream()
    let client = DNSClient(port: upstream.port)
    _ = try client.tcp(query("ok"))
    upstream.stop()
    #expect(throws: SocketError.self) { try client.tcp(query("ok")) }
    #expect(throws: SocketError.self) { try client.udp(query("ok"), timeout: .milliseconds(300)) }
    let next = try EvilUpstream(port: upstream.port)
    #expect(try ParsedMessage(client.tcp(query("ok"))).isGood)
    #expect(next.received.count == 1)
  }

  @Test func `a port in use is an error`() throws {
    let upstream = try EvilUpstream()
    #expect(throws: SocketError.self) { try EvilUpstream(port: upstream.port) }
  }

  @Test(arguments: [QueryBurst.Transport.datagrams, .streams, .oneStream])
  func `a thousand queries at once are answered`(transport: QueryBurst.Transport) throws {
    let upstream = try EvilUpstream()
    let queries = (1...1000).map { query("ok", id: UInt16($0)) }
    let replies = try QueryBurst.ask(
      queries, of: DNSClient(port: upstream.port), over: transport)
    let ids = try replies.compactMap { try $0.map { try ParsedMessage($0).header.id } }
    #expect(ids == Array(1...1000))
    #expect(upstream.received.count == 1000 && upstream.malformedCount == 0)
  }
}
