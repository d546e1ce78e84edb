import DNSWire
import PluginChain
import Server
import Sockets
import TestSupport
import Testing

/// The end of a server in which something waits.
@Suite(.timeLimit(.minutes(10))) struct ServerEndTests {
  private static let lines: [String: Line] = [
    "alias.test.": .alias("target.test."), "target.test.": .addresses(1, waitCount: 1),
    "fresh.test.": .addresses(1, waitCount: 1), "late.test.": .addresses(1, waitCount: 1),
    "slow.test.": .addresses(1, waitCount: 1),
  ]

  private let stage = Stage(
    lines,
    above: [
      {
        PatientHandler(
          refreshed: ["fresh.test."], hurries: ["late.test.": .addresses(2)], next: $0)
      }
    ])

  private func server(stopNanoseconds: UInt64) throws -> TestServer {
    try TestServer(stage.chain) {
      $0.waitingNanoseconds = 3_600_000_000_000
      $0.stopNanoseconds = stopNanoseconds
      $0.sweepMilliseconds = 2
    }
  }

  @Test(arguments: overEither)
  func `stop does not wait for ever, whatever waits`(overTCP: Bool) throws {
    let server = try server(stopNanoseconds: 1_000_000)
    let asker = try Asker(server, overTCP: overTCP)
    #expect(try asker.ask(.asking("late.test", id: 1)).answers.count == 2)
    #expect(try asker.ask(.asking("fresh.test", id: 2)).answers.count == 3)
    try asker.send(.asking("alias.test", id: 3))
    for name in ["late", "fresh", "target"] {
      _ = try #require(stage.gate.arrival("\(name).test."))
    }
    server.stop()
    for waiting in stage.gate.all { server.resume(waiting) }
    #expect(stage.observed.all.count == 2)
  }

  @Test(arguments: overEither)
  func `stop does not wait for what nobody waits for`(overTCP: Bool) throws {
    let server = try server(stopNanoseconds: 3_600_000_000_000)
    do {
      let asker = try Asker(server, overTCP: overTCP)
      #expect(try asker.ask(.asking("late.test", id: 1)).answers.count == 2)
      #expect(try asker.ask(.asking("fresh.test", id: 2)).answers.count == 3)
    }
    for name in ["late", "fresh"] { _ = try #require(stage.gate.arrival("\(name).test.")) }
    server.stop()
    #expect(stage.kept.texts == ["fresh.test. 3"])
  }

  @Test(arguments: overEither)
  func `stop lets a sub-query end, and starts no refresh`(overTCP: Bool) throws {
    let server = try server(stopNanoseconds: 3_600_000_000_000)
    let asker = try Asker(server, overTCP: overTCP)
    try asker.send(.asking("alias.test", id: 3))
    let waiting = try #require(stage.gate.arrival("target.test."))
    let stopper = try SystemThread(name: "stopper") { server.stop() }
    // Nothing may wait any more once the stop is under way.
    var id: UInt16 = 100
    let isStopping = try waitUntil(.seconds(20)) {
      id += 1
      let probe = try UDPChannel(to: server.client)
      try probe.send(Packet.asking("slow.test", id: id).octets)
      let answer = try? ParsedMessage(probe.receive(timeout: .milliseconds(100)))
      return answer?.responseCode == 5
    }
    #expect(isStopping)
    let probe = try UDPChannel(to: server.client)
    for id in 1...2 as ClosedRange<UInt16> {
      try probe.send(Packet.asking("fresh.test", id: id).octets)
      let answer = try ParsedMessage(probe.receive(timeout: .seconds(20)))
      #expect(answer.header.id == id && answer.answers.count == 3)
    }
    #expect(!stage.asked.all.contains { $0.isRefresh })
    for entry in stage.gate.all where entry.name == "slow.test." { server.resume(entry) }
    server.resume(waiting)
    #expect(
      try asker.reply().answers == ["alias.test. CNAME target.test.", "target.test. A 192.0.2.1"])
    stopper.join()
  }

  @Test func `stop ends with residents that have deadlines and finished tickets`() throws {
    let (gate, resident) = (Gate(), try TestResident(repetitions: .max))
    let chain = Chain([{ ResidentHandler([[resident]], gate, next: $0) }])
    let server = try TestServer(chain, residents: [[resident]]) {
      $0.waitingNanoseconds = 3_600_000_000_000
      $0.stopNanoseconds = 3_600_000_000_000
    }
    let asker = try Asker(server)
    try asker.send(.asking("s1.test"))
    let waiting = try #require(gate.arrival("s1.test."))
    let stopper = try SystemThread(name: "stopper") { server.stop() }
    resident.finish([waiting.ticket])
    #expect(try asker.reply().answers.count == 1)
    stopper.join()
  }
}
