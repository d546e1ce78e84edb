import DNSWire
import TestSupport
import Testing
import Upstreams

/// An engine, upstreams and clients on a clock that only moves when nothing is left to do.
final class Simulation {
  struct Outcome {
    let result: UpstreamResult
    let startedAt: UInt64
    let endedAt: UInt64
    let question: [UInt8]

    var nanoseconds: UInt64 { endedAt - startedAt }
    var reply: UpstreamReply? { if case .reply(let reply) = result { reply } else { nil } }
    var failure: UpstreamFailure? { if case .failed(let why) = result { why } else { nil } }
    /// A reply with the address made of the very name that was asked.
    var isRight: Bool {
      guard let reply, reply.summary.responseCode == .noError else { return false }
      let offset = reply.summary.answer.offset + 12
      let expected = SimulatedQuery.address(of: question)
      guard offset + 4 <= reply.octets.count else { return false }
      return Array(reply.octets[offset..<(offset + 4)]) == expected
    }
  }

  private final class Randomness {
    var generator: SeededGenerator
    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }
  }

  let network: SimulatedNetwork
  let engine: UpstreamEngine
  private var waiting: [UInt64: (startedAt: UInt64, question: [UInt8])] = [:]
  private(set) var outcomes: [UInt64: Outcome] = [:]
  private var lastTicket: UInt64 = 0

  init(
    _ servers: [SimulatedUpstream], _ options: UpstreamOptions = UpstreamOptions(),
    seed: UInt64 = 1, socketCountMax: Int = EngineLimits.socketPerUpstreamCountMax
  ) {
    network = SimulatedNetwork(servers)
    let randomness = Randomness(seed: seed)
    engine = UpstreamEngine(
      upstreams: servers.map(\.upstream), options: options, channels: network,
      random: { randomness.generator.next() }, socketCountMax: socketCountMax)
    network.now = 1_000_000_000_000
  }

  var now: UInt64 { network.now }
  var waitingCount: Int { waiting.count }
  var servers: [SimulatedUpstream] { network.servers }

  // MARK: - Clients

  /// Asks; what is not waited for has its outcome at once.
  @discardableResult
  func ask(_ query: UpstreamQuery) -> (asked: Asked, ticket: UInt64) {
    lastTicket += 1
    let asked = engine.ask(query, ticket: lastTicket, now: now)
    switch asked {
    case .waiting: waiting[lastTicket] = (now, query.question)
    case .overloaded: break
    case .failed(let failure):
      outcomes[lastTicket] = Outcome(
        result: .failed(failure), startedAt: now, endedAt: now, question: query.question)
    }
    collect()
    return (asked, lastTicket)
  }

  /// Asks, lets all of it happen and says what became of it.
  func outcome(_ query: UpstreamQuery) throws -> Outcome {
    let ticket = ask(query).ticket
    run { waiting[ticket] == nil }
    return try #require(outcomes[ticket])
  }

  /// The outcome of `ticket`, which is forgotten.
  func takeOutcome(_ ticket: UInt64) -> Outcome? {
    outcomes.removeValue(forKey: ticket)
  }

  private func collect() {
    for ticket in engine.takeFinished() {
      guard let result = engine.takeResult(ticket) else {
        Issue.record("ticket \(ticket) has no result")
        continue
      }
      guard let (startedAt, question) = waiting.removeValue(forKey: ticket) else {
        Issue.record("ticket \(ticket) did not wait")
        continue
      }
      outcomes[ticket] = Outcome(
        result: result, startedAt: startedAt, endedAt: now, question: question)
    }
  }

  // MARK: - Time

  /// Goes on until `end`.
  func run(until end: UInt64) {
    run(until: end) { false }
    network.now = max(network.now, end)
  }

  /// Goes on until `isDone` or nothing is left to happen.
  func run(until end: UInt64 = .max, _ isDone: () -> Bool) {
    while !isDone() {
      let next = min(network.next, engine.deadline)
      guard next <= end, next != .max else { return }
      network.now = max(now, next)
      network.deliver(to: engine)
      if engine.deadline <= now { engine.tick(now: now) }
      collect()
    }
  }

  /// Goes on for so long.
  func run(for nanoseconds: UInt64) { run(until: now + nanoseconds) }

  /// Asks `count` different questions, one each `interval`, and waits for all of them.
  func load(count: Int, every interval: UInt64, from first: Int = 0) {
    for number in first..<(first + count) {
      ask(.test(number))
      run(for: interval)
    }
    run { waiting.isEmpty }
  }

  /// Time that 99 of 100 outcomes stay within.
  var p99: UInt64 {
    let sorted = outcomes.values.map(\.nanoseconds).sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count * 99 / 100]
  }

  var wrongCount: Int { outcomes.values.filter { !$0.isRight }.count }

  /// Expects that the engine counts as many open sockets as there are.
  func expectBooksAgree(sourceLocation: SourceLocation = #_sourceLocation) {
    for one in engine.statistics(now: now) {
      let server = servers.first { $0.upstream == one.upstream }
      #expect(one.datagramSocketCount == server?.datagramCount, sourceLocation: sourceLocation)
      #expect(one.streamCount == server?.streamCount, sourceLocation: sourceLocation)
    }
    #expect(engine.channelCount == network.openCount, sourceLocation: sourceLocation)
  }

  /// Expects that nothing is left: no flight, ticket, or channel, and that the engine used channels
  /// as it must. Health checks are answered in the end; streams are given time to expire.
  func expectNothingLeft(sourceLocation: SourceLocation = #_sourceLocation) {
    run { waiting.isEmpty }
    for server in servers { server.revive() }
    run(for: 60_000.milliseconds)
    #expect(network.violations == [], sourceLocation: sourceLocation)
    #expect(waiting.isEmpty, sourceLocation: sourceLocation)
    #expect(engine.flightCount == 0, sourceLocation: sourceLocation)
    #expect(engine.waitingTicketCount == 0, sourceLocation: sourceLocation)
    #expect(engine.channelCount == 0, sourceLocation: sourceLocation)
    #expect(network.openCount == 0, sourceLocation: sourceLocation)
    #expect(engine.deadlineCount == 0, sourceLocation: sourceLocation)
    let statistics = engine.statistics(now: now)
    #expect(statistics.allSatisfy { $0.attemptCount == 0 }, sourceLocation: sourceLocation)
  }
}

extension UpstreamQuery {
  /// A question of its own for each number: A of `<number>.test`, with OPT unless told otherwise.
  static func test(
    _ number: Int, flags: UInt16 = HeaderFlag.recursionDesired, edns: Bool = true,
    dnssecOK: Bool = false, options: [UInt8] = [], isStream: Bool = false
  ) -> UpstreamQuery {
    test(
      name: String(number), flags: flags,
      edns: edns
        ? EDNS(requestorPayloadSize: 1_232, version: 0, dnssecOK: dnssecOK) : nil,
      options: options, isStream: isStream)
  }

  /// A question about `<name>.test`.
  static func test(
    name: String, type: UInt8 = 1, flags: UInt16 = HeaderFlag.recursionDesired, edns: EDNS?,
    options: [UInt8] = [], isStream: Bool = false
  ) -> UpstreamQuery {
    let label = Array(name.utf8)
    return UpstreamQuery(
      question: [UInt8(label.count)] + label + [4] + Array("test".utf8) + [0, 0, type, 0, 1],
      flags: flags, edns: edns, options: options, isStream: isStream)
  }
}
