import DNSWire
import PluginChain
import Testing

/// EDNS options: what is asked with below, and what the client gets back.
@Suite struct RewriteOptionTests {
  /// Rules, the client's options (`nil` without OPT), those below, and those in the reply.
  struct Row: Sendable, CustomTestStringConvertible {
    let rules: String
    let client: [UInt8]?
    let below: [UInt8]
    var reply: [UInt8] = []

    var testDescription: String { "\(rules.debugDescription) \(client ?? [])" }
  }

  private static let abcd: [UInt8] = [0xFF, 0xEE, 0, 4, 0x61, 0x62, 0x63, 0x64]
  private static let bcde: [UInt8] = [0xFF, 0xEE, 0, 4, 0x62, 0x63, 0x64, 0x65]
  private static let other: [UInt8] = [0xFF, 0xE0, 0, 1, 7]

  static let rows: [Row] = [
    Row(rules: "rewrite edns0 local set 0xffee abcd", client: [], below: abcd, reply: abcd),
    Row(rules: "rewrite edns0 local set 0xffee 0x61626364", client: [], below: abcd, reply: abcd),
    Row(rules: "rewrite edns0 local set 65518 abcd revert", client: [], below: abcd),
    Row(rules: "rewrite edns0 local set 0xffee abcd", client: nil, below: abcd),
    Row(
      rules: "rewrite edns0 local set 0xffee abcd", client: bcde + other, below: abcd + other,
      reply: abcd),
    Row(rules: "rewrite edns0 local append 0xffee abcd revert", client: other, below: other + abcd),
    Row(rules: "rewrite edns0 local append 0xffee abcd revert", client: bcde, below: bcde),
    Row(rules: "rewrite edns0 local replace 0xffee abcd revert", client: bcde, below: abcd),
    Row(rules: "rewrite edns0 local replace 0xffee abcd", client: [], below: []),
    Row(rules: "rewrite edns0 local replace 0xffee abcd", client: nil, below: []),
    Row(rules: "rewrite edns0 local unset 0xffee", client: bcde + other + abcd, below: other),
    Row(rules: "rewrite edns0 local unset 0xffee", client: nil, below: []),
    // The manual's example: the reply has the value before.
    Row(
      rules: "rewrite continue {\nedns0 local set 0xffee abcd\n}\n"
        + "rewrite edns0 local replace 0xffee bcde revert",
      client: [], below: bcde, reply: abcd),
    Row(
      rules: "rewrite continue edns0 local set 0xffee abcd\nrewrite edns0 local unset 0xffee",
      client: [], below: []),
    // A rule that has nothing to do ends nothing.
    Row(
      rules: "rewrite edns0 local replace 0xffe0 x\nrewrite edns0 local set 0xffee abcd revert",
      client: [], below: abcd),
    Row(
      rules: "rewrite edns0 local set 0xffe0 0x07 revert\nrewrite edns0 local set 0xffee abcd",
      client: [], below: other),
    Row(
      rules: "rewrite edns0 local set 1 0x", client: [], below: [0, 1, 0, 0], reply: [0, 1, 0, 0]),
    // NSID and ECS.
    Row(rules: "rewrite edns0 nsid set", client: [], below: [0, 3, 0, 0]),
    Row(rules: "rewrite edns0 nsid append revert", client: [], below: [0, 3, 0, 0]),
    Row(rules: "rewrite edns0 nsid replace", client: [], below: []),
    Row(rules: "rewrite continue edns0 nsid set\nrewrite edns0 nsid unset", client: [], below: []),
    Row(
      rules: "rewrite edns0 subnet set 24 56", client: [],
      below: [0, 8, 0, 7, 0, 1, 24, 0, 203, 0, 113]),
    Row(
      rules: "rewrite edns0 subnet set 22 56", client: nil,
      below: [0, 8, 0, 7, 0, 1, 22, 0, 203, 0, 112]),
    Row(rules: "rewrite edns0 subnet set 0 0", client: [], below: [0, 8, 0, 4, 0, 1, 0, 0]),
    Row(rules: "rewrite edns0 subnet replace 24 56", client: [], below: []),
    Row(
      rules: "rewrite continue edns0 subnet append 8 8\nrewrite edns0 subnet replace 16 8",
      client: [], below: [0, 8, 0, 6, 0, 1, 16, 0, 203, 0]),
    Row(
      rules: "rewrite continue edns0 subnet set 24 56\nrewrite edns0 subnet unset", client: [],
      below: []),
    // Facts about the query.
    Row(
      rules: "rewrite edns0 local set 0xffee {qname} revert", client: [],
      below: [0xFF, 0xEE, 0, 7] + Array("A.test.".utf8)),
    Row(
      rules: "rewrite continue name a.test b.test\nrewrite edns0 local set 0xffee {qname} revert",
      client: [], below: [0xFF, 0xEE, 0, 7] + Array("b.test.".utf8)),
    Row(
      rules: "rewrite edns0 local set 0xffee {qtype} revert", client: [],
      below: [0xFF, 0xEE, 0, 2, 0, 1]),
    Row(
      rules: "rewrite edns0 local set 0xffee {client_ip} revert", client: [],
      below: [0xFF, 0xEE, 0, 4, 203, 0, 113, 9]),
    Row(
      rules: "rewrite edns0 local set 0xffee {client_port} revert", client: [],
      below: [0xFF, 0xEE, 0, 2, 0x9D, 0x14]),
    Row(
      rules: "rewrite edns0 local set 0xffee {protocol} revert", client: [],
      below: [0xFF, 0xEE, 0, 3] + Array("udp".utf8)),
    Row(
      rules: "rewrite edns0 local set 0xffee {server_ip} revert", client: [],
      below: [0xFF, 0xEE, 0, 4, 192, 0, 2, 53]),
    Row(
      rules: "rewrite edns0 local set 0xffee {server_port} revert", client: [],
      below: [0xFF, 0xEE, 0, 2, 0, 53]),
    Row(rules: "rewrite edns0 local append 0xffee {qtype} revert", client: bcde, below: bcde),
  ]

