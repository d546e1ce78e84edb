import DNSWire
import PluginChain
import Server
import TestSupport
import Testing

/// Replies that were written after a wait, without the client's limit, and are cut at the end.
@Suite(.timeLimit(.minutes(10))) struct ReplyCutTests {
  /// A reply that a query, or its sub-query, gets after a wait.
  struct Row: CustomTestStringConvertible, Sendable {
    let size: UInt16?
    let isAlias: Bool

    var testDescription: String { "\(size ?? 0) octets\(isAlias ? ", behind an alias" : "")" }
    var sizeMax: Int { min(max(Int(size ?? 512), 512), 1232) }
  }

  static let rows = ([nil, 100, 512, 513, 1232, 65_535] as [UInt16?]).flatMap { size in
    [false, true].map { Row(size: size, isAlias: $0) }
  }

  @Test(arguments: rows, overEither)
  func `keepers see it whole, the client what it can take`(row: Row, overTCP: Bool) throws {
    let stage = Stage([
      "a.test.": row.isAlias
        ? .alias("b.test.") : .addresses(largeRecordCount, waitCount: 1),
      "b.test.": .addresses(largeRecordCount, waitCount: 1),
    ])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server, overTCP: overTCP)
    try asker.send(row.size.map { .asking("a.test", size: $0) } ?? .asking("a.test"))
    let name = row.isAlias ? "b.test." : "a.test."
    server.resume(try #require(stage.gate.arrival(name)))
    let reply = try asker.reply()
    #expect(reply.responseCode == 0)
    #expect(reply.header.has(.tc) == !overTCP)
    #expect((reply.edns != nil) == (row.size != nil))
    if overTCP {
      #expect(reply.answers.count == largeRecordCount + (row.isAlias ? 1 : 0))
    } else {
      #expect(reply.byteCount <= row.sizeMax)
      #expect(reply.byteCount > row.sizeMax - 16, "one more record would have fit")
    }
    let kept = try #require(stage.kept.all.last)
    #expect(kept.name == name && kept.answerCount == largeRecordCount && !kept.isTruncated)
    #expect(stage.observed.all.count == 1)
  }

  @Test func `what fits is not cut`() throws {
    let stage = Stage(["a.test.": .addresses(20, waitCount: 1)])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server)
    try asker.send(.asking("a.test"))
    server.resume(try #require(stage.gate.arrival("a.test.")))
    let reply = try asker.reply()
    #expect(!reply.header.has(.tc))
    #expect(reply.answers.count == 20)
  }
}
