import DNSWire
import Testing
import Upstreams

/// Streams that close, break or fall silent with questions in flight.
@Suite struct EngineStreamBreakTests {
  private let forced = {
    var options = UpstreamOptions.policy(.sequential)
    options.forceTCP = true
    return options
  }()

  @Test func `an idle stream that the upstream closes is no failure`() throws {
    let server = SimulatedUpstream(1)
    let simulation = Simulation([server], forced)
    _ = try simulation.outcome(.test(1))
    simulation.network.breakStreams(of: server, told: .closed)
    simulation.run(for: 1.milliseconds)
    #expect(simulation.engine.channelCount == 0)
    #expect(simulation.engine.statistics(now: simulation.now)[0].failures == 0)
    #expect(try simulation.outcome(.test(2)).isRight)
    simulation.expectNothingLeft()
  }

  @Test func `what a breaking stream carried goes out at once on a fresh one`() {
    let server = SimulatedUpstream(1)
    let simulation = Simulation([server], forced)
    simulation.load(count: 1, every: 0)
    server.latency = 50.milliseconds
    for number in 1...16 { simulation.ask(.test(number)) }
    simulation.run(for: 20.milliseconds)
    simulation.network.breakStreams(of: server, told: .closed)
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.wrongCount == 0)
    #expect(simulation.p99 == 70.milliseconds)
    #expect(server.queries.count == 33)
    #expect(simulation.network.streamsOpened == 2)
    // It had worked: closing is the upstream's right.
    #expect(simulation.engine.statistics(now: simulation.now)[0].failures == 0)
    simulation.expectNothingLeft()
  }

  @Test func `when all streams break none of them is tried for the others`() {
    let server = SimulatedUpstream(1)
    let simulation = Simulation([server], forced)
    for number in 0..<17 { simulation.ask(.test(number)) }
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.network.streamsOpened == 2)
    for number in 20..<22 { simulation.ask(.test(number)) }
    #expect(Set(server.queries.suffix(2).map(\.channel)).count == 2)
    simulation.network.breakStreams(of: server, told: .closed)
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.wrongCount == 0)
    #expect(server.queries.count == 21)
    #expect(simulation.p99 == 5.milliseconds)
    simulation.expectNothingLeft()
  }

  @Test func `a stream that is found broken when it is written to is replaced`() {
    let server = SimulatedUpstream(1)
    let simulation = Simulation([server], forced)
    simulation.load(count: 1, every: 0)
    simulation.network.breakStreams(of: server, told: nil)
    simulation.load(count: 1, every: 0, from: 1)
    #expect(simulation.wrongCount == 0)
    #expect(simulation.network.streamsOpened == 2)
    simulation.expectNothingLeft()
  }

  @Test func `who closes fresh streams too is passed over`() throws {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    servers[0].behave = { _ in [.closeStream] }
    let simulation = Simulation(servers, forced)
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.isRight)
    #expect(outcome.nanoseconds == 15.milliseconds)
    #expect(servers.map(\.queries.count) == [2, 1])
    simulation.expectNothingLeft()
  }

  @Test func `who refuses streams is passed over at once`() throws {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    servers[0].refusesStreams = true
    let simulation = Simulation(servers, forced)
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.isRight)
    #expect(outcome.nanoseconds == 10.milliseconds)
    #expect(simulation.engine.statistics(now: simulation.now)[0].condition == .suspect)
    servers[0].refusesStreams = false
    simulation.expectNothingLeft()
  }

  @Test func `a single upstream that closes every stream is asked few times`() throws {
    let server = SimulatedUpstream(1)
    server.behave = { _ in [.closeStream] }
    let simulation = Simulation([server], forced)
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.failure == .network)
    #expect(outcome.nanoseconds < 1_000.milliseconds)
    #expect(server.queries.count == 3)
    simulation.expectNothingLeft()
  }

  @Test func `a stream that fell silent is left for a fresh one`() throws {
    let server = SimulatedUpstream(1)
    let simulation = Simulation([server], forced)
    for number in 0..<20 { _ = try simulation.outcome(.test(number)) }
    let dead = try #require(server.queries.last?.channel)
    server.behave = { $0.channel == dead ? [.drop] : [.answer] }
    let outcome = try simulation.outcome(.test(100))
    #expect(outcome.isRight)
    #expect(outcome.nanoseconds == 405.milliseconds)
    #expect(simulation.network.streamsOpened == 2)
    simulation.expectNothingLeft()
  }

  @Test func `a stream with questions that was silent for a second takes nothing new`() throws {
    let server = SimulatedUpstream(1)
    let simulation = Simulation([server], forced)
    _ = try simulation.outcome(.test(0))
    let dead = try #require(server.queries.last?.channel)
    server.behave = { $0.channel == dead ? [.drop] : [.answer] }
    let start = simulation.now
    for number in 1...400 {
      simulation.ask(.test(number))
      simulation.run(for: 50.milliseconds)
    }
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.wrongCount == 0)
    let last = try #require(server.queries.last { $0.channel == dead }).sentAt
    #expect(last - start <= 2_000.milliseconds)
    simulation.expectNothingLeft()
  }

  @Test func `a stream that keeps answering is kept however busy it is`() {
    let server = SimulatedUpstream(1)
    server.latency = 30.milliseconds
    let simulation = Simulation([server], forced)
    simulation.load(count: 500, every: 10.milliseconds)
    #expect(simulation.wrongCount == 0)
    #expect(simulation.network.streamsOpened == 1)
    simulation.expectNothingLeft()
  }
}