  @Test(arguments: rows)
  func `options`(row: Row) throws {
    let bench = try RewriteBench(row.rules) { name, _, _ in FakeReply(answer: [.a(name, 5)]) }
    var ask = Ask("A.test", .a, .udp, payload: row.client.map { _ in 4096 })
    ask.options = row.client ?? []
    ask.client.address = IPAddress(v4: 0xCB00_7109)
    let reply = try bench.reply(ask)
    #expect(bench.sightings.options == [row.below])
    let edns = try #require(bench.sightings.edns.first)
    // OPT is added for an option, and is never in the reply of a client without.
    #expect((edns != nil) == (row.client != nil || !row.below.isEmpty))
    #expect((reply.payload != nil) == (row.client != nil))
    let end = reply.octets.count
    #expect(Array(reply.octets[(end - row.reply.count)..<end]) == row.reply)
    let opt = [0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0] as [UInt8]
    if row.client != nil {
      let start = end - row.reply.count - 11
      #expect(
        Array(reply.octets[start..<(start + 11)]) == opt + [0, UInt8(row.reply.count)])
    }
    #expect(reply.answer == ["A.test. 5 A 192.0.2.1"])
  }

  @Test func `an IPv6 client's network`() throws {
    let bench = try RewriteBench("rewrite edns0 subnet set 24 56") { _, _, _ in FakeReply() }
    var ask = Ask("a.test")
    ask.client.address = IPAddress(v6High: 0x2001_0DB8_1234_56FF, low: 1)
    #expect(try bench.reply(ask).payload == nil)
    #expect(
      bench.sightings.options == [
        [0, 8, 0, 11, 0, 2, 56, 0, 0x20, 1, 0x0D, 0xB8, 0x12, 0x34, 0x56]
      ])
  }

  @Test func `an upstream's option of the same code stays`() throws {
    // Nobody below sets options here: the echo is added once.
    let rules =
      "rewrite continue edns0 local set 0xffee abcd\nrewrite edns0 local set 0xffe0 0x07"
    let bench = try RewriteBench(rules) { _, _, _ in FakeReply() }
    let reply = try bench.reply(Ask("a.test", .a, .udp, payload: 1232))
    #expect(Array(reply.octets.suffix(13)) == Self.abcd + Self.other)
  }
}
