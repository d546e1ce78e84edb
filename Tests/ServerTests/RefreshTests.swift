import DNSWire
import PluginChain
import Server
import TestSupport
import Testing

/// Questions that are asked again for a handler, without a client.
@Suite(.timeLimit(.minutes(10))) struct RefreshTests {
  private let above = Sightings()

  /// A stage where `refreshed` are answered from the middle and asked again below.
  private func stage(_ refreshed: Set<String>, _ lines: [String: Line]) -> Stage {
    let above = above
    return Stage(
      lines,
      above: [
        { Toucher(above, next: $0) }, { PatientHandler(refreshed: refreshed, next: $0) },
      ])
  }

  @Test(arguments: overEither)
  func `the reply goes out, and the question is asked again below`(overTCP: Bool) throws {
    let stage = stage(["a.test."], ["a.test.": .addresses(5)])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server, overTCP: overTCP)
    #expect(try asker.ask(.asking("A.Test")).answers.count == 3)
    let isKept = stage.kept.haveCome(2, "a.test.")
    #expect(isKept)
    #expect(stage.asked.all.map(\.isRefresh) == [true])
    #expect(stage.kept.texts == ["a.test. 3", "a.test. 5"])
    #expect(stage.kept.all.map(\.isRefresh) == [false, true])
    #expect(stage.observed.texts == ["a.test. 3"])
    #expect(above.texts == ["a.test. 0"], "handlers above are not asked again")
    // Nothing more comes for the first question.
    #expect(try asker.ask(.asking("a.test", id: 2)).header.id == 2)
  }

  @Test(arguments: overEither)
  func `a refresh may wait and is resumed`(overTCP: Bool) throws {
    let stage = stage(
      ["a.test."], ["a.test.": .addresses(largeRecordCount, waitCount: 2), "b.test.": .addresses()])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server, overTCP: overTCP)
    #expect(try asker.ask(.asking("a.test")).answers.count == 3)
    let first = try #require(stage.gate.arrival("a.test."))
    #expect(try asker.ask(.asking("b.test", id: 2)).answers.count == 1)
    server.resume(first)
    server.resume(try #require(stage.gate.arrival("a.test.", count: 2)))
    let isKept = stage.kept.haveCome(2, "a.test.")
    #expect(isKept)
    let kept = try #require(stage.kept.all.last)
    #expect(kept.isRefresh && kept.answerCount == largeRecordCount && !kept.isTruncated)
    #expect(stage.observed.texts == ["a.test. 3", "b.test. 1"])
    #expect(try asker.ask(.asking("b.test", id: 3)).header.id == 3)
  }

  @Test func `an alias in a refresh is kept and not followed`() throws {
    let stage = stage(["a.test."], ["a.test.": .alias("b.test."), "b.test.": .addresses()])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server)
    #expect(try asker.ask(.asking("a.test")).answers.count == 3)
    let isKept = stage.kept.haveCome(2, "a.test.")
    #expect(isKept)
    #expect(try asker.ask(.asking("b.test", id: 2)).header.id == 2)
    #expect(stage.asked.all.map(\.isRefresh) == [true, false])
    #expect(stage.kept.texts == ["a.test. 3", "a.test. 1", "b.test. 1"])
  }

  @Test func `the target of an alias may be asked again, too`() throws {
    let stage = stage(
      ["b.test."], ["a.test.": .alias("b.test."), "b.test.": .addresses(5, waitCount: 1)])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server)
    #expect(try asker.ask(.asking("a.test")).answers.count == 4)
    server.resume(try #require(stage.gate.arrival("b.test.")))
    let isKept = stage.kept.haveCome(2, "b.test.")
    #expect(isKept)
    #expect(stage.kept.texts == ["a.test. 1", "b.test. 3", "b.test. 5"])
    #expect(stage.observed.texts == ["a.test. 4"])
  }

  @Test func `a refresh that waits too long is kept as a failure, and nobody else sees it`() throws
  {
    let stage = stage(["a.test."], ["a.test.": .addresses(1, waitCount: 1)])
    let server = try TestServer(stage.chain) {
      $0.waitingNanoseconds = 1
      $0.sweepMilliseconds = 5
    }
    let asker = try Asker(server)
    #expect(try asker.ask(.asking("a.test")).answers.count == 3)
    let isKept = stage.kept.haveCome(2, "a.test.")
    #expect(isKept)
    #expect(stage.kept.all.map(\.code) == [.noError, .serverFailure])
    server.resume(try #require(stage.gate.arrival("a.test.")))
    #expect(try asker.ask(.asking("a.test", id: 2)).answers.count == 3)
    #expect(stage.observed.texts == ["a.test. 3", "a.test. 3"])
  }

  @Test(arguments: [Line.Answer.unanswered, .dropped])
  func `a refresh that nobody answers ends`(answer: Line.Answer) throws {
    let stage = stage(["a.test."], ["a.test.": Line(answer: answer), "b.test.": .addresses()])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server)
    #expect(try asker.ask(.asking("a.test")).answers.count == 3)
    let isAsked = stage.asked.haveCome(1, "a.test.")
    #expect(isAsked)
    #expect(try asker.ask(.asking("b.test", id: 2)).header.id == 2)
    #expect(stage.observed.texts == ["a.test. 3", "b.test. 1"])
  }

  // MARK: - Bounds

  @Test func `only so many wait for the worker at once`() throws {
    let count = SubQueries.refreshCountMax + 20
    var lines = Dictionary(
      uniqueKeysWithValues: (0..<count).map { ("n\($0).test.", Line.addresses()) })
    let refreshed = Set(lines.keys)
    lines["held.test."] = .addresses()
    let flag = Flag()
    let stage = Stage(
      lines,
      above: [
        { Holder(flag, next: $0) }, { PatientHandler(refreshed: refreshed, next: $0) },
      ])
    let server = try TestServer(stage.chain)
    let connection = try TCPConnection(to: server.client)
    try connection.send(.asking("after.test"))
    _ = try connection.reply()
    // While the worker is held, so many come that it notes them all before it has time for any.
    let holding = try Asker(server)
    try holding.send(.asking("held.test"))
    try connection.send((0..<count).flatMap { framed(UInt16($0), .asking("n\($0).test")) })
    flag.set()
    #expect(try holding.reply().answers.count == 1)
    for _ in 0..<count { #expect(try connection.reply().answers.count == 3) }
    try connection.send(.asking("after.test", id: 999))
    #expect(try connection.reply().header.id == 999)
    #expect(stage.asked.all.count { $0.isRefresh } == SubQueries.refreshCountMax)
  }

  @Test(arguments: [(1, 0, false), (2, 0, true), (8, 3, true), (8, 4, false)])
  func `none is asked when the table is half full`(
    countMax: Int, waitingCount: Int, isAsked: Bool
  ) throws {
    let stage = stage(
      ["a.test."],
      ["a.test.": .addresses(), "s.test.": .addresses(1, waitCount: 1), "b.test.": .addresses()])
    let server = try TestServer(stage.chain) { $0.waitingCountMax = countMax }
    let other = try Asker(server)
    for number in 0..<waitingCount {
      try other.send(.asking("s.test", id: UInt16(number)))
      _ = try #require(stage.gate.arrival("s.test.", count: number + 1))
    }
    let asker = try Asker(server)
    #expect(try asker.ask(.asking("a.test")).answers.count == 3)
    // The next query comes after the worker had the time.
    #expect(try asker.ask(.asking("b.test", id: 2)).answers.count == 1)
    #expect(stage.asked.all.count { $0.isRefresh } == (isAsked ? 1 : 0))
    for waiting in stage.gate.all { server.resume(waiting) }
    for _ in 0..<waitingCount { #expect(try other.reply().answers.count == 1) }
  }

  @Test func `a bench notes at most so many`() throws {
    let stage = stage(["a.test."], ["a.test.": .addresses()])
    var bench = QueryBench(stage.chain)
    for _ in 0..<(SubQueries.refreshCountMax * 3) {
      #expect(try bench.message(.asking("a.test")).answers.count == 3)
    }
    #expect(stage.asked.all.isEmpty, "nothing is asked before the worker has time")
    #expect(stage.observed.all.count == SubQueries.refreshCountMax * 3)
  }
}

/// Notes the questions that come by.
final class Toucher: Handler, @unchecked Sendable {
  private let sightings: Sightings

  init(_ sightings: Sightings, next: Handler?) {
    self.sightings = sightings
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    sightings.add(exchange)
    return passOn(&exchange)
  }
}

/// Holds the worker at questions for `held.test.` until a flag is set.
final class Holder: Handler, @unchecked Sendable {
  private let flag: Flag

  init(_ flag: Flag, next: Handler?) {
    self.flag = flag
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    if exchange.questionText == "held.test." {
      _ = waitUntil(.seconds(20), every: .milliseconds(1)) { flag.isSet }
    }
    return passOn(&exchange)
  }
}
