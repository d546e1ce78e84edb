import DNSWire
import Testing
import Upstreams

/// Cut replies: for the client to ask again by TCP, or for us.
@Suite struct EngineTruncationTests {
  private func simulation(
    preferUDP: Bool, _ behave: @escaping (SimulatedQuery) -> [Behavior] = { _ in [.truncate] }
  ) -> Simulation {
    var options = UpstreamOptions.policy(.sequential)
    options.preferUDP = preferUDP
    let servers = [SimulatedUpstream(1), SimulatedUpstream(2)]
    servers[0].behave = behave
    return Simulation(servers, options)
  }

  @Test func `a cut reply is the client's to ask again`() throws {
    let simulation = simulation(preferUDP: false)
    let outcome = try simulation.outcome(.test(1))
    #expect(outcome.reply?.summary.isTruncated == true)
    #expect(outcome.nanoseconds == 5.milliseconds)
    #expect(simulation.network.streamsOpened == 0)
    // And it asks by TCP.
    #expect(try simulation.outcome(.test(1, isStream: true)).isRight)
    simulation.expectNothingLeft()
  }

  @Test(arguments: [false, true])
  func `with prefer_udp the whole one comes by stream`(isStream: Bool) throws {
    let simulation = simulation(preferUDP: true)
    let outcome = try simulation.outcome(.test(1, isStream: isStream))
    #expect(outcome.isRight)
    #expect(outcome.reply?.kind == .stream)
    #expect(outcome.nanoseconds == 10.milliseconds)
    #expect(simulation.servers[0].queries.map(\.kind) == [.datagram, .stream])
    #expect(simulation.servers[1].queries.isEmpty)
    simulation.expectNothingLeft()
  }

  @Test(arguments: [
    (Behavior.refuse, 10), (.closeStream, 15), (.drop, 2_005),
  ])
  func `without a stream the cut reply must do`(behavior: Behavior, milliseconds: Int) throws {
    let simulation = simulation(preferUDP: true) {
      $0.kind == .datagram ? [.truncate] : [behavior]
    }
    let outcome = try simulation.outcome(.test(1, isStream: true))
    #expect(outcome.reply?.summary.isTruncated == true)
    #expect(outcome.nanoseconds == milliseconds.milliseconds)
    #expect(simulation.servers[1].queries.isEmpty)
    simulation.expectNothingLeft()
  }

  @Test func `a reply that is cut on a stream too is passed on`() throws {
    var options = UpstreamOptions()
    options.forceTCP = true
    let simulation = Simulation([SimulatedUpstream(1)], options)
    simulation.servers[0].behave = { _ in [.truncate] }
    #expect(try simulation.outcome(.test(1)).reply != nil)
    simulation.expectNothingLeft()
  }
}
