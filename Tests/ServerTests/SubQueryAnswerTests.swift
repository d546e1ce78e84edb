import DNSWire
import PluginChain
import Server
import TestSupport
import Testing

/// What the reply becomes by what there is behind an alias.
@Suite(.timeLimit(.minutes(10))) struct SubQueryAnswerTests {
  private static let soa = "test. 30 SOA . . 1 7200 1800 86400 30"

  @Test(arguments: overEither)
  func `a target that fails makes the reply fail, with its reason`(overTCP: Bool) throws {
    let stage = Stage([
      "a.test.": .alias("b.test."), "b.test.": .alias("c.test."),
      "c.test.": Line(answer: .failure(.serverFailure, .networkError, "cable cut")),
    ])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server, overTCP: overTCP)
    let reply = try asker.ask(.asking("a.test", size: 1232))
    #expect(reply.responseCode == 2)
    #expect(reply.records.isEmpty)
    #expect(!reply.header.has(.aa))
    #expect(reply.errorText == "23 cable cut")
    #expect(stage.observed.all.map(\.code) == [.serverFailure])
    #expect(stage.kept.all.map(\.code) == [.noError, .noError, .serverFailure])
  }

  @Test(arguments: [true, false])
  func `a target that does not exist, or has no such data, says so`(exists: Bool) throws {
    let stage = Stage([
      "a.test.": .alias("b.test."),
      "b.test.": Line(answer: exists ? .noData(zone: "test.") : .noName(zone: "test.")),
    ])
    var bench = QueryBench(stage.chain)
    let reply = try bench.message(.asking("a.test"))
    #expect(reply.responseCode == (exists ? 0 : 3))
    #expect(reply.answers == ["a.test. CNAME b.test."])
    #expect(reply.records(in: .authority).map(\.text) == [Self.soa])
    #expect(stage.kept.all.map(\.code) == [.noError, exists ? .noError : .nameError])
    #expect(stage.observed.texts == ["a.test. 1"])
  }

  @Test(arguments: [
    Line(answer: .failure(.refused, .prohibited, "not here")), Line(answer: .unanswered),
    Line(answer: .dropped), Line(answer: .failure(.notImplemented, .notSupported, "what?")),
  ])
  func `a target that nobody here knows leaves the alias alone`(line: Line) throws {
    let stage = Stage(["a.test.": .alias("b.test."), "b.test.": line])
    var bench = QueryBench(stage.chain)
    let reply = try bench.message(.asking("a.test", size: 1232))
    #expect(reply.responseCode == 0)
    #expect(reply.header.has(.aa))
    #expect(reply.answers == ["a.test. CNAME b.test."])
    #expect(reply.records.count == 1)
    #expect(stage.asked.all.count == 2)
    #expect(stage.observed.texts == ["a.test. 1"])
    // And the next alias is followed as ever.
    let other = Stage(["a.test.": .alias("b.test."), "b.test.": .addresses()])
    var otherBench = QueryBench(other.chain)
    #expect(try otherBench.message(.asking("a.test")).answers.count == 2)
  }

  @Test(arguments: overEither)
  func `a target outside of all server blocks leaves the alias alone`(overTCP: Bool) throws {
    let stage = Stage(["a.test.": .alias("b.elsewhere."), "b.elsewhere.": .addresses()])
    let zone = try #require(DomainName(text: "test."))
    let server = try TestServer(RouteTable([(zone, stage.chain)]))
    let asker = try Asker(server, overTCP: overTCP)
    let reply = try asker.ask(.asking("a.test", size: 1232))
    #expect(reply.responseCode == 0)
    #expect(reply.answers == ["a.test. CNAME b.elsewhere."])
    #expect(stage.asked.all.count == 1)
    #expect(stage.observed.texts == ["a.test. 1"])
  }

  @Test func `an alias does not fail because another one did before`() throws {
    let stage = Stage([
      "a.test.": .alias("b.test."),
      "b.test.": Line(answer: .failure(.serverFailure, .networkError, "cable cut")),
      "c.test.": .alias("d.test."), "d.test.": .addresses(),
      "e.test.": .alias("f.test."), "f.test.": Line(answer: .unanswered),
    ])
    var bench = QueryBench(stage.chain)
    for _ in 0..<2 {
      #expect(try bench.message(.asking("a.test", size: 1232)).responseCode == 2)
      #expect(try bench.message(.asking("e.test", size: 1232)).answers.count == 1)
      let reply = try bench.message(.asking("c.test", size: 1232))
      #expect(reply.responseCode == 0)
      #expect(reply.answers.count == 2)
      #expect(reply.errorText == nil)
    }
  }

  // MARK: - Size

  @Test(arguments: [nil, 512, 1232, 4096] as [UInt16?])
  func `a large target is cut at the client's size`(size: UInt16?) throws {
    let stage = Stage(["a.test.": .alias("b.test."), "b.test.": .addresses(largeRecordCount)])
    let server = try TestServer(stage.chain)
    let packet = size.map { Packet.asking("a.test", size: $0) } ?? .asking("a.test")
    let sizeMax = min(Int(size ?? 512), 1232)
    let cut = try server.client.ask(packet)
    #expect(cut.responseCode == 0)
    #expect(cut.header.has(.tc))
    #expect(cut.byteCount <= sizeMax && cut.byteCount > sizeMax - 16)
    #expect(cut.answers.first == "a.test. CNAME b.test.")
    let whole = try server.client.askOverTCP(packet)
    #expect(!whole.header.has(.tc))
    #expect(whole.answers.count == 1 + largeRecordCount)
    let target = "b.test. \(largeRecordCount)"
    #expect(stage.kept.texts == ["a.test. 1", target, "a.test. 1", target])
  }

  @Test func `an alias that does not fit is not followed`() throws {
    func name(_ letter: String) -> String {
      Array(repeating: String(repeating: letter, count: 49), count: 4).joined(separator: ".") + "."
    }
    let stage = Stage([
      name("a"): .alias(name("b")), name("b"): .alias(name("c")), name("c"): .addresses(),
    ])
    var bench = QueryBench(stage.chain)
    let cut = try bench.message(.asking(name("a")))
    #expect(cut.header.has(.tc))
    #expect(cut.answers.count == 1)
    #expect(stage.asked.all.count == 2)
    let whole = try bench.message(.asking(name("a")), .tcp)
    #expect(!whole.header.has(.tc))
    #expect(whole.answers.count == 3)
  }
}
