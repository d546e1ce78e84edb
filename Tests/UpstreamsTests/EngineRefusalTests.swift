import DNSWire
import Testing
import Upstreams

/// ICMP, missing sockets, and what they must not end.
@Suite struct EngineRefusalTests {
  @Test func `who refuses is passed over at once`() throws {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    servers[0].behave = { _ in [.refuse] }
    let simulation = Simulation(servers, .policy(.sequential))
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.isRight)
    #expect(outcome.nanoseconds == 10.milliseconds)
    #expect(simulation.engine.statistics(now: simulation.now).map(\.failures) == [1, 0])
    simulation.expectNothingLeft()
  }

  @Test(arguments: [1, 2], [50, 190])
  func `a forged refusal does not end a question`(count: Int, milliseconds: Int) throws {
    let servers = (1...count).map { SimulatedUpstream($0) }
    for server in servers { server.behave = { _ in [.refuse, .late(milliseconds.milliseconds)] } }
    let simulation = Simulation(servers)
    #expect(try simulation.outcome(.test(1)).isRight)
    #expect(simulation.network.queryCount == count)
    simulation.expectNothingLeft()
  }

  @Test func `a refusal after which silence follows is waited out`() throws {
    let server = SimulatedUpstream(1)
    server.behave = { [unowned server] _ in
      switch server.queries.count {
      case 1: [.refuse, .late(3_000.milliseconds)]
      default: [.drop]
      }
    }
    let simulation = Simulation([server])
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.isRight)
    #expect(outcome.nanoseconds == 3_005.milliseconds)
  }

  @Test(arguments: [1, 2, 3])
  func `when all refuse twice it is the network`(count: Int) throws {
    let servers = (1...count).map { SimulatedUpstream($0) }
    for server in servers { server.behave = { _ in [.refuse] } }
    let simulation = Simulation(servers)
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.failure == .network)
    #expect(outcome.nanoseconds == 200.milliseconds + UInt64(2 * count) * 5.milliseconds)
    #expect(servers.allSatisfy { $0.queries.count == 2 })
    simulation.expectNothingLeft()
  }

  @Test func `with no attempt left a forged refusal is still waited out`() throws {
    var options = UpstreamOptions()
    options.maxConnectAttempts = 1
    let server = SimulatedUpstream(1)
    server.behave = { _ in [.refuse, .late(100.milliseconds)] }
    #expect(try Simulation([server], options).outcome(.test(1)).isRight)
    server.behave = { _ in [.refuse] }
    let simulation = Simulation([server], options)
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.failure == .network)
    #expect(outcome.nanoseconds == 205.milliseconds)
  }

  // MARK: - No sockets

  @Test func `without a socket the next upstream is asked at once`() throws {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    servers[0].cannotBeOpened = true
    let simulation = Simulation(servers, .policy(.sequential))
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.isRight)
    #expect(outcome.nanoseconds == 5.milliseconds)
    #expect(simulation.engine.statistics(now: simulation.now).map(\.failures) == [1, 0])
    servers[0].cannotBeOpened = false
    simulation.expectNothingLeft()
  }

  @Test(arguments: [false, true])
  func `without any socket it is the network`(isStream: Bool) throws {
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    for server in servers { server.cannotBeOpened = true }
    let simulation = Simulation(servers)
    let outcome = try simulation.outcome(.test(1, isStream: isStream))
    #expect(outcome.failure == .network)
    #expect(outcome.nanoseconds == 200.milliseconds)
    for server in servers { server.cannotBeOpened = false }
    simulation.expectNothingLeft()
  }

  @Test func `what fails at once needs no wait`() {
    var options = UpstreamOptions()
    options.maxConnectAttempts = 1
    let server = SimulatedUpstream(1)
    server.cannotBeOpened = true
    let simulation = Simulation([server], options)
    #expect(simulation.ask(.test(1)).asked == .failed(.network))
    #expect(simulation.engine.takeFinished() == [])
    #expect(simulation.engine.waitingTicketCount == 0)
    server.cannotBeOpened = false
    simulation.expectNothingLeft()
  }

  @Test func `sockets that come back are used within the question`() throws {
    let server = SimulatedUpstream(1)
    server.cannotBeOpened = true
    let simulation = Simulation([server])
    let ticket = simulation.ask(.test(1)).ticket
    simulation.run(for: 100.milliseconds)
    server.cannotBeOpened = false
    simulation.run { simulation.waitingCount == 0 }
    #expect(simulation.outcomes[ticket]?.isRight == true)
  }
}
