import DNSWire
import Testing
import Upstreams

/// What makes an upstream suspect, down and up again.
@Suite struct EngineHealthTests {
  private func condition(_ simulation: Simulation, _ index: Int = 0) -> UpstreamCondition? {
    let statistics = simulation.engine.statistics(now: simulation.now)
    return statistics.indices.contains(index) ? statistics[index].condition : nil
  }

  /// Two upstreams, the first of which is asked first, is silent, and made the second answer.
  private func outrun(_ options: UpstreamOptions = .policy(.sequential)) throws -> Simulation {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    servers[0].die()
    let simulation = Simulation(servers, options)
    #expect(try simulation.outcome(.test(1)).isRight)
    return simulation
  }

  @Test func `whoever a hedge outran is suspect and checked at once`() throws {
    let simulation = try outrun()
    #expect(condition(simulation) == .suspect)
    #expect(simulation.servers[0].checks.map(\.sentAt) == [simulation.now])
    #expect(simulation.servers[1].checks.isEmpty)
  }

  @Test func `the last reply and the last failure are known`() throws {
    let simulation = try outrun()
    let (first, second) = (
      simulation.engine.statistics(now: simulation.now)[0],
      simulation.engine.statistics(now: simulation.now)[1]
    )
    #expect(first.lastReply == nil && second.lastFailure == nil)
    #expect(first.lastFailure?.at == simulation.now)
    if case .silence = first.lastFailure?.trouble {} else { Issue.record("another trouble") }
    #expect(second.lastReply?.at == simulation.now && second.lastReply?.code == 0)
    #expect(second.lastReply?.nanoseconds == simulation.servers[1].latency)
  }

