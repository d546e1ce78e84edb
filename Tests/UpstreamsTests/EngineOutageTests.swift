import DNSWire
import Testing
import Upstreams

/// Clients do not notice that an upstream is gone, and are told soon when all are.
@Suite struct EngineOutageTests {
  /// How an upstream fails.
  enum Outage: CaseIterable, Sendable {
    case silence, silenceLater, refusal, refusalLater, flapping, refusedFlapping, lossy, slow
    case junk

    /// What the upstream does at a time after the start.
    func behavior(_ nanoseconds: UInt64, _ number: Int) -> [Behavior] {
      let isOddSecond = (nanoseconds / 1_000_000_000) % 2 == 1
      return switch self {
      case .silence: [.drop]
      case .silenceLater: nanoseconds < 3_000_000_000 ? [.answer] : [.drop]
      case .refusal: [.refuse]
      case .refusalLater: nanoseconds < 3_000_000_000 ? [.answer] : [.refuse]
      case .flapping: isOddSecond ? [.answer] : [.drop]
      case .refusedFlapping: isOddSecond ? [.answer] : [.refuse]
      case .lossy: number % 2 == 0 ? [.answer] : [.drop]
      case .slow: [.late(2_500_000_000)]
      case .junk: [.wrongID, .garble]
      }
    }
  }

  @Test(arguments: Outage.allCases, UpstreamOptions.Policy.allCases)
  func `one of two upstreams fails and nobody notices`(
    outage: Outage, policy: UpstreamOptions.Policy
  ) {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    let simulation = Simulation(servers, .policy(policy), seed: 7)
    let start = simulation.now
    var count = 0
    let behave: (SimulatedQuery) -> [Behavior] = { query in
      count += 1
      return outage.behavior(query.sentAt - start, count)
    }
    servers[0].behave = behave
    servers[0].behaveOnCheck = behave
    simulation.load(count: 2_000, every: 10.milliseconds)
    #expect(simulation.outcomes.count == 2_000)
    #expect(simulation.wrongCount == 0)
    #expect(simulation.p99 < 250.milliseconds)
    // A tenth more for hedges, and what was asked of the bad one in vain.
    #expect(simulation.network.queryCount < 2_600)
    simulation.expectNothingLeft()
  }

  @Test(arguments: [1, 2, 3], [true, false])
  func `all are dead: few packets, then failure at once`(count: Int, isRefusing: Bool) {
    let servers = (1...count).map { SimulatedUpstream($0) }
    for server in servers {
      server.die()
      if isRefusing {
        server.behave = { _ in [.refuse] }
        server.behaveOnCheck = server.behave
      }
    }
    let simulation = Simulation(servers)
    simulation.load(count: 2_000, every: 10.milliseconds)
    let outcomes = simulation.outcomes.values
    #expect(outcomes.allSatisfy { $0.failure != nil && $0.nanoseconds <= 4_000.milliseconds })
    var perQuestion: [[UInt8]: Int] = [:]
    for query in servers.flatMap(\.queries) { perQuestion[query.question, default: 0] += 1 }
    #expect(perQuestion.values.allSatisfy { $0 <= EngineLimits.attemptCountMax })
    // Once they count as down, one question is let through each half second, of 20 seconds.
    let lateStart = outcomes.filter { $0.startedAt > simulation.now - 12_000.milliseconds }
    #expect(lateStart.filter { $0.failure == .allDown }.count > lateStart.count * 9 / 10)
    simulation.expectNothingLeft()
  }

  @Test func `all down fails at once when that is wanted`() throws {
    let server = SimulatedUpstream(1)
    server.die()
    var options = UpstreamOptions()
    options.failFastWhenAllDown = true
    let simulation = Simulation([server], options)
    simulation.load(count: 500, every: 10.milliseconds)
    let before = server.queries.count
    for number in 1_000..<1_100 {
      #expect(simulation.ask(.test(number)).asked == .failed(.allDown))
      simulation.run(for: 100.milliseconds)
    }
    #expect(server.queries.count == before)
    server.revive()
    simulation.run(for: 9_000.milliseconds)
    #expect(try simulation.outcome(.test(2_000)).isRight)
  }

  @Test(arguments: [false, true])
  func `one question at a time finds out that they are back`(isChecked: Bool) throws {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    for server in servers { server.die() }
    let simulation = Simulation(servers)
    simulation.load(count: 1_000, every: 10.milliseconds)
    for server in servers {
      server.revive()
      if !isChecked { server.behaveOnCheck = { _ in [.drop] } }
    }
    simulation.run(for: 500.milliseconds)
    #expect(try simulation.outcome(.test(5_000)).isRight)
    if isChecked { simulation.run(for: 9_000.milliseconds) }
    simulation.load(count: 100, every: 10.milliseconds, from: 6_000)
    #expect((1_002...1_101).allSatisfy { simulation.outcomes[$0]?.isRight == true })
  }

  @Test func `with all down one question goes to one upstream`() {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2), SimulatedUpstream(3)]
    for server in servers { server.die() }
    let simulation = Simulation(servers)
    simulation.load(count: 1_000, every: 10.milliseconds)
    simulation.run(for: 1_000.milliseconds)
    let before = servers.map(\.queries.count)
    #expect(simulation.ask(.test(5_000)).asked == .waiting)
    #expect(simulation.ask(.test(5_001)).asked == .failed(.allDown))
    // The same question joins.
    #expect(simulation.ask(.test(5_000)).asked == .waiting)
    simulation.run { simulation.waitingCount == 0 }
    let sent = zip(servers.map(\.queries.count), before).map { $0 - $1 }
    #expect(sent.filter { $0 > 0 }.count == 1)
    simulation.expectNothingLeft()
  }
}
