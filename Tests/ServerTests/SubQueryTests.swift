import DNSWire
import PluginChain
import Server
import TestSupport
import Testing

/// Aliases whose targets the server looks up through its own routes.
@Suite(.timeLimit(.minutes(10))) struct SubQueryTests {
  /// Aliases `n0` to `n<count>`, each to the next, and an address at the last name.
  static func row(of count: Int) -> [String: Line] {
    var lines: [String: Line] = ["n\(count).test.": .addresses()]
    for number in 0..<count {
      lines["n\(number).test."] = .alias("n\(number + 1).test.")
    }
    return lines
  }

  private func routes(_ stage: Stage, ownZones: [String] = []) -> RouteTable {
    RouteTable([(.root, stage.chain)], ownZones: ownZones.compactMap { DomainName(text: $0) })
  }

  // MARK: - Followed

  @Test(arguments: overEither)
  func `an alias from memory is followed`(overTCP: Bool) throws {
    let stage = Stage(["a.test.": .alias("b.test."), "b.test.": .addresses(2)])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server, overTCP: overTCP)
    let reply = try asker.ask(.asking("a.test"))
    #expect(reply.responseCode == 0)
    #expect(reply.header.has(.aa) && !reply.header.has(.tc))
    #expect(
      reply.answers == [
        "a.test. CNAME b.test.", "b.test. A 192.0.2.1", "b.test. A 192.0.2.1",
      ])
    #expect(reply.questions == [.init(name: "a.test.", type: 1)])
    #expect(stage.asked.texts == ["a.test. 0", "b.test. 0"])
  }

  @Test(arguments: overEither)
  func `the target may be in another server block`(overTCP: Bool) throws {
    let near = Stage(["a.near.": .alias("b.far.")])
    let far = Stage(["b.far.": .alias("c.near."), "c.near.": .addresses(3)])
    let back = Stage(["c.near.": .addresses()])
    let zones = try ["near.", "far.", "c.near."].map { try #require(DomainName(text: $0)) }
    let server = try TestServer(
      RouteTable(Array(zip(zones, [near.chain, far.chain, back.chain])).map { ($0, $1) }))
    let asker = try Asker(server, overTCP: overTCP)
    #expect(
      try asker.ask(.asking("a.near")).answers == [
        "a.near. CNAME b.far.", "b.far. CNAME c.near.", "c.near. A 192.0.2.1",
      ])
    #expect(near.observed.texts == ["a.near. 3"])
    #expect(near.kept.texts == ["a.near. 1"])
    #expect(far.observed.texts.isEmpty && back.observed.texts.isEmpty)
    #expect(far.kept.texts == ["b.far. 1"])
    #expect(back.kept.texts == ["c.near. 1"])
  }

  @Test func `observers see the whole once, keepers each answer alone`() throws {
    let stage = Stage(Self.row(of: 3))
    var bench = QueryBench(stage.chain)
    _ = try bench.message(.asking("n0.test"))
    #expect(stage.observed.texts == ["n0.test. 4"])
    #expect(stage.kept.texts == (0...3).map { "n\($0).test. 1" })
    #expect(stage.kept.all.allSatisfy { !$0.isRefresh && $0.code == .noError })
  }

  @Test func `the question keeps its case, and so does the target`() throws {
    let stage = Stage(["a.test.": .alias("B.Test."), "b.test.": .addresses()])
    var bench = QueryBench(stage.chain)
    let reply = try bench.message(.asking("A.tEsT"))
    #expect(reply.questionBytes == Packet.asking("A.tEsT").question)
    #expect(reply.answers == ["A.tEsT. CNAME B.Test.", "B.Test. A 192.0.2.1"])
  }

  @Test func `AD is for an answer that is authentic throughout`() throws {
    for (first, second) in [(true, true), (true, false), (false, true)] {
      let stage = Stage([
        "a.test.": Line(answer: .alias("b.test."), isAuthentic: first),
        "b.test.": Line(answer: .addresses(1), isAuthentic: second),
      ])
      var bench = QueryBench(stage.chain)
      let reply = try bench.message(.asking("a.test"))
      #expect(reply.answers.count == 2)
      #expect(reply.header.has(.ad) == (first && second))
    }
  }

  // MARK: - Bounds

  @Test(arguments: overEither)
  func `ten targets are looked up`(overTCP: Bool) throws {
    let stage = Stage(Self.row(of: 10))
    let server = try TestServer(stage.chain)
    let asker = try Asker(server, overTCP: overTCP)
    let reply = try asker.ask(.asking("n0.test", size: 1232))
    #expect(reply.answers.count == 11)
    #expect(reply.answers.last == "n10.test. A 192.0.2.1")
    #expect(stage.asked.all.count == 1 + SubQueries.aliasCountMax)
  }

  @Test func `the eleventh is left to the client`() throws {
    let stage = Stage(Self.row(of: 11))
    var bench = QueryBench(stage.chain)
    let reply = try bench.message(.asking("n0.test", size: 1232))
    #expect(reply.responseCode == 0)
    #expect(reply.answers.count == 11)
    #expect(reply.answers.last == "n10.test. CNAME n11.test.")
    #expect(stage.asked.all.count == 11)
    #expect(stage.observed.texts == ["n0.test. 11"])
    // The next query has ten of its own.
    #expect(
      try bench.message(.asking("n1.test", size: 1232)).answers.last == "n11.test. A 192.0.2.1")
  }

  @Test func `a loop ends, each name once`() throws {
    let stage = Stage([
      "a.test.": .alias("B.test."), "b.test.": .alias("A.test."), "c.test.": .alias("C.TEST."),
      "d.test.": .alias("a.test."),
    ])
    var bench = QueryBench(stage.chain)
    #expect(
      try bench.message(.asking("a.test")).answers == [
        "a.test. CNAME B.test.", "B.test. CNAME A.test.",
      ])
    #expect(stage.asked.all.count == 2)
    #expect(try bench.message(.asking("c.test")).answers == ["c.test. CNAME C.TEST."])
    #expect(stage.asked.all.count == 3)
    #expect(
      try bench.message(.asking("d.test")).answers.map { $0.lowercased() } == [
        "d.test. cname a.test.", "a.test. cname b.test.", "b.test. cname a.test.",
      ])
    #expect(stage.asked.all.count == 6)
  }

  // MARK: - Aliases of upstreams

  @Test(arguments: [
    (["own.test."], true), ([], false), (["b.own.test."], true), (["test2."], false),
  ])
  func `an upstream's alias is followed into zones of ours`(
    ownZones: [String], isFollowed: Bool
  ) throws {
    let stage = Stage([
      "a.example.": .alias("B.own.test.", isOurs: false), "b.own.test.": .addresses(),
    ])
    var bench = QueryBench(routes(stage, ownZones: ownZones))
    let reply = try bench.message(.asking("a.example"))
    #expect(reply.responseCode == 0)
    #expect(reply.answers.first == "a.example. CNAME B.own.test.")
    #expect(reply.answers.count == (isFollowed ? 2 : 1))
    #expect(stage.asked.all.count == (isFollowed ? 2 : 1))
    #expect(stage.observed.texts == ["a.example. \(isFollowed ? 2 : 1)"])
  }

  @Test func `each alias on the way counts as who gave it`() throws {
    let stage = Stage([
      "a.example.": .alias("b.own.", isOurs: false), "b.own.": .alias("c.example."),
      "c.example.": .alias("d.example.", isOurs: false), "d.example.": .addresses(),
    ])
    var bench = QueryBench(routes(stage, ownZones: ["own."]))
    #expect(
      try bench.message(.asking("a.example")).answers == [
        "a.example. CNAME b.own.", "b.own. CNAME c.example.", "c.example. CNAME d.example.",
      ])
    #expect(stage.asked.all.count == 3)
  }
}

extension QueryBench {
  /// Serves a query that is answered at once, and takes the reply apart.
  mutating func message(
    _ packet: Packet, _ transport: Exchange.Transport = .udp
  ) throws -> ParsedMessage {
    guard case .reply(let octets) = serve(packet.octets, transport) else {
      throw NoReply()
    }
    return try ParsedMessage(octets)
  }
}