  @Test func `failures of one cause count once`() throws {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    servers[0].die()
    var options = UpstreamOptions.policy(.sequential)
    options.maxFails = 3
    let simulation = Simulation(servers, options)
    for number in 0..<15 { simulation.ask(.test(number)) }
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.engine.statistics(now: simulation.now)[0].failures == 1)
  }

  @Test func `a reply of any code makes it good again`() throws {
    let server = SimulatedUpstream(1)
    server.behave = { [unowned server] _ in server.queries.count == 1 ? [.drop] : [.code(5)] }
    server.behaveOnCheck = { _ in [.drop] }
    let simulation = Simulation([server])
    server.latency = 2_100.milliseconds
    #expect(try simulation.outcome(.test(1)).reply?.summary.responseCode == .refused)
    #expect(condition(simulation) == .up)
    simulation.expectNothingLeft()
  }

  // MARK: - Checks

  @Test(arguments: [(true, "health.test", 0x0100), (false, ".", 0)] as [(Bool, String, UInt16)])
  func `a check asks NS of the domain`(recurses: Bool, domain: String, flags: UInt16) throws {
    var options = UpstreamOptions.policy(.sequential)
    options.healthCheckRecurses = recurses
    options.healthCheckDomain = try #require(DomainName(text: domain))
    let check = try #require(try outrun(options).servers[0].checks.first)
    #expect(check.flags == flags)
    #expect(check.question == options.healthCheckDomain.wire + [0, 2, 0, 1])
    #expect(!check.hasOPT)
  }

  @Test func `checks become rarer while nobody answers`() throws {
    let simulation = try outrun()
    simulation.run(for: 60_000.milliseconds)
    let times = simulation.servers[0].checks.map(\.sentAt)
    let gaps = zip(times.dropFirst(), times).map { ($0 - $1) / 1_000_000 }
    let expected: [ClosedRange<UInt64>] =
      [1_000...1_000, 1_000...1_100, 1_800...2_200, 3_600...4_400]
      + Array(repeating: 7_200...8_800, count: 5)
    #expect(gaps.count >= expected.count)
    for (gap, range) in zip(gaps, expected) { #expect(range.contains(gap)) }
    #expect(condition(simulation) == .down)
    // Jitter: not all the same.
    #expect(Set(gaps.dropFirst(4)).count > 1)
  }

  @Test(arguments: [0, 2, 3, 5] as [UInt16])
  func `a check answered with any code ends checking`(code: UInt16) throws {
    let simulation = try outrun()
    simulation.run(for: 20_000.milliseconds)
    #expect(condition(simulation) == .down)
    simulation.servers[0].behaveOnCheck = { _ in [.code(code)] }
    simulation.run(for: 9_000.milliseconds)
    #expect(condition(simulation) == .up)
    let count = simulation.servers[0].checks.count
    simulation.run(for: 60_000.milliseconds)
    #expect(simulation.servers[0].checks.count == count)
    simulation.expectNothingLeft()
  }

  @Test func `forged replies to checks do not count`() throws {
    let simulation = try outrun()
    simulation.servers[0].behaveOnCheck = { _ in [.wrongID, .wrongQuestion, .garble, .short] }
    simulation.run(for: 20_000.milliseconds)
    #expect(condition(simulation) == .down)
    let statistics = simulation.engine.statistics(now: simulation.now)[0]
    #expect(statistics.healthCheckFailures >= 5)
    #expect(statistics.foreignReplies >= 20)
  }

  @Test func `a reply to a question ends checking`() throws {
    let simulation = try outrun()
    simulation.servers[0].behave = { _ in [.answer] }
    simulation.servers[1].die()
    simulation.run(for: 10_000.milliseconds)
    #expect(condition(simulation) == .down)
    #expect(try simulation.outcome(.test(2)).isRight)
    #expect(condition(simulation) == .up)
    let count = simulation.servers[0].checks.count
    simulation.run(for: 30_000.milliseconds)
    #expect(simulation.servers[0].checks.count == count)
  }

  @Test func `checks of TLS upstreams go by stream`() throws {
    let servers = [
      SimulatedUpstream(1, transport: .tls(serverName: nil)), SimulatedUpstream(2),
    ]
    servers[0].die()
    let simulation = Simulation(servers, .policy(.sequential))
    #expect(try simulation.outcome(.test(1)).isRight)
    #expect(servers[0].checks.map(\.kind) == [.stream])
    #expect(servers[0].queries.map(\.kind) == [.stream])
    #expect(servers[0].checks.map(\.channel) != servers[0].queries.map(\.channel))
    simulation.expectNothingLeft()
  }

  // MARK: - Conditions

  @Test(arguments: [1, 2, 4])
  func `so many failures in a row make it down`(failCountMax: Int) throws {
    var options = UpstreamOptions()
    options.maxFails = failCountMax
    let server = SimulatedUpstream(1)
    server.die()
    let simulation = Simulation([server], options)
    simulation.ask(.test(1))
    var seen: [UpstreamCondition?: Int] = [:]
    for _ in 0..<100 {
      simulation.run(for: 100.milliseconds)
      let statistics = simulation.engine.statistics(now: simulation.now)[0]
      let isDown = statistics.condition == .down
      #expect(isDown == (statistics.failures >= failCountMax))
      seen[statistics.condition, default: 0] += 1
    }
    #expect(seen[.down] != nil)
    #expect((seen[.suspect] != nil) == (failCountMax > 1))
  }

  @Test func `without max_fails nobody is down and nobody is checked`() throws {
    var options = UpstreamOptions.policy(.sequential)
    options.maxFails = 0
    let simulation = try outrun(options)
    simulation.load(count: 1_000, every: 10.milliseconds, from: 10)
    #expect(simulation.wrongCount == 0)
    #expect(simulation.servers[0].checks.isEmpty)
    #expect(condition(simulation) != .down)
    // Tried again now and then, or it would never be used any more.
    #expect((3...100).contains(simulation.servers[0].queries.count))
    simulation.expectNothingLeft()
  }

  @Test func `a suspect is only asked when the others are slow`() throws {
    let simulation = try outrun()
    for number in 10..<100 { #expect(try simulation.outcome(.test(number)).isRight) }
    #expect(simulation.servers[0].queries.count == 1)
  }

  @Test func `who is down is asked when the others were asked twice`() throws {
    let simulation = try outrun()
    simulation.run(for: 20_000.milliseconds)
    #expect(condition(simulation) == .down)
    simulation.servers[0].behave = { _ in [.answer] }
    simulation.servers[1].behave = { _ in [.drop] }
    #expect(try simulation.outcome(.test(2)).isRight)
    #expect(simulation.servers[1].queries.count == 4)
    #expect(simulation.servers[0].queries.count == 2)
  }
}
