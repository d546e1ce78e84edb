import DNSWire
import Testing
import Upstreams

/// Who is asked first, and how the list changes.
@Suite struct EngineUpstreamsTests {
  private func servers(_ count: Int) -> [SimulatedUpstream] {
    (1...count).map { SimulatedUpstream($0) }
  }

  // MARK: - Policies

  @Test func `sequential asks the first that works`() throws {
    let simulation = Simulation(servers(3), .policy(.sequential))
    for number in 0..<30 { _ = try simulation.outcome(.test(number)) }
    #expect(simulation.servers.map(\.queries.count) == [30, 0, 0])
  }

  @Test func `round robin asks one after the other`() throws {
    let simulation = Simulation(servers(3), .policy(.roundRobin))
    for number in 0..<30 { _ = try simulation.outcome(.test(number)) }
    #expect(simulation.servers.map(\.queries.count) == [10, 10, 10])
    let order = simulation.servers.enumerated().flatMap { index, server in
      server.queries.map { (index, $0.sentAt) }
    }.sorted { $0.1 < $1.1 }.map(\.0)
    #expect(order == (0..<30).map { $0 % 3 })
  }

  @Test func `random asks all alike`() throws {
    let simulation = Simulation(servers(3))
    for number in 0..<3_000 { _ = try simulation.outcome(.test(number)) }
    #expect(simulation.servers.allSatisfy { (900...1_100).contains($0.queries.count) })
  }

  // MARK: - Loops

  @Test(arguments: UpstreamOptions.Policy.allCases)
  func `who leads back here is not asked`(policy: UpstreamOptions.Policy) throws {
    let simulation = Simulation(servers(2), .policy(policy))
    simulation.engine.setLooping(true, upstream: 0)
    for index in [-1, 2, Int.max] { simulation.engine.setLooping(true, upstream: index) }
    for number in 0..<20 { #expect(try simulation.outcome(.test(number)).isRight) }
    #expect(simulation.servers.map(\.queries.count) == [0, 20])
    simulation.engine.setLooping(true, upstream: 1)
    #expect(simulation.ask(.test(50)).asked == .failed(.looping))
    simulation.engine.setLooping(false, upstream: 0)
    #expect(try simulation.outcome(.test(51)).isRight)
    #expect(simulation.servers.map(\.queries.count) == [1, 20])
  }

  @Test func `a loop found on the way takes no further query`() throws {
    let simulation = Simulation(servers(2), .policy(.sequential))
    for server in simulation.servers { server.die() }
    simulation.ask(.test(1))
    simulation.run(for: 100.milliseconds)
    for index in 0...1 { simulation.engine.setLooping(true, upstream: index) }
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.outcomes[1]?.failure == .looping)
    #expect(simulation.network.queryCount == 1)
  }

  // MARK: - Replacement

  @Test func `nobody to ask`() {
    let simulation = Simulation([])
    #expect(simulation.ask(.test(1)).asked == .failed(.noneReachable))
  }

  @Test func `who stays keeps health and streams`() throws {
    var options = UpstreamOptions.policy(.sequential)
    options.forceTCP = true
    let simulation = Simulation(servers(3), options)
    let upstreams = simulation.servers.map(\.upstream)
    simulation.engine.replace([upstreams[0], upstreams[1]])
    simulation.servers[0].die()
    #expect(try simulation.outcome(.test(1)).isRight)
    let streamsOpened = simulation.network.streamsOpened
    simulation.engine.replace([upstreams[2], upstreams[1], upstreams[0]])
    let statistics = simulation.engine.statistics(now: simulation.now)
    #expect(statistics.map(\.upstream) == [upstreams[2], upstreams[1], upstreams[0]])
    #expect(statistics.map(\.condition) == [.up, .up, .suspect])
    #expect(statistics.map(\.streamCount) == [0, 1, 2])
    simulation.engine.replace([upstreams[1]])
    #expect(try simulation.outcome(.test(2)).isRight)
    #expect(simulation.network.streamsOpened == streamsOpened)
    simulation.expectNothingLeft()
  }

  @Test(arguments: [false, true])
  func `what is under way still ends well`(isStream: Bool) throws {
    let simulation = Simulation(servers(2))
    let upstreams = simulation.servers.map(\.upstream)
    simulation.engine.replace([upstreams[0]])
    for number in 0..<50 { simulation.ask(.test(number, isStream: isStream)) }
    simulation.engine.replace([upstreams[1]])
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.wrongCount == 0)
    #expect(simulation.servers.map(\.queries.count) == [50, 0])
    #expect(simulation.engine.channelCount == 0)
    #expect(try simulation.outcome(.test(99)).isRight)
    #expect(simulation.servers[1].queries.count == 1)
    simulation.expectNothingLeft()
  }

  @Test func `who went is not checked any more`() throws {
    let simulation = Simulation(servers(2), .policy(.sequential))
    simulation.servers[0].die()
    _ = try simulation.outcome(.test(1))
    simulation.run(for: 5_000.milliseconds)
    #expect(!simulation.servers[0].checks.isEmpty)
    simulation.engine.replace([simulation.servers[1].upstream])
    let count = simulation.servers[0].checks.count
    simulation.run(for: 60_000.milliseconds)
    #expect(simulation.servers[0].checks.count == count)
    #expect(simulation.engine.deadlineCount == 0)
    #expect(simulation.network.openCount == 0)
  }

  @Test func `a flight whose upstream went asks who came`() throws {
    let simulation = Simulation(servers(2))
    simulation.servers[0].die()
    simulation.engine.replace([simulation.servers[0].upstream])
    simulation.ask(.test(1))
    simulation.engine.replace([simulation.servers[1].upstream])
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.outcomes[1]?.isRight == true)
    simulation.expectNothingLeft()
  }

  @Test func `an engine that stops leaves nothing`() throws {
    let simulation = Simulation(servers(2), .policy(.sequential))
    simulation.servers[0].die()
    _ = try simulation.outcome(.test(1))
    _ = try simulation.outcome(.test(2, isStream: true))
    for number in 10..<20 { simulation.ask(.test(number, isStream: number > 15)) }
    simulation.engine.stop(now: simulation.now)
    #expect(simulation.network.openCount == 0)
    #expect(simulation.engine.channelCount == 0)
    #expect(simulation.engine.deadlineCount == 0)
    #expect(simulation.engine.takeFinished().count == 10)
    #expect(simulation.ask(.test(1)).asked == .failed(.noneReachable))
    #expect(simulation.network.violations == [])
  }

  @Test func `an engine that stopped is freed`() {
    weak var freed: UpstreamEngine?
    do {
      let simulation = Simulation(servers(1))
      freed = simulation.engine
      for number in 0..<10 { simulation.ask(.test(number, isStream: number > 5)) }
      simulation.engine.stop(now: simulation.now)
    }
    #expect(freed == nil)
  }

  @Test func `the same upstream twice is two`() throws {
    let server = SimulatedUpstream(1)
    let simulation = Simulation([server])
    simulation.engine.replace([server.upstream, server.upstream])
    simulation.engine.replace([server.upstream, server.upstream, server.upstream])
    #expect(simulation.engine.statistics(now: simulation.now).count == 3)
    #expect(try simulation.outcome(.test(1)).isRight)
  }
}
