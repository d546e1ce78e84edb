import DNSWire
import Testing
import Upstreams

/// What is shared, and what never becomes too much.
@Suite struct EngineBoundTests {
  // MARK: - One question, one flight

  @Test func `a thousand equal questions are one query`() {
    let server = SimulatedUpstream(1)
    let simulation = Simulation([server])
    for _ in 0..<1_000 { #expect(simulation.ask(.test(1)).asked == .waiting) }
    #expect(simulation.engine.flightCount == 1)
    #expect(simulation.engine.waitingTicketCount == 1_000)
    simulation.run { simulation.waitingCount == 0 }
    #expect(server.queries.count == 1)
    #expect(simulation.outcomes.count == 1_000)
    #expect(simulation.wrongCount == 0)
    simulation.expectNothingLeft()
  }

  @Test func `all who asked a question get its failure`() {
    let server = SimulatedUpstream(1)
    server.die()
    let simulation = Simulation([server])
    for _ in 0..<100 {
      simulation.ask(.test(1))
      simulation.run(for: 30.milliseconds)
    }
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.outcomes.values.filter { $0.failure == .timedOut }.count == 100)
    #expect(server.queries.count == 3)
    simulation.expectNothingLeft()
  }

  private static let plain = EDNS(requestorPayloadSize: 1_232, version: 0, dnssecOK: false)
  private static let small = EDNS(requestorPayloadSize: 512, version: 0, dnssecOK: false)
  private static let secure = EDNS(requestorPayloadSize: 1_232, version: 0, dnssecOK: true)

