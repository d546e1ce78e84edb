import DNSWire
import PluginChain
import Server
import TestSupport
import Testing

/// Clients that are answered before what their query waits for has come.
@Suite(.timeLimit(.minutes(10))) struct HurryTests {
  private let hurried = Sightings()

  private func stage(
    _ hurries: [String: PatientHandler.Hurry], refreshed: Set<String> = [],
    hurryAt: UInt64 = 0, _ lines: [String: Line]
  ) -> Stage {
    let hurried = hurried
    return Stage(
      lines,
      above: [
        {
          PatientHandler(
            refreshed: refreshed, hurries: hurries, hurryAt: hurryAt, hurried: hurried, next: $0)
        }
      ])
  }

  /// A server that looks at deadlines all the time.
  private func server(
    _ stage: Stage, _ adjust: (inout ServerLimits) -> Void = { _ in }
  ) throws -> TestServer {
    try TestServer(stage.chain) {
      $0.sweepMilliseconds = 2
      $0.waitingNanoseconds = 600_000_000_000
      adjust(&$0)
    }
  }

  // MARK: - Answered

  @Test(arguments: overEither, [0, 1] as [UInt64])
  func `the client is answered once, and the wait goes on without it`(
    overTCP: Bool, hurryAt: UInt64
  ) throws {
    let stage = stage(
      ["a.test.": .addresses(2)], hurryAt: hurryAt,
      ["a.test.": .addresses(5, waitCount: 2), "b.test.": .addresses()])
    let server = try server(stage)
    let asker = try Asker(server, overTCP: overTCP)
    let reply = try asker.ask(.asking("A.test", id: 7))
    #expect(reply.header.id == 7)
    #expect(reply.questionBytes == Packet.asking("A.test").question)
    #expect(reply.answers.count == 2)
    #expect(stage.observed.texts == ["a.test. 2"])
    #expect(stage.kept.all.isEmpty, "it is no news")
    server.resume(try #require(stage.gate.arrival("a.test.")))
    server.resume(try #require(stage.gate.arrival("a.test.", count: 2)))
    let isKept = stage.kept.haveCome(1, "a.test.")
    #expect(isKept)
    #expect(stage.kept.texts == ["a.test. 5"])
    #expect(stage.kept.all.map(\.isRefresh) == [true])
    // The client's next reply is to its next query.
    #expect(try asker.ask(.asking("b.test", id: 8)).header.id == 8)
    #expect(stage.observed.texts == ["a.test. 2", "b.test. 1"])
    #expect(hurried.all.count == 1)
  }

  @Test(arguments: overEither)
  func `without an answer the query waits on`(overTCP: Bool) throws {
    let stage = stage(["a.test.": .decline], ["a.test.": .addresses(5, waitCount: 2)])
    let server = try server(stage)
    let asker = try Asker(server, overTCP: overTCP)
    try asker.send(.asking("a.test"))
    let isHurried = hurried.haveCome(1, "a.test.")
    #expect(isHurried)
    server.resume(try #require(stage.gate.arrival("a.test.")))
    server.resume(try #require(stage.gate.arrival("a.test.", count: 2)))
    #expect(try asker.reply().answers.count == 5)
    #expect(hurried.all.count == 1, "asked once")
    #expect(stage.kept.texts == ["a.test. 5"])
    #expect(stage.kept.all.map(\.isRefresh) == [false])
    #expect(stage.observed.texts == ["a.test. 5"])
  }

  @Test func `a query whose time has not come is left alone`() throws {
    let stage = stage(
      ["a.test.": .addresses(2), "b.test.": .addresses(2)], hurryAt: .max,
      ["a.test.": .addresses(5, waitCount: 1)])
    let server = try server(stage) { $0.waitingNanoseconds = 50_000_000 }
    let asker = try Asker(server)
    // Its deadline passed, so that there were looks at it.
    #expect(try asker.ask(.asking("a.test")).responseCode == 2)
    #expect(hurried.all.isEmpty)
  }

  @Test func `what is too large for the client is cut`() throws {
    let stage = stage(
      ["a.test.": .addresses(largeRecordCount)], ["a.test.": .addresses(1, waitCount: 1)])
    let server = try server(stage)
    let cut = try server.client.ask(.asking("a.test", size: 1232))
    #expect(cut.header.has(.tc))
    #expect(cut.byteCount <= 1232 && cut.byteCount > 1216)
    #expect(try server.client.askOverTCP(.asking("a.test")).answers.count == largeRecordCount)
  }

  @Test(arguments: overEither)
  func `a wait that goes on without a client ends with its deadline`(overTCP: Bool) throws {
    let stage = stage(["a.test.": .addresses(2)], ["a.test.": .addresses(5, waitCount: 1)])
    let server = try server(stage) {
      $0.waitingNanoseconds = 100_000_000
      $0.waitingCountMax = 1
    }
    let asker = try Asker(server, overTCP: overTCP)
    try asker.send(.asking("a.test"))
    let reply = try asker.reply()
    guard reply.responseCode == 0 else { return }  // the machine was slow: both times had come
    let isKept = stage.kept.haveCome(1, "a.test.")
    #expect(isKept)
    #expect(stage.kept.all.map(\.code) == [.serverFailure])
    server.resume(try #require(stage.gate.arrival("a.test.")))
    // Its place is free, and nobody else saw the failure.
    let second = try asker.ask(.asking("a.test", id: 2))
    #expect(second.header.id == 2)
    #expect(second.responseCode != 5)
    #expect(stage.observed.all.first?.code == .noError)
    #expect(stage.observed.all.count == 2)
  }

  @Test func `many are hurried at once`() throws {
    let stage = stage(
      ["a.test.": .addresses(2)], ["a.test.": .addresses(5, waitCount: 1)])
    let server = try server(stage)
    let connection = try TCPConnection(to: server.client)
    let ids = 1...100 as ClosedRange<UInt16>
    try connection.send(ids.flatMap { framed($0, .asking("a.test")) })
    var replies: [UInt16] = []
    for _ in ids {
      let reply = try connection.reply()
      #expect(reply.answers.count == 2)
      replies.append(reply.header.id)
    }
    #expect(replies.sorted() == Array(ids))
    for waiting in stage.gate.all { server.resume(waiting) }
    let isKept = stage.kept.haveCome(100, "a.test.")
    #expect(isKept)
    #expect(stage.observed.all.count == 100)
  }

  // MARK: - Aliases

  @Test(arguments: overEither)
  func `a sub-query is hurried like a query`(overTCP: Bool) throws {
    let stage = stage(
      ["b.test.": .addresses(2)],
      ["a.test.": .alias("b.test."), "b.test.": .addresses(5, waitCount: 1)])
    let server = try server(stage)
    let asker = try Asker(server, overTCP: overTCP)
    let reply = try asker.ask(.asking("a.test"))
    #expect(
      reply.answers == [
        "a.test. CNAME b.test.", "b.test. A 192.0.2.1", "b.test. A 192.0.2.1",
      ])
    server.resume(try #require(stage.gate.arrival("b.test.")))
    let isKept = stage.kept.haveCome(1, "b.test.")
    #expect(isKept)
    #expect(stage.kept.texts == ["a.test. 1", "b.test. 5"])
    #expect(stage.observed.texts == ["a.test. 3"])
  }

  @Test func `a sub-query without a hurried answer waits on`() throws {
    let stage = stage(
      ["b.test.": .decline],
      ["a.test.": .alias("b.test."), "b.test.": .addresses(5, waitCount: 2)])
    let server = try server(stage)
    let asker = try Asker(server)
    try asker.send(.asking("a.test"))
    let isHurried = hurried.haveCome(1, "b.test.")
    #expect(isHurried)
    server.resume(try #require(stage.gate.arrival("b.test.")))
    server.resume(try #require(stage.gate.arrival("b.test.", count: 2)))
    #expect(try asker.reply().answers.count == 6)
    #expect(hurried.all.count == 1)
    #expect(stage.kept.texts == ["a.test. 1", "b.test. 5"])
    #expect(stage.observed.texts == ["a.test. 6"])
  }

  @Test(arguments: overEither, [false, true])
  func `a hurried alias is followed, and its target may wait`(
    overTCP: Bool, isSubQuery: Bool
  ) throws {
    let stage = stage(
      ["b.test.": .alias("c.test.")],
      [
        "a.test.": .alias("b.test."), "b.test.": .alias("d.test.", waitCount: 1),
        "c.test.": .addresses(1, waitCount: 1), "d.test.": .addresses(),
      ])
    let server = try server(stage)
    let asker = try Asker(server, overTCP: overTCP)
    try asker.send(.asking(isSubQuery ? "a.test" : "b.test"))
    let target = try #require(stage.gate.arrival("c.test."))
    let origin = try #require(stage.gate.arrival("b.test."))
    #expect(target.ticket != origin.ticket)
    // The two waits end apart from each other, either first.
    if isSubQuery { server.resume(origin) }
    server.resume(target)
    let alias = isSubQuery ? ["a.test. CNAME b.test."] : []
    #expect(
      try asker.reply().answers == alias + ["b.test. CNAME c.test.", "c.test. A 192.0.2.1"])
    server.resume(origin)
    let isKept = stage.kept.haveCome(1, "b.test.")
    #expect(isKept)
    #expect(stage.kept.all.filter { $0.name == "b.test." }.map(\.isRefresh) == [true])
    #expect(stage.observed.all.count == 1)
    #expect(!stage.asked.texts.contains("d.test. 0"), "nobody waits for that one")
  }

  @Test func `the target of a hurried alias may be hurried`() throws {
    let stage = stage(
      ["a.test.": .alias("b.test."), "b.test.": .alias("c.test."), "c.test.": .addresses(2)],
      Dictionary(
        uniqueKeysWithValues: ["a", "b", "c"].map {
          ("\($0).test.", Line.addresses(5, waitCount: 1))
        }))
    let server = try server(stage)
    let asker = try Asker(server)
    #expect(
      try asker.ask(.asking("a.test")).answers == [
        "a.test. CNAME b.test.", "b.test. CNAME c.test.", "c.test. A 192.0.2.1",
        "c.test. A 192.0.2.1",
      ])
    for waiting in stage.gate.all { server.resume(waiting) }
    for name in ["a.test.", "b.test.", "c.test."] {
      let isKept = stage.kept.haveCome(1, name)
      #expect(isKept)
    }
    #expect(stage.kept.all.allSatisfy { $0.isRefresh && $0.answerCount == 5 })
    #expect(stage.observed.texts == ["a.test. 4"])
  }

  // MARK: - Clients that leave

  @Test func `a client that has left is not missed`() throws {
    let stage = stage(
      ["a.test.": .addresses(2)],
      [
        "a.test.": .addresses(5, waitCount: 1), "b.test.": .addresses(),
        "c.test.": .addresses(1, waitCount: 1),
      ])
    // It has left before the first look at deadlines: another query sees to that.
    let server = try server(stage) { $0.sweepMilliseconds = 100 }
    let stream = try RawSocket.connected(to: server.address)
    let isSent = stream.sendAll(framed(1, .asking("a.test")))
    #expect(isSent)
    let waiting = try #require(stage.gate.arrival("a.test."))
    stream.resetOnClose()
    _ = consume stream
    let isHurried = hurried.haveCome(1, "a.test.")
    #expect(isHurried)
    server.resume(waiting)
    let isKept = stage.kept.haveCome(1, "a.test.")
    #expect(isKept)
    #expect(try Asker(server).ask(.asking("b.test")).answers.count == 1)
  }
}
