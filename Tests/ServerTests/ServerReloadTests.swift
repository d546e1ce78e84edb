import DNSWire
import PluginChain
import Server
import Sockets
import Synchronization
import TestSupport
import Testing

/// A running server goes over to other addresses, chains and residents, and loses nothing.
@Suite(.timeLimit(.minutes(10))) struct ServerReloadTests {
  private let gate = Gate()

  private func routes(_ recordCount: Int) -> RouteTable {
    RouteTable([(DomainName.root, Chain.answering(recordCount: recordCount))])
  }

  private func server(
    _ listeners: [Listener], workerCount: Int = 2, residents: [[Resident]] = [],
    _ adjust: (inout ServerLimits) -> Void = { _ in }
  ) throws -> DNSServer {
    var limits = ServerLimits.patient
    adjust(&limits)
    return try DNSServer(
      listeners, workerCount: workerCount, limits: limits, residents: residents)
  }

  /// What waits waits as long as the test does.
  private func patiently(_ limits: inout ServerLimits) {
    limits.waitingNanoseconds = 3_600_000_000_000
  }

  private func reload(
    _ server: DNSServer, _ listeners: [Listener], residents: [[Resident]] = []
  ) async throws {
    await server.make(try server.prepare(listeners), residents: residents)
  }

  private func count(_ server: DNSServer, _ host: String, _ place: Int = 0) throws -> Int {
    let client = DNSClient(host: host, port: server.addresses[place].port)
    let overUDP = try client.ask(Packet()).records.count
    #expect(try client.askOverTCP(Packet()).records.count == overUDP)
    return overUDP
  }

  // MARK: - Addresses and chains

  @Test func `an address that stays has the new chain from then on`() async throws {
    let server = try server([Listener(.loopback(), routes(1))])
    defer { server.stop() }
    #expect(try count(server, "127.0.0.1") == 1)
    let before = server.addresses
    for number in 2...5 {
      try await reload(server, [Listener(.loopback(), routes(number))])
      #expect(try count(server, "127.0.0.1") == number)
    }
    #expect(server.addresses == before)
  }

  @Test func `addresses come and go`() async throws {
    let server = try server([Listener(.loopback(1), routes(1)), Listener(.loopback(2), routes(2))])
    defer { server.stop() }
    let left = server.addresses[0]
    try await reload(
      server, [Listener(.loopback(2), routes(3)), Listener(.loopback(3), routes(4))])
    #expect(try count(server, "127.0.0.2", 0) == 3)
    #expect(try count(server, "127.0.0.3", 1) == 4)
    // Nobody listens there any more: the port can be had without sharing it.
    #expect(waitUntil(.seconds(20)) { (try? RawSocket(isStream: false, boundTo: left)) != nil })
    #expect(throws: (any Error).self) {
      try DNSClient(port: left.port).askOverTCP(Packet())
    }
    try await reload(server, [Listener(.loopback(1), routes(5))])
    #expect(try count(server, "127.0.0.1") == 5)
  }

  @Test func `no query is lost while chains change`() async throws {
    let server = try server([Listener(.loopback(), routes(1))])
    defer { server.stop() }
    let client = DNSClient(port: server.addresses[0].port)
    let queries = (0..<200).map { Packet(id: UInt16($0 + 1)).octets }
    let isOver = Atomic<Bool>(false)
    async let lost: Int = {
      var lost = 0
      while !isOver.load(ordering: .acquiring) {
        for transport in [QueryBurst.Transport.datagrams, .streams] {
          lost += try QueryBurst.ask(queries, of: client, over: transport, limit: .seconds(60))
            .count { $0 == nil }
        }
      }
      return lost
    }()
    for number in 0..<100 {
      // Every other time a second address comes, or goes.
      var listeners = [Listener(.loopback(), routes(1 + number % 3))]
      if number % 2 == 0 { listeners.insert(Listener(.loopback(2), routes(1)), at: 0) }
      try await reload(server, listeners)
    }
    isOver.store(true, ordering: .releasing)
    #expect(try await lost == 0)
  }

  @Test func `an address that cannot be bound changes nothing`() async throws {
    let server = try server([Listener(.loopback(), routes(1))])
    defer { server.stop() }
    let port = try freePort()
    let holder = try RawSocket(isStream: false, boundTo: .loopback(2, port: port))
    let listeners = [
      Listener(.loopback(), routes(2)), Listener(.loopback(2, port: port), routes(2)),
    ]
    #expect(throws: ListenError.self) { _ = try server.prepare(listeners) }
    #expect(try count(server, "127.0.0.1") == 1)
    _ = consume holder
    let isFree = waitUntil(.seconds(20)) {
      (try? RawSocket(isStream: false, boundTo: .loopback(2, port: port))) != nil
    }
    try #require(isFree)
    try await reload(server, listeners)
    #expect(try count(server, "127.0.0.1") == 2)
    #expect(try count(server, "127.0.0.2", 1) == 2)
  }

  @Test func `a server that has ended does not keep a reload waiting`() async throws {
    let server = try server([Listener(.loopback(), routes(1))])
    let change = try server.prepare([Listener(.loopback(), routes(2))])
    server.stop()
    await server.make(change, residents: [])
  }

  // MARK: - Connections and waiting queries

  @Test func `a connection stays, and goes when its address does`() async throws {
    let server = try server([Listener(.loopback(), routes(1))])
    defer { server.stop() }
    let connection = try TCPConnection(to: DNSClient(port: server.addresses[0].port))
    try connection.send(Packet(id: 1))
    #expect(try connection.reply().records.count == 1)
    try await reload(server, [Listener(.loopback(), routes(2))])
    try connection.send(Packet(id: 2))
    #expect(try connection.reply().records.count == 2)
    try await reload(server, [Listener(.loopback(2), routes(3))])
    let isOver = connection.ends()
    #expect(isOver)
  }

  @Test(arguments: [false, true])
  func `what waits is answered by the chain that it waits in`(itsAddressStays: Bool) async throws {
    let gate = gate
    let old = Chain([{ GateHandler(gate, next: $0) }])
    let server = try server(
      [Listener(.loopback(), RouteTable([(DomainName.root, old)]))], patiently)
    defer { server.stop() }
    let client = DNSClient(port: server.addresses[0].port)
    let channel = try UDPChannel(to: client)
    let connection = try TCPConnection(to: client)
    try channel.send(Packet(id: 1, name: Query.wireName("slow.test")).octets)
    try connection.send(Packet(id: 2, name: Query.wireName("slow.test")))
    let waiting = try [1, 2].map { try #require(gate.arrival(id: $0)) }
    let host: UInt8 = itsAddressStays ? 1 : 2
    try await reload(server, [Listener(.loopback(host), routes(3))])
    #expect(try count(server, "127.0.0.\(host)") == 3)
    for one in waiting { server.mailbox(worker: one.worker)?.resume(ticket: one.ticket) }
    let reply = try ParsedMessage(channel.receive(timeout: .seconds(20)))
    #expect(reply.header.id == 1 && reply.records.count == 1)
    #expect(try connection.reply().records.count == 1)
  }

  // MARK: - Residents

  @Test func `a resident that stays is not ended, and one that goes ends when nobody can wait`()
    async throws
  {
    let stays = try TestResident()
    let goes = try TestResident()
    let comes = try TestResident()
    let server = try server(
      [Listener(.loopback(), routes(1))], workerCount: 1, residents: [[goes, stays]]
    ) { limits in
      limits.waitingNanoseconds = 1
      limits.sweepMilliseconds = 10
    }
    try await reload(server, [Listener(.loopback(), routes(1))], residents: [[stays, comes]])
    for resident in [stays, comes] {
      let count = resident.count
      resident.wakeup?.signal()
      #expect(waitUntil(.seconds(20)) { resident.count > count })
    }
    #expect(waitUntil(.seconds(20)) { goes.journal.all == ["end"] })
    #expect(!stays.journal.all.contains("end"))
    server.stop()
    #expect(stays.journal.all.filter { $0 == "end" }.count == 1)
    #expect(goes.journal.all == ["end"])
    #expect(comes.journal.all == ["end"])
  }

  @Test func `a resident that goes is served while queries may wait for it`() async throws {
    let (gate, resident) = (gate, try TestResident())
    let chain = Chain([{ ResidentHandler([[resident]], gate, next: $0) }])
    let server = try server(
      [Listener(.loopback(), RouteTable([(DomainName.root, chain)]))], workerCount: 1,
      residents: [[resident]], patiently)
    defer { server.stop() }
    let channel = try UDPChannel(to: DNSClient(port: server.addresses[0].port))
    try channel.send(Packet(id: 1, name: Query.wireName("s1.test")).octets)
    let waiting = try #require(gate.arrival(id: 1))
    try await reload(server, [Listener(.loopback(), routes(2))])
    resident.finish([waiting.ticket])
    #expect(try ParsedMessage(channel.receive(timeout: .seconds(20))).records.count == 1)
  }
}
