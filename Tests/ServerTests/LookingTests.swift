import DNSWire
import Glibc
import PluginChain
import Server
import Sockets
import Synchronization
import TestSupport
import Testing

/// What a running server remembers, and what it says when it is asked from outside.
@Suite(.timeLimit(.minutes(10))) struct LookingTests {
  /// The first label of a name says what becomes of it.
  private static let chain = Chain.doing { exchange in
    exchange.answeredHeight = 1
    switch String(decoding: exchange.name.label(0), as: UTF8.self) {
    case "fail": exchange.fail(.serverFailure, .noReachableAuthority, "nobody is there")
    case "refuse": exchange.fail(.refused)
    case "blocked": exchange.fail(.nameError, .prohibited, "a policy")
    case "missing": exchange.reply.responseCode = .nameError
    case "empty": exchange.extendedError = (.other, "nothing of it")
    case "upstream":
      exchange.reply.responseCode = .serverFailure
      exchange.replyOptions = [0, 3, 0, 1, 65, 0, 15, 0, 5, 0, 22, 7, 0x5C, 0xFF]
    case "stale":
      _ = exchange.appendAddress()
      exchange.extendedError = (.staleAnswer, "old")
    default: _ = exchange.appendAddress()
    }
    return .answered
  }

  private func server(_ workerCount: Int = 1, _ chain: Chain = chain) throws -> DNSServer {
    try DNSServer(
      [Listener(.loopback(), RouteTable([(DomainName.root, chain)]))], workerCount: workerCount,
      remembers: true)
  }

  private func ask(_ server: DNSServer, _ name: String, overTCP: Bool = false) throws {
    let client = DNSClient(port: server.addresses.first?.port ?? 0)
    let packet = Packet.opt()
    let asked = Packet(
      counts: packet.counts, name: Query.wireName(name), tail: packet.tail)
    _ = overTCP ? try client.askOverTCP(asked) : try client.ask(asked)
  }

  private func text(_ record: FailureRecord) -> String {
    let error = record.errorCode.map { " \($0) \(printableText(record.errorText))" } ?? ""
    return "\(record.question) \(record.type) \(record.code) \(record.transport)\(error)"
  }

  // MARK: - Failures

  @Test func `failures are remembered, answers are not`() async throws {
    let server = try server()
    defer { server.stop() }
    for name in ["good", "missing", "stale", "fail", "refuse", "blocked", "empty", "upstream"] {
      try ask(server, name + ".test")
    }
    try ask(server, "FAIL.tcp.test", overTCP: true)
    let records = try #require(await server.failures())
    #expect(
      records.map(text).reversed() == [
        "fail.test. A SERVFAIL udp 22 nobody is there", "refuse.test. A REFUSED udp",
        "blocked.test. A NXDOMAIN udp 18 a policy", "empty.test. A NOERROR udp 0 nothing of it",
        "upstream.test. A SERVFAIL udp 22 \\007\\\\\\255",
        "fail.tcp.test. A SERVFAIL tcp 22 nobody is there",
      ])
    #expect(records.allSatisfy { $0.client.address == IPAddress(v4: 0x7F00_0001) })
    #expect(records.allSatisfy { $0.milliseconds > 1_700_000_000_000 })
  }

  @Test func `of very many failures the last thousand stay`() async throws {
    let server = try server(2)
    defer { server.stop() }
    let client = DNSClient(port: server.addresses.first?.port ?? 0)
    for burst in 0..<25 {
      let queries = (0..<100).map { number in
        Packet(
          id: UInt16(number), name: Query.wireName("fail.n\(burst * 100 + number).test")
        ).octets
      }
      let replies = try QueryBurst.ask(queries, of: client)
      #expect(replies.allSatisfy { $0 != nil })
    }
    let records = try #require(await server.failures())
    #expect(records.count == 1_000)
    let numbers = records.compactMap { record in
      Int(String(decoding: record.question.labels[1].dropFirst(), as: UTF8.self))
    }
    #expect(Set(numbers).count == 1_000)
    // Each worker keeps its own last ones, and of those the newest are shown.
    #expect((numbers.min() ?? 0) >= 1_300)
    #expect(zip(records, records.dropFirst()).allSatisfy { $0.milliseconds >= $1.milliseconds })
  }

  @Test func `a reply that waited is remembered as one that did not`() async throws {
    let gate = Gate()
    let chain = Chain([
      { FailingReply(next: $0) }, { GateHandler(gate, next: $0) },
    ])
    let server = try server(1, chain)
    defer { server.stop() }
    let client = DNSClient(port: server.addresses.first?.port ?? 0)
    let channel = try UDPChannel(to: client)
    try channel.send(Packet(id: 77, name: Query.wireName("slow.test")).octets)
    let waiting = try #require(gate.arrival(id: 77))
    server.mailbox(worker: waiting.worker)?.resume(ticket: waiting.ticket)
    _ = try channel.receive(timeout: .seconds(20))
    #expect(await server.failures()?.map(text) == ["slow.test. A SERVFAIL udp"])
  }

  @Test func `a server that is to remember nothing does not`() async throws {
    let server = try DNSServer(
      [Listener(.loopback(), RouteTable([(DomainName.root, Self.chain)]))], workerCount: 1)
    defer { server.stop() }
    try ask(server, "fail.test")
    #expect(await server.failures()?.isEmpty == true)
    #expect(await server.top()?.clients.total == 0)
  }

  // MARK: - Who asks most

  @Test func `a sample of the queries is counted`() async throws {
    let server = try server(2)
    defer { server.stop() }
    let client = DNSClient(port: server.addresses.first?.port ?? 0)
    let count = 12_800
    for burst in 0..<(count / 100) {
      let queries = (0..<100).map { number in
        Packet(id: UInt16(number), name: Query.wireName("missing.b\(burst % 2).test")).octets
      }
      _ = try QueryBurst.ask(queries, of: client)
    }
    let reading = try #require(await server.top())
    let expected = Double(count) / Double(TopReading.sampleInterval)
    // Distances are uniform: the deviation of the count is below that of a Poisson process.
    #expect(abs(Double(reading.clients.total) - expected) < 6 * expected.squareRoot())
    #expect(reading.clients.entries.count == 1)
    #expect(reading.deniedNames.entries.count == 2)
    #expect(reading.deniedNames.total == reading.clients.total)
  }

  // MARK: - Rehearsals

  @Test func `a rehearsal gives the reply, by the worker`() async throws {
    let server = try server()
    defer { server.stop() }
    let routes = RouteTable([(DomainName.root, Self.chain)])
    let client = TransportAddress(address: IPAddress(v4: 0x0A00_0001), port: 40_000)
    let queries = ["good", "missing"].map { Packet(name: Query.wireName($0)).octets }
    let results = try #require(await server.rehearse(queries, from: client, routes))
    let codes = results.map { result in
      if case .reply(let octets, _) = result { octets[3] & 0x0F } else { UInt8.max }
    }
    #expect(codes == [0, 3])
    #expect(await server.failures()?.isEmpty == true)
  }

  @Test func `a worker without time is not waited for without end`() async throws {
    let doors = Doors()
    let server = try server(1, .doing { _ in doors.pass() })
    let client = DNSClient(port: server.addresses.first?.port ?? 0)
    let channel = try UDPChannel(to: client)
    try channel.send(Packet().octets)
    #expect(waitUntil(.seconds(20)) { doors.isEntered })
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<6 { group.addTask { await server.failures() == nil } }
      for await isTurnedAway in group { #expect(isTurnedAway) }
    }
    doors.open()
    #expect(waitUntil(.seconds(20)) { doors.isLeft })
    let isBack = await eventually { await server.failures() != nil }
    #expect(isBack)
    server.stop()
    #expect(await server.failures() == nil, "it has ended")
  }
}

/// Makes a failure of every reply.
private final class FailingReply: Handler, @unchecked Sendable {
  override var seesReplies: Bool { true }

  override func reply(_ exchange: inout Exchange) { exchange.fail(.serverFailure) }
}

/// Where a worker stands still until it is let through.
private final class Doors: Sendable {
  private let entered = Atomic<Bool>(false)
  private let opened = Atomic<Bool>(false)
  private let left = Atomic<Bool>(false)

  var isEntered: Bool { entered.load(ordering: .acquiring) }
  var isLeft: Bool { left.load(ordering: .acquiring) }

  func open() { opened.store(true, ordering: .releasing) }

  func pass() -> Outcome {
    entered.store(true, ordering: .releasing)
    _ = waitUntil(.seconds(600), every: .milliseconds(1)) { opened.load(ordering: .acquiring) }
    left.store(true, ordering: .releasing)
    return .dropped
  }
}
