import DNSWire
import PluginChain
import Server
import TestSupport
import Testing

/// A handler that has another question asked below: whatever becomes of it, the client and those
/// above see the client's own.
@Suite(.timeLimit(.minutes(10))) struct SettlingTests {
  /// A stage where `b.test.` is asked for `a.test.`, above `middle`.
  private func stage(
    _ lines: [String: Line], middle: [(Handler?) -> Handler] = []
  ) -> Stage {
    Stage(lines, above: [{ Renamer(["a.test.": "b.test."], next: $0) }] + middle)
  }

  private func expectQuestion(
    _ reply: ParsedMessage, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      reply.questionBytes == Packet.asking("A.tEst").question, sourceLocation: sourceLocation)
  }

  @Test(arguments: overEither, [0, 1, 3])
  func `after waits`(overTCP: Bool, waitCount: Int) throws {
    let stage = stage(["b.test.": .addresses(2, waitCount: waitCount)])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server, overTCP: overTCP)
    try asker.send(.asking("A.tEst"))
    for count in 0..<waitCount {
      server.resume(try #require(stage.gate.arrival("b.test.", count: count + 1)))
    }
    let reply = try asker.reply()
    expectQuestion(reply)
    #expect(reply.answers == ["A.tEst. A 192.0.2.1", "A.tEst. A 192.0.2.1"])
    #expect(stage.asked.texts == ["b.test. 0"])
    #expect(stage.kept.texts == ["b.test. 2"])
    #expect(stage.observed.texts == ["a.test. 2"])
    // The next query has nothing of it.
    #expect(try asker.ask(.asking("c.test", id: 2)).responseCode == 2)
    #expect(stage.observed.texts.last == "c.test. 0")
  }

  @Test(arguments: overEither)
  func `after a wait that took too long`(overTCP: Bool) throws {
    let stage = stage(["b.test.": .addresses(1, waitCount: 1)])
    let server = try TestServer(stage.chain) {
      $0.waitingNanoseconds = 1
      $0.sweepMilliseconds = 5
    }
    let reply = try Asker(server, overTCP: overTCP).ask(.asking("A.tEst", size: 1232))
    expectQuestion(reply)
    #expect(reply.responseCode == 2 && reply.errorText == "22 timed out")
    #expect(stage.kept.texts == ["b.test. 0"])
    #expect(stage.observed.texts == ["a.test. 0"])
  }

  @Test(arguments: overEither)
  func `when too many wait`(overTCP: Bool) throws {
    let stage = stage(["b.test.": .addresses(1, waitCount: 1)])
    let server = try TestServer(stage.chain) { $0.waitingCountMax = 0 }
    let reply = try Asker(server, overTCP: overTCP).ask(.asking("A.tEst"))
    expectQuestion(reply)
    #expect(reply.responseCode == 5)
    #expect(stage.observed.texts == ["a.test. 0"])
  }

  @Test func `when nobody answers`() throws {
    let stage = stage([:])
    var bench = QueryBench(stage.chain)
    let reply = try bench.message(.asking("A.tEst"))
    expectQuestion(reply)
    #expect(reply.responseCode == 2)
    #expect(stage.observed.texts == ["a.test. 0"])
  }

  @Test func `what is asked again is what was asked below`() throws {
    let stage = stage(
      ["b.test.": .addresses(5, waitCount: 1)],
      middle: [{ PatientHandler(refreshed: ["b.test."], next: $0) }])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server)
    let reply = try asker.ask(.asking("A.tEst"))
    expectQuestion(reply)
    #expect(reply.answers.count == 3)
    server.resume(try #require(stage.gate.arrival("b.test.")))
    let isKept = stage.kept.haveCome(2, "b.test.")
    #expect(isKept)
    #expect(stage.kept.texts == ["b.test. 3", "b.test. 5"])
    #expect(stage.asked.all.map(\.isRefresh) == [true])
    #expect(stage.observed.texts == ["a.test. 3"])
  }

  @Test(arguments: overEither)
  func `in a hurry`(overTCP: Bool) throws {
    let stage = stage(
      ["b.test.": .addresses(5, waitCount: 1)],
      middle: [{ PatientHandler(hurries: ["b.test.": .addresses(2)], next: $0) }])
    let server = try TestServer(stage.chain) {
      $0.sweepMilliseconds = 2
      $0.waitingNanoseconds = 600_000_000_000
    }
    let asker = try Asker(server, overTCP: overTCP)
    let reply = try asker.ask(.asking("A.tEst"))
    expectQuestion(reply)
    #expect(reply.answers == ["A.tEst. A 192.0.2.1", "A.tEst. A 192.0.2.1"])
    #expect(stage.observed.texts == ["a.test. 2"])
    server.resume(try #require(stage.gate.arrival("b.test.")))
    let isKept = stage.kept.haveCome(1, "b.test.")
    #expect(isKept)
    #expect(stage.kept.texts == ["b.test. 5"])
    #expect(stage.observed.texts == ["a.test. 2"])
  }

  // MARK: - Targets of aliases

  @Test(arguments: [0, 1])
  func `the answer to a target is the target's`(waitCount: Int) throws {
    let stage = stage([
      "x.test.": .alias("A.tEst."), "b.test.": .addresses(1, waitCount: waitCount),
    ])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server)
    try asker.send(.asking("x.test"))
    if waitCount > 0 { server.resume(try #require(stage.gate.arrival("b.test."))) }
    #expect(
      try asker.reply().answers == ["x.test. CNAME A.tEst.", "A.tEst. A 192.0.2.1"])
    #expect(stage.kept.texts == ["x.test. 1", "b.test. 1"])
    #expect(stage.observed.texts == ["x.test. 2"])
  }

  @Test func `a target's answer in a hurry, and asked again`() throws {
    let stage = stage(
      ["x.test.": .alias("a.test."), "b.test.": .addresses(5, waitCount: 1)],
      middle: [{ PatientHandler(hurries: ["b.test.": .addresses(2)], next: $0) }])
    let server = try TestServer(stage.chain) {
      $0.sweepMilliseconds = 2
      $0.waitingNanoseconds = 600_000_000_000
    }
    let asker = try Asker(server)
    #expect(
      try asker.ask(.asking("x.test")).answers == [
        "x.test. CNAME a.test.", "a.test. A 192.0.2.1", "a.test. A 192.0.2.1",
      ])
    server.resume(try #require(stage.gate.arrival("b.test.")))
    let isKept = stage.kept.haveCome(1, "b.test.")
    #expect(isKept)
    #expect(stage.kept.texts == ["x.test. 1", "b.test. 5"])
  }

  @Test func `a target that is asked again is the one that was asked below`() throws {
    let stage = stage(
      ["x.test.": .alias("a.test."), "b.test.": .addresses(5)],
      middle: [{ PatientHandler(refreshed: ["b.test."], next: $0) }])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server)
    #expect(try asker.ask(.asking("x.test")).answers.count == 4)
    let isKept = stage.kept.haveCome(2, "b.test.")
    #expect(isKept)
    #expect(stage.kept.texts == ["x.test. 1", "b.test. 3", "b.test. 5"])
    #expect(stage.asked.all.map(\.isRefresh) == [false, true])
  }

  @Test func `a target's own alias is followed under its name`() throws {
    let stage = stage([
      "x.test.": .alias("a.test."), "b.test.": .alias("c.test."), "c.test.": .addresses(),
    ])
    var bench = QueryBench(stage.chain)
    #expect(
      try bench.message(.asking("x.test")).answers == [
        "x.test. CNAME a.test.", "a.test. CNAME c.test.", "c.test. A 192.0.2.1",
      ])
    #expect(stage.asked.texts == ["x.test. 0", "b.test. 0", "c.test. 0"])
  }
}
