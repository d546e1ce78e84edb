import DNSWire
import Testing
import Upstreams

/// Streams: kept, shared, bounded, given up.
@Suite struct EngineStreamTests {
  private static func options(_ change: (inout UpstreamOptions) -> Void) -> UpstreamOptions {
    var options = UpstreamOptions.policy(.sequential)
    change(&options)
    return options
  }

  private let forced = Self.options { $0.forceTCP = true }

  // MARK: - When

  @Test(arguments: [
    (false, false, false, ChannelKind.datagram), (true, false, false, .stream),
    (true, false, true, .datagram), (false, true, false, .stream), (true, true, true, .stream),
  ])
  func `streams are used as client and options say`(
    isStream: Bool, forceTCP: Bool, preferUDP: Bool, kind: ChannelKind
  ) throws {
    let options = Self.options {
      $0.forceTCP = forceTCP
      $0.preferUDP = preferUDP
    }
    let simulation = Simulation([SimulatedUpstream(1)], options)
    let outcome = try simulation.outcome(.test(1, isStream: isStream))
    #expect(outcome.reply?.kind == kind)
    simulation.expectNothingLeft()
  }

  @Test func `TLS upstreams are only asked by stream`() throws {
    let options = Self.options { $0.preferUDP = true }
    let server = SimulatedUpstream(1, transport: .tls(serverName: "dns.test"))
    let simulation = Simulation([server], options)
    #expect(try simulation.outcome(.test(1)).reply?.kind == .stream)
    simulation.expectNothingLeft()
  }

  // MARK: - Sharing

  @Test func `one stream carries what comes one after the other`() throws {
    let simulation = Simulation([SimulatedUpstream(1)], forced)
    for number in 0..<300 { #expect(try simulation.outcome(.test(number)).isRight) }
    #expect(simulation.network.streamsOpened == 1)
    let statistics = simulation.engine.statistics(now: simulation.now)[0]
    #expect(statistics.streamReuseMisses == 1)
    #expect(statistics.streamReuseHits == 299)
    #expect(statistics.streamCount == 1)
    simulation.expectNothingLeft()
  }

  @Test func `streams and what is in flight in them are bounded`() {
    let server = SimulatedUpstream(1)
    server.latency = 100.milliseconds
    let simulation = Simulation([server], forced)
    for number in 0..<1_024 { simulation.ask(.test(number)) }
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.wrongCount == 0)
    #expect(simulation.network.streamCountMax == EngineLimits.streamPerUpstreamCountMax)
    #expect(
      simulation.network.waitingPerStreamCountMax == EngineLimits.attemptPerStreamCountMax)
    #expect(simulation.network.repeatedIdentifierCount == 0)
    simulation.expectNothingLeft()
  }

  @Test func `more than streams can carry goes to the next upstream`() {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    for server in servers { server.latency = 100.milliseconds }
    let simulation = Simulation(servers, forced)
    for number in 0..<2_000 { simulation.ask(.test(number)) }
    #expect(servers.map(\.queries.count) == [1_024, 976])
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.wrongCount == 0)
    #expect(
      simulation.network.waitingPerStreamCountMax <= EngineLimits.attemptPerStreamCountMax)
    #expect(simulation.engine.statistics(now: simulation.now).map(\.failures) == [0, 0])
    simulation.expectNothingLeft()
  }

  @Test func `200,000 queries over one stream are never mixed up`() {
    let server = SimulatedUpstream(1)
    var count = 0
    // Out of order: every seventh reply is late.
    server.behave = { _ in
      count += 1
      return count % 7 == 0 ? [.late(3.milliseconds)] : [.answer]
    }
    let simulation = Simulation([server], forced)
    var wrongCount = 0
    for batch in 0..<20_000 {
      let tickets = (0..<10).map { simulation.ask(.test(batch * 10 + $0)).ticket }
      simulation.run { simulation.waitingCount == 0 }
      for ticket in tickets where simulation.takeOutcome(ticket)?.isRight != true {
        wrongCount += 1
      }
    }
    #expect(wrongCount == 0)
    #expect(server.queries.count == 200_000)
    #expect(simulation.network.streamsOpened == 1)
    #expect(simulation.network.repeatedIdentifierCount == 0)
    simulation.expectNothingLeft()
  }

  // MARK: - Ends

  @Test(arguments: [(9_990, 1), (10_010, 2)])
  func `an idle stream is closed after expire`(milliseconds: Int, streamsOpened: Int) throws {
    let simulation = Simulation([SimulatedUpstream(1)], forced)
    _ = try simulation.outcome(.test(1))
    simulation.run(for: milliseconds.milliseconds)
    #expect(simulation.engine.channelCount == 2 - streamsOpened)
    #expect(try simulation.outcome(.test(2)).isRight)
    #expect(simulation.network.streamsOpened == streamsOpened)
  }

  @Test func `streams that are too old take nothing new`() throws {
    let options = Self.options {
      $0.forceTCP = true
      $0.maxAge = 1_000.milliseconds
    }
    let server = SimulatedUpstream(1)
    let simulation = Simulation([server], options)
    var lifetimes: [UInt64] = []
    var current: (channel: UInt64, since: UInt64)?
    for number in 0..<2_000 {
      #expect(try simulation.outcome(.test(number)).isRight)
      let query = try #require(server.queries.last)
      if query.channel != current?.channel {
        if let current { lifetimes.append((query.sentAt - current.since) / 1_000_000) }
        current = (query.channel, query.sentAt)
      }
    }
    #expect(lifetimes.count >= 9)
    #expect(lifetimes.allSatisfy { (900...1_005).contains($0) })
    #expect(Set(lifetimes).count > 1)
    simulation.expectNothingLeft()
  }

  @Test func `an old stream in use is closed when it is empty`() throws {
    let options = Self.options {
      $0.forceTCP = true
      $0.maxAge = 100.milliseconds
    }
    let server = SimulatedUpstream(1)
    server.latency = 300.milliseconds
    let simulation = Simulation([server], options)
    simulation.ask(.test(1))
    simulation.run(for: 200.milliseconds)
    #expect(simulation.engine.channelCount == 1)
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.wrongCount == 0)
    #expect(simulation.engine.channelCount == 0)
  }

  @Test func `an old stream in constant use takes nothing new`() {
    let options = Self.options {
      $0.forceTCP = true
      $0.maxAge = 100.milliseconds
    }
    let server = SimulatedUpstream(1)
    server.latency = 30.milliseconds
    let simulation = Simulation([server], options)
    simulation.load(count: 200, every: 10.milliseconds)
    #expect(simulation.wrongCount == 0)
    for queries in Dictionary(grouping: server.queries, by: \.channel).values {
      let times = queries.map(\.sentAt)
      #expect((times.max() ?? 0) - (times.min() ?? 0) <= 100.milliseconds)
    }
    simulation.expectNothingLeft()
  }

  @Test(arguments: [(0, 7), (2, 2), (100, 7)])
  func `idle streams can be limited`(idleMax: Int, kept: Int) {
    let options = Self.options {
      $0.forceTCP = true
      $0.maxIdleConnections = idleMax
    }
    let simulation = Simulation([SimulatedUpstream(1)], options)
    for number in 0..<100 { simulation.ask(.test(number)) }
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.network.streamsOpened == 7)
    #expect(simulation.engine.channelCount == kept)
    simulation.expectNothingLeft()
  }
}
