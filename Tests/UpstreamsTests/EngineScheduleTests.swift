import DNSWire
import Testing
import Upstreams

/// When a question is asked again, and of whom.
@Suite struct EngineScheduleTests {
  /// When each query reached an upstream, in milliseconds after the first one of all.
  private func times(_ simulation: Simulation) -> [[UInt64]] {
    let all = simulation.servers.map { $0.queries.map(\.sentAt) }
    let first = all.flatMap { $0 }.min() ?? 0
    return all.map { $0.map { ($0 - first) / 1_000_000 } }
  }

  private func silent(_ count: Int) -> [SimulatedUpstream] {
    (1...count).map { number in
      let server = SimulatedUpstream(number)
      server.die()
      return server
    }
  }

  // MARK: - One upstream

  @Test func `a single upstream is asked three times in four seconds`() throws {
    let simulation = Simulation(silent(1))
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.failure == .timedOut)
    #expect(outcome.nanoseconds == 4_000.milliseconds)
    #expect(times(simulation) == [[0, 400, 2_000]])
    simulation.expectNothingLeft()
  }

  @Test(arguments: [(5, 400), (300, 600), (900, 1_000)])
  func `a single upstream is asked again after twice its usual time`(
    latency: Int, again: UInt64
  ) throws {
    let server = SimulatedUpstream(1)
    server.latency = latency.milliseconds
    let simulation = Simulation([server])
    for number in 1...16 { _ = try simulation.outcome(.test(number)) }
    let warmUpCount = server.queries.count
    server.die()
    _ = try simulation.outcome(.test(99))
    let sent = server.queries.dropFirst(warmUpCount).map(\.sentAt)
    #expect(sent.map { ($0 - (sent.first ?? 0)) / 1_000_000 } == [0, again, 2_000])
  }

  @Test(arguments: [(1, [0]), (2, [0, 400]), (5, [0, 400, 2_000])])
  func `attempts can be limited`(countMax: Int, expected: [UInt64]) throws {
    var options = UpstreamOptions()
    options.maxConnectAttempts = countMax
    let simulation = Simulation(silent(1), options)
    #expect(try simulation.outcome(.test(1)).nanoseconds == 4_000.milliseconds)
    #expect(times(simulation) == [expected])
  }

  @Test func `two lost queries are made good within the deadline`() throws {
    let server = SimulatedUpstream(1)
    server.behave = { [unowned server] _ in server.queries.count <= 2 ? [.drop] : [.answer] }
    let simulation = Simulation([server])
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.isRight)
    #expect(outcome.nanoseconds == 2_005.milliseconds)
    simulation.expectNothingLeft()
  }

  // MARK: - Several upstreams

  @Test func `the second is asked after 150 ms while nothing is known of the first`() throws {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    servers[0].die()
    let simulation = Simulation(servers, .policy(.sequential))
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.isRight)
    #expect(outcome.nanoseconds == 155.milliseconds)
    #expect(simulation.engine.statistics(now: simulation.now).map(\.hedges) == [0, 1])
    simulation.expectNothingLeft()
  }

  @Test(arguments: [(2, 10), (40, 40), (120, 120)])
  func `the second is asked once 95 of 100 replies of the first had come`(
    latency: Int, hedge: Int
  ) throws {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    servers[0].latency = latency.milliseconds
    let simulation = Simulation(servers, .policy(.sequential))
    for number in 1...64 { _ = try simulation.outcome(.test(number)) }
    #expect(servers[1].queries.isEmpty)
    servers[0].die()
    let outcome = try simulation.outcome(.test(99))
    #expect(outcome.isRight)
    #expect(outcome.nanoseconds == hedge.milliseconds + 5.milliseconds)
  }

  @Test func `all are asked once before one is asked twice, and six times in all`() throws {
    let simulation = Simulation(silent(3), .policy(.sequential))
    #expect(try simulation.outcome(.test(1)).failure == .timedOut)
    #expect(times(simulation) == [[0, 700], [150, 850], [300, 1_000]])
    simulation.expectNothingLeft()
  }

  @Test func `two are asked three times each`() throws {
    let simulation = Simulation(silent(2), .policy(.sequential))
    #expect(try simulation.outcome(.test(1)).failure == .timedOut)
    // By then the first one has been silent for too long and comes second.
    #expect(times(simulation) == [[0, 550, 2_150], [150, 700, 2_000]])
  }

  @Test func `with fifteen upstreams six are asked`() throws {
    let simulation = Simulation(silent(15))
    #expect(try simulation.outcome(.test(1)).failure == .timedOut)
    #expect(simulation.servers.filter { $0.queries.count == 1 }.count == 6)
    #expect(simulation.network.queryCount == 6)
  }

  // MARK: - Rationing

  @Test func `hedges are rationed when everybody is slow`() {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    for server in servers { server.latency = 300.milliseconds }
    let simulation = Simulation(servers)
    for number in 0..<1_000 { simulation.ask(.test(number)) }
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.wrongCount == 0)
    let hedges = simulation.engine.statistics(now: simulation.now).reduce(0) { $0 + $1.hedges }
    #expect(hedges == 20)
    simulation.expectNothingLeft()
  }

  @Test func `hedges are one in ten in the long run`() {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    // Every third reply is slow, in turn of all: no one is worse than the other.
    var count = 0
    for server in servers {
      server.behave = { _ in
        count += 1
        return count % 3 == 0 ? [.late(25.milliseconds)] : [.answer]
      }
    }
    let simulation = Simulation(servers)
    simulation.load(count: 2_000, every: 10.milliseconds)
    #expect(simulation.wrongCount == 0)
    let hedges = simulation.engine.statistics(now: simulation.now).reduce(0) { $0 + $1.hedges }
    #expect(hedges <= 220)
  }

  @Test func `who gets no hedge asks another upstream within a second`() {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    servers[0].latency = 3_000.milliseconds
    servers[1].latency = 3_000.milliseconds
    let simulation = Simulation(servers, .policy(.sequential))
    for number in 0..<500 { simulation.ask(.test(number)) }
    simulation.run(for: 390.milliseconds)
    #expect(servers[1].queries.count < 100)
    simulation.run(for: 60.milliseconds)
    #expect(servers[1].queries.count == 500)
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.wrongCount == 0)
  }
}
