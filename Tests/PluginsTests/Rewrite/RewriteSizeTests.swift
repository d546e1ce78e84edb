import DNSWire
import PluginChain
import Testing

/// Replies that grow or shrink when the client's question comes back.
@Suite struct RewriteSizeTests {
  private static let long = String(repeating: String(repeating: "l", count: 60) + ".", count: 4)

  private func addresses(_ count: UInt8) -> FakeUpstream.Script {
    { name, _, _ in FakeReply(answer: (1...count).map { .a(name, 5, $0) }) }
  }

  @Test func `what fits no longer is cut at a record, and TC says so`() throws {
    // 30 addresses of a short name fit 512 octets; a client's long question leaves room for fewer.
    let bench = try RewriteBench("rewrite name \(Self.long) s.test", script: addresses(30))
    let udp = try bench.reply(Ask(Self.long))
    #expect(udp.isTruncated && udp.octets.count <= 512)
    #expect(udp.answer.count == (512 - 12 - 245 - 4) / 16)
    #expect(udp.answer.allSatisfy { $0.hasPrefix(Self.long) })
    let tcp = try bench.reply(Ask(Self.long, .a, .tcp))
    #expect(!tcp.isTruncated && tcp.answer.count == 30)
    let large = try bench.reply(Ask(Self.long, .a, .udp, payload: 4096))
    #expect(!large.isTruncated && large.answer.count == 30 && large.octets.count <= 1232)
  }

  @Test func `a long question below leaves a truncated reply truncated`() throws {
    let bench = try RewriteBench("rewrite name s.test \(Self.long)", script: addresses(30))
    let udp = try bench.reply(Ask("s.test"))
    #expect(udp.isTruncated && udp.octets.count <= 512)
    #expect(!udp.answer.isEmpty && udp.answer.allSatisfy { $0.hasPrefix("s.test.") })
    #expect(try bench.reply(Ask("s.test", .a, .tcp)).answer.count == 30)
  }

  @Test func `owners that are written out take room`() throws {
    // Without `answer auto` each record has the other name, which the second one points to.
    let bench = try RewriteBench("rewrite name prefix s \(Self.long)s", script: addresses(10))
    let reply = try bench.reply(Ask("s.test", .a, .udp, payload: 1232))
    #expect(reply.answer.count == 10 && reply.octets.count < 12 + 12 + 251 + 10 * 16 + 20)
    #expect(reply.answer.allSatisfy { $0.hasPrefix(Self.long) })
  }

  @Test func `a large reply keeps its records, wherever they stand`() throws {
    let answer = (0..<1_500).map { number in
      FakeRecord.mx("b.test.", 5, UInt8(number % 250), "m\(number).b.test.")
    }
    let bench = try RewriteBench("rewrite name a.test b.test") { _, _, _ in
      FakeReply(answer: answer)
    }
    let reply = try bench.reply("a.test", .mx)
    #expect(reply.octets.count > 0x4000 && !reply.isTruncated)
    #expect(reply.answer.count == 1_500)
    #expect(reply.answer.last == "a.test. 5 MX 249 m1499.a.test.")
  }

  @Test func `additional records go without a word`() throws {
    let bench = try RewriteBench("rewrite name \(Self.long) s.test") { name, _, _ in
      FakeReply(answer: [.a(name, 5)], additional: (1...25).map { .a(name, 5, $0) })
    }
    let reply = try bench.reply(Ask(Self.long))
    #expect(!reply.isTruncated && reply.answer.count == 1)
    #expect(reply.additional.count == (512 - 12 - 249) / 16 - 1)
  }
}
