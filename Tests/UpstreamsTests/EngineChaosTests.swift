import DNSWire
import TestSupport
import Testing
import Upstreams

/// Random upstreams, options, loads and accidents: each seed another schedule.
@Suite struct EngineChaosTests {
  private static let behaviors: [Behavior] = [
    .answer, .answer, .answer, .answer, .late(30_000_000), .late(900_000_000),
    .late(3_500_000_000), .garble, .short, .wrongID, .wrongQuestion, .truncate, .code(2),
    .code(5), .code(1), .code(3), .refuseEDNS, .dropEDNS, .refuse, .closeStream, .drop,
  ]

  /// One random schedule.
  private struct Schedule {
    var generator: SeededGenerator
    let simulation: Simulation
    var upstreams: [Upstream]
    var number = 0

    init(seed: UInt64) {
      var generator = SeededGenerator(seed: seed)
      func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }
      var options = UpstreamOptions()
      options.policy = UpstreamOptions.Policy.allCases.randomElement(using: &generator) ?? .random
      options.forceTCP = chance(25)
      options.preferUDP = chance(25)
      options.maxFails = Int.random(in: 0...3, using: &generator)
      options.maxAge = chance(30) ? 500_000_000 : 0
      options.expire = chance(50) ? 200_000_000 : 10_000_000_000
      options.maxIdleConnections = chance(30) ? 1 : 0
      options.maxConnectAttempts = Int.random(in: 0...4, using: &generator)
      options.failFastWhenAllDown = chance(20)
      options.failoverCodes = chance(40) ? [2, 5] : []
      options.readTimeout = chance(20) ? 100_000_000 : 2_000_000_000
      let servers = (1...Int.random(in: 1...4, using: &generator)).map {
        SimulatedUpstream($0, transport: chance(20) ? .tls(serverName: nil) : .plain)
      }
      simulation = Simulation(
        servers, options, seed: seed, socketCountMax: chance(40) ? 4 : 512)
      upstreams = servers.map(\.upstream)
      self.generator = generator
    }

    mutating func chance(_ percent: Int) -> Bool {
      Int.random(in: 0..<100, using: &generator) < percent
    }

    /// A server changes its ways.
    mutating func change(_ server: SimulatedUpstream) {
      var behaviors: [Behavior] = []
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        if let one = EngineChaosTests.behaviors.randomElement(using: &generator) {
          behaviors.append(one)
        }
      }
      if chance(40) { behaviors = [.answer] }
      server.behave = { _ in behaviors }
      if chance(50) { server.behaveOnCheck = server.behave }
      server.latency = Int.random(in: 1...80, using: &generator).milliseconds
      server.refusesStreams = chance(10)
      server.cannotBeOpened = chance(10)
      if chance(10) { simulation.network.breakStreams(of: server, told: .closed) }
      if chance(10) { simulation.network.breakStreams(of: server, told: nil) }
    }

    /// The list changes, or a loop is found.
    mutating func reconfigure() {
      if chance(50) {
        simulation.engine.replace(
          upstreams.shuffled(using: &generator).dropLast(chance(50) ? 1 : 0))
      } else {
        simulation.engine.setLooping(chance(30), upstream: Int.random(in: 0...3, using: &generator))
      }
    }

    mutating func step() {
      for server in simulation.servers where chance(5) { change(server) }
      if chance(3) { reconfigure() }
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        number += 1
        simulation.ask(
          .test(
            chance(20) ? number / 8 : number, edns: chance(80), dnssecOK: chance(20),
            isStream: chance(20)))
      }
      simulation.run(for: Int.random(in: 0...60, using: &generator).milliseconds)
    }
  }

  @Test(arguments: 0..<20)
  func `whatever happens, every ticket ends in time and nothing is left`(group: Int) {
    for seed in (group * 15)..<(group * 15 + 15) {
      var schedule = Schedule(seed: UInt64(seed))
      let simulation = schedule.simulation
      for _ in 0..<120 { schedule.step() }
      simulation.run { simulation.waitingCount == 0 }
      let outcomes = simulation.outcomes.values
      let slowest = outcomes.map(\.nanoseconds).max() ?? 0
      #expect(slowest <= EngineLimits.flightNanoseconds, "seed \(seed)")
      // A good reply is the one to the question asked.
      let mixedUp = outcomes.filter {
        $0.reply?.summary.answer.recordCount == 1 && !$0.isRight
      }
      #expect(mixedUp.isEmpty, "seed \(seed)")
      #expect(
        simulation.network.streamCountMax <= EngineLimits.streamPerUpstreamCountMax + 1,
        "seed \(seed)")
      #expect(
        simulation.network.datagramCountMax <= EngineLimits.socketPerUpstreamCountMax,
        "seed \(seed)")
      for server in simulation.servers {
        server.cannotBeOpened = false
        server.refusesStreams = false
      }
      simulation.expectNothingLeft()
    }
  }

  @Test(arguments: [3, 77] as [UInt64])
  func `equal seeds give equal runs`(seed: UInt64) {
    func trace() -> [String] {
      var schedule = Schedule(seed: seed)
      for _ in 0..<100 { schedule.step() }
      let simulation = schedule.simulation
      simulation.run { simulation.waitingCount == 0 }
      return simulation.outcomes.sorted { $0.key < $1.key }.map {
        "\($0.key) \($0.value.endedAt) \($0.value.reply?.octets ?? [])"
      }
    }
    #expect(trace() == trace())
  }

  @Test(arguments: 0..<10)
  func `whatever is told of whatever channel does no harm`(seed: UInt64) throws {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    let simulation = Simulation(servers, seed: seed)
    var generator = SeededGenerator(seed: seed)
    let failures: [ChannelFailure] = [.refused, .unreachable, .closed, .error, .tls]
    for number in 0..<500 {
      simulation.ask(.test(number, isStream: number % 3 == 0))
      let channel = UInt64.random(in: 0...700, using: &generator)
      let octets = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      simulation.engine.received(octets.span, on: channel, now: simulation.now)
      if number % 20 == 0, let failure = failures.randomElement(using: &generator) {
        simulation.engine.failed(channel, failure, now: simulation.now)
      }
      simulation.run(for: 2.milliseconds)
    }
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.wrongCount == 0)
    simulation.expectNothingLeft()
  }
}
