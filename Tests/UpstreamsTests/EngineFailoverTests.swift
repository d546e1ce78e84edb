import DNSWire
import Testing
import Upstreams

/// Response codes upon which the next upstream is asked.
@Suite struct EngineFailoverTests {
  private func simulation(
    _ behaviors: [Behavior], codes: Set<UInt16> = [2, 5]
  ) -> Simulation {
    var options = UpstreamOptions.policy(.sequential)
    options.failoverCodes = codes
    let servers = behaviors.enumerated().map { number, behavior in
      let server = SimulatedUpstream(number + 1)
      server.behave = { _ in [behavior] }
      return server
    }
    return Simulation(servers, options)
  }

  @Test func `the next one is asked at once`() throws {
    let simulation = simulation([.code(2), .code(5), .answer])
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.isRight)
    #expect(outcome.nanoseconds == 15.milliseconds)
    #expect(simulation.engine.statistics(now: simulation.now).map(\.failures) == [0, 0, 0])
    simulation.expectNothingLeft()
  }

  @Test(arguments: [[2, 2, 5], [5], [5, 2]] as [[UInt16]])
  func `when all do the last reply counts`(codes: [UInt16]) throws {
    let simulation = simulation(codes.map { .code($0) })
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.reply?.summary.responseCode.rawValue == codes.last)
    #expect(outcome.nanoseconds == UInt64(codes.count) * 5.milliseconds)
    #expect(simulation.servers.allSatisfy { $0.queries.count == 1 })
    simulation.expectNothingLeft()
  }

  @Test func `other codes end the question`() throws {
    let simulation = simulation([.code(3), .answer])
    #expect(try simulation.outcome(.test(1)).reply?.summary.responseCode == .nameError)
    #expect(simulation.servers[1].queries.isEmpty)
  }

  @Test func `a silent second does not cost the first one's reply`() throws {
    let simulation = simulation([.code(2), .drop])
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.reply?.summary.responseCode == .serverFailure)
    // The read timeout of the second.
    #expect(outcome.nanoseconds == 2_005.milliseconds)
    #expect(simulation.servers.map(\.queries.count) == [1, 1])
    simulation.expectNothingLeft()
  }

  @Test func `a refusing second does not cost the first one's reply`() throws {
    let simulation = simulation([.code(2), .refuse])
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.reply?.summary.responseCode == .serverFailure)
    #expect(outcome.nanoseconds == 10.milliseconds)
    simulation.expectNothingLeft()
  }

  @Test func `a silent second is hedged by the third`() throws {
    let simulation = simulation([.code(2), .drop, .answer])
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.isRight)
    #expect(outcome.nanoseconds == 160.milliseconds)
    simulation.expectNothingLeft()
  }

  @Test func `attempts are limited`() throws {
    let simulation = simulation(Array(repeating: .code(2), count: 15))
    #expect(try simulation.outcome(.test(1)).reply?.summary.responseCode == .serverFailure)
    #expect(simulation.network.queryCount == EngineLimits.attemptCountMax)
  }
}
