import DNSWire
import Testing
import Upstreams

/// Which messages end a question, and which change nothing.
@Suite struct EngineReplyTests {
  @Test func `a reply goes to whoever asked`() throws {
    let simulation = Simulation([SimulatedUpstream(1)])
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.isRight)
    #expect(outcome.reply?.upstream == simulation.servers[0].upstream)
    #expect(outcome.reply?.kind == .datagram)
    #expect(outcome.nanoseconds == 5.milliseconds)
    simulation.expectNothingLeft()
  }

  @Test(arguments: [Behavior.garble, .short, .wrongID, .wrongQuestion])
  func `junk before the reply changes nothing (RFC 5452 §9.1)`(junk: Behavior) throws {
    let server = SimulatedUpstream(1)
    server.behave = { _ in [junk, junk, .late(50.milliseconds)] }
    let simulation = Simulation([server])
    #expect(try simulation.outcome(.test(1)).isRight)
    let statistics = simulation.engine.statistics(now: simulation.now)[0]
    #expect(statistics.foreignReplies == 2)
    #expect(statistics.failures == 0)
    #expect(statistics.condition == .up)
    #expect(server.queries.count == 1)
    simulation.expectNothingLeft()
  }

  @Test func `junk alone never makes an upstream better or worse than silence`() throws {
    let server = SimulatedUpstream(1)
    server.behave = { _ in [.wrongID, .garble] }
    server.behaveOnCheck = { _ in [.wrongID, .garble, .wrongQuestion] }
    let simulation = Simulation([server])
    #expect(try simulation.outcome(.test(1)).failure == .timedOut)
    #expect(simulation.engine.statistics(now: simulation.now)[0].condition == .down)
  }

  @Test func `only the first of several replies counts`() throws {
    let server = SimulatedUpstream(1)
    server.behave = { _ in [.answer, .answer, .late(20.milliseconds)] }
    let simulation = Simulation([server])
    #expect(try simulation.outcome(.test(1)).isRight)
    #expect(simulation.engine.statistics(now: simulation.now)[0].replies == [0: 1])
    simulation.expectNothingLeft()
  }

  @Test(arguments: [1_000, 3_000, 3_900])
  func `a late reply to the first attempt still counts`(milliseconds: Int) throws {
    let server = SimulatedUpstream(1)
    server.behave = { [unowned server] _ in
      server.queries.count == 1 ? [.late(milliseconds.milliseconds)] : [.drop]
    }
    let simulation = Simulation([server])
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.isRight)
    #expect(outcome.nanoseconds == milliseconds.milliseconds + 5.milliseconds)
    simulation.expectNothingLeft()
  }

  @Test(arguments: [1, 2, 3, 4, 5, 9, 15] as [UInt16])
  func `a reply of any code ends the question`(code: UInt16) throws {
    let server = SimulatedUpstream(1)
    server.behave = { _ in [.code(code)] }
    let simulation = Simulation([server, SimulatedUpstream(2)], .policy(.sequential))
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.reply?.summary.responseCode.rawValue == code)
    #expect(outcome.nanoseconds == 5.milliseconds)
    let statistics = simulation.engine.statistics(now: simulation.now)
    #expect(statistics[0].replies == [code: 1])
    #expect(statistics[0].failures == 0)
    #expect(statistics[1].requests == 0)
    simulation.expectNothingLeft()
  }

  // MARK: - EDNS

  @Test func `who refuses EDNS is asked once more without (RFC 6891 §7)`() throws {
    let server = SimulatedUpstream(1)
    server.behave = { _ in [.refuseEDNS] }
    let simulation = Simulation([server])
    for number in 1...3 {
      let outcome = try simulation.outcome(.test(number))
      #expect(outcome.isRight)
      #expect(outcome.nanoseconds == 10.milliseconds)
    }
    // Not remembered: every question starts with OPT.
    #expect(server.queries.map(\.hasOPT) == [true, false, true, false, true, false])
    #expect(simulation.engine.statistics(now: simulation.now)[0].failures == 0)
    simulation.expectNothingLeft()
  }

  @Test func `who drops EDNS is asked without at last`() throws {
    let server = SimulatedUpstream(1)
    server.behave = { _ in [.dropEDNS] }
    let simulation = Simulation([server])
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.isRight)
    #expect(outcome.nanoseconds == 2_005.milliseconds)
    #expect(server.queries.map(\.hasOPT) == [true, true, false])
    simulation.expectNothingLeft()
  }

  @Test(arguments: [
    UpstreamQuery.test(1, dnssecOK: true), .test(1, options: [0, 3, 0, 0]),
  ])
  func `OPT stays where something would be lost without`(query: UpstreamQuery) throws {
    let server = SimulatedUpstream(1)
    server.die()
    let simulation = Simulation([server])
    #expect(try simulation.outcome(query).failure == .timedOut)
    #expect(server.queries.map(\.hasOPT) == [true, true, true])
  }

  // MARK: - Message

  @Test func `a query says what the client said and no more`() throws {
    let server = SimulatedUpstream(1)
    let simulation = Simulation([server])
    let edns = EDNS(requestorPayloadSize: 100, version: 7, dnssecOK: true)
    let query = UpstreamQuery.test(
      name: "MiXed", flags: 0xFFFF, edns: edns, options: [0, 3, 0, 1, 9])
    _ = try simulation.outcome(query)
    let sent = try #require(server.queries.first)
    #expect(sent.flags == 0x0130)
    #expect(sent.question == query.question)
    #expect(sent.opt == [0, 0, 41, 2, 0, 0, 0, 0x80, 0, 0, 5, 0, 3, 0, 1, 9])
  }

  @Test(arguments: [[], [0, 0, 1], Array(repeating: 1, count: 260)] as [[UInt8]])
  func `what is no question is not asked`(question: [UInt8]) {
    let simulation = Simulation([SimulatedUpstream(1)])
    let query = UpstreamQuery(question: question, flags: 0, edns: nil, isStream: false)
    #expect(simulation.ask(query).asked == .failed(.noneReachable))
    #expect(simulation.network.queryCount == 0)
  }

  @Test func `replies are counted by the time they took`() throws {
    let server = SimulatedUpstream(1)
    let simulation = Simulation([server])
    for (number, latency) in [250_000, 250_001, 7_000_000].enumerated() {
      server.latency = UInt64(latency)
      _ = try simulation.outcome(.test(number))
    }
    server.latency = 3_900.milliseconds
    _ = try simulation.outcome(.test(9))
    server.latency = 250_000
    server.behave = { _ in [.code(3)] }
    _ = try simulation.outcome(.test(10))
    let statistics = simulation.engine.statistics(now: simulation.now)[0]
    let latencies = try #require(statistics.latencies[0])
    let counts = latencies.counts.enumerated().filter { $0.element > 0 }
    #expect(counts.map(\.offset) == [0, 1, 5, 14])
    #expect(latencies.nanoseconds == 3_907_500_001)
    #expect(statistics.latencies[3]?.nanoseconds == 250_000)
    #expect(statistics.replies == [0: 4, 3: 1])
    #expect(LatencyCounts.bound(15) == 8_192_000_000)
    #expect(LatencyCounts.bound(16) == nil)
  }
}

extension UpstreamOptions {
  /// The defaults but for the policy.
  static func policy(_ policy: Policy) -> UpstreamOptions {
    var options = UpstreamOptions()
    options.policy = policy
    return options
  }
}