  @Test(arguments: [
    (UpstreamQuery.test(name: "A", edns: plain), 1), (.test(name: "a", edns: small), 1),
    (.test(name: "a", edns: nil), 1), (.test(name: "a", flags: 0x0120, edns: plain), 1),
    (.test(name: "a", edns: plain, options: [0, 3, 0, 0]), 1),
    (.test(name: "a", edns: secure), 2), (.test(name: "a", flags: 0, edns: plain), 2),
    (.test(name: "a", flags: 0x0110, edns: plain), 2),
    (.test(name: "a", edns: plain, isStream: true), 2), (.test(name: "b", edns: plain), 2),
    (.test(name: "a", type: 28, edns: plain), 2),
  ])
  func `what changes the answer is another question, nothing else is`(
    query: UpstreamQuery, queryCount: Int
  ) {
    let simulation = Simulation([SimulatedUpstream(1)])
    simulation.ask(.test(name: "a", edns: Self.plain))
    simulation.ask(query)
    #expect(simulation.engine.flightCount == queryCount)
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.network.queryCount == queryCount)
  }

  @Test func `types are not folded like letters`() {
    let simulation = Simulation([SimulatedUpstream(1)])
    simulation.ask(.test(name: "a", type: 65, edns: nil))
    simulation.ask(.test(name: "a", type: 97, edns: nil))
    #expect(simulation.engine.flightCount == 2)
  }

  @Test func `an upstream never has a question twice unless it is asked again`() {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    let simulation = Simulation(servers)
    for round in 0..<200 {
      for number in 0..<30 { simulation.ask(.test(number % 10)) }
      simulation.run(for: round % 3 == 0 ? 10.milliseconds : 2.milliseconds)
    }
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.wrongCount == 0)
    #expect(simulation.network.equalQuestionCountMax == 1)
    for server in servers { server.die() }
    for _ in 0..<200 {
      for number in 0..<10 { simulation.ask(.test(number)) }
      simulation.run(for: 10.milliseconds)
    }
    #expect(simulation.network.equalQuestionCountMax <= EngineLimits.attemptPerUpstreamCountMax)
    simulation.expectNothingLeft()
  }

  // MARK: - IDs and ports

  @Test func `IDs and ports are fresh for every query`() {
    let server = SimulatedUpstream(1)
    let simulation = Simulation([server])
    simulation.load(count: 5_000, every: 1.milliseconds)
    #expect(Set(server.queries.map(\.channel)).count == 5_000)
    // As many different ones as of 5,000 draws from 65,536 can be expected: 4,814.
    #expect((4_750...4_880).contains(simulation.network.identifiers.count))
    let ids = server.queries.map { Int($0.id) }
    let near = zip(ids.dropFirst(), ids).filter { abs($0 - $1) <= 2 }
    #expect(near.count < 10)
    simulation.expectNothingLeft()
  }

  @Test(arguments: [2, 16, 100])
  func `sockets stay within the budget and are shared at random beyond it`(budget: Int) {
    let server = SimulatedUpstream(1)
    server.latency = 100.milliseconds
    let simulation = Simulation([server], socketCountMax: budget)
    for number in 0..<1_000 { simulation.ask(.test(number)) }
    #expect(simulation.network.datagramCountMax == budget - 1)
    let perSocket = Dictionary(grouping: server.queries, by: \.channel).mapValues(\.count)
    #expect(perSocket.count == budget - 1)
    #expect((perSocket.values.max() ?? 0) < 3 * 1_000 / (budget - 1))
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.wrongCount == 0)
    #expect(simulation.network.repeatedIdentifierCount == 0)
    simulation.expectNothingLeft()
  }

  @Test func `the engine knows which sockets are open`() {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    var count = 0
    for server in servers {
      server.behave = { _ in
        count += 1
        return [.late((count * 37 % 100).milliseconds)]
      }
    }
    let simulation = Simulation(servers, socketCountMax: 24)
    for number in 0..<3_000 {
      simulation.ask(.test(number, isStream: number % 9 == 0))
      simulation.run(for: 1.milliseconds)
      simulation.expectBooksAgree()
    }
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.wrongCount == 0)
    #expect(simulation.network.datagramCountMax <= 24)
    simulation.expectNothingLeft()
  }

  @Test(arguments: [1, 2])
  func `sockets stay within the budget while nobody answers`(count: Int) {
    let servers = (1...count).map { SimulatedUpstream($0) }
    for server in servers { server.die() }
    let simulation = Simulation(servers)
    for number in 0..<4_096 { simulation.ask(.test(number)) }
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.network.datagramCountMax == EngineLimits.socketPerUpstreamCountMax)
    #expect(simulation.network.queryCount <= 4_096 * EngineLimits.attemptCountMax)
    simulation.expectNothingLeft()
  }

  // MARK: - Waiting

  @Test(arguments: [false, true])
  func `so many may wait and no more`(areEqual: Bool) {
    let simulation = Simulation([SimulatedUpstream(1)])
    let countMax = EngineLimits.waitingTicketCountMax
    for number in 0..<countMax {
      #expect(simulation.ask(.test(areEqual ? 1 : number)).asked == .waiting)
    }
    #expect(simulation.ask(.test(0)).asked == .overloaded)
    #expect(simulation.ask(.test(countMax)).asked == .overloaded)
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.outcomes.count == countMax)
    #expect(simulation.ask(.test(0)).asked == .waiting)
    simulation.expectNothingLeft()
  }

  @Test func `results are there once and not for ever`() {
    let server = SimulatedUpstream(1)
    let network = SimulatedNetwork([server])
    let engine = UpstreamEngine(
      upstreams: [server.upstream], options: UpstreamOptions(), channels: network, random: { 1 })
    for ticket in [1, 2] as [UInt64] {
      #expect(engine.ask(.test(1), ticket: ticket, now: 0) == .waiting)
    }
    #expect(engine.takeFinished() == [])
    network.now = 5.milliseconds
    network.deliver(to: engine)
    #expect(engine.takeFinished() == [1, 2])
    #expect(engine.takeFinished() == [])
    #expect(engine.takeResult(1) != nil)
    #expect(engine.takeResult(1) == nil)
    engine.discardResults()
    #expect(engine.takeResult(2) == nil)
  }

  @Test func `a generator that repeats itself ends in failure and not in a loop`() {
    let server = SimulatedUpstream(1)
    server.die()
    let network = SimulatedNetwork([server])
    let engine = UpstreamEngine(
      upstreams: [server.upstream], options: UpstreamOptions(), channels: network, random: { 1 },
      socketCountMax: 2)
    #expect(engine.ask(.test(1), ticket: 1, now: 0) == .waiting)
    #expect(engine.ask(.test(2), ticket: 2, now: 0) == .waiting)
    while engine.deadline < 5_000.milliseconds {
      network.now = engine.deadline
      engine.tick(now: network.now)
      network.deliver(to: engine)
    }
    #expect(Set(engine.takeFinished()) == [1, 2])
    #expect(network.violations == [])
  }
}
