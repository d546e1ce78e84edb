import DNSWire
import PluginChain
import Server
import Sockets
import TestSupport
import Testing

/// Queries that wait in a running server and are resumed by another thread.
@Suite(.timeLimit(.minutes(10))) struct WaitingServerTests {
  private let gate = Gate()
  private let tally = Tally()
  private let chain: Chain

  init() {
    let (gate, tally) = (gate, tally)
    chain = Chain([{ Witness(tally, next: $0) }, { GateHandler(gate, next: $0) }])
  }

  private func slow(_ id: UInt16) -> Packet {
    Packet(id: id, name: Query.wireName("slow.test"))
  }

  private func fast(_ id: UInt16) -> Packet {
    Packet(id: id, name: Query.wireName("fast.test"))
  }

  // MARK: - Resumed

  @Test func `a resumed datagram is answered, and the handlers above see it`() throws {
    let server = try TestServer(chain)
    let channel = try UDPChannel(to: server.client)
    try channel.send(slow(1).octets)
    let waiting = try #require(gate.arrival(id: 1))
    #expect(tally.count == 0)
    server.resume(waiting)
    let reply = try ParsedMessage(channel.receive(timeout: .seconds(20)))
    #expect(reply.header.id == 1)
    #expect(reply.records.count == 1)
    #expect(reply.header.has(.aa) && reply.header.has(.ra))
    #expect(tally.count == 1)
  }

  @Test func `a slow query does not hold up a fast one on the same connection`() throws {
    let server = try TestServer(chain)
    let connection = try TCPConnection(to: server.client)
    try connection.send(slow(1))
    try connection.send(fast(2))
    #expect(try connection.reply().header.id == 2)
    server.resume(try #require(gate.arrival(id: 1)))
    let late = try connection.reply()
    #expect(late.header.id == 1)
    #expect(late.records.count == 1)
    #expect(late.header.has(.ra))
    #expect(tally.count == 2)
  }

  @Test func `many waiting queries are resumed in any order`() throws {
    let server = try TestServer(chain)
    let connection = try TCPConnection(to: server.client)
    let ids = 1...200 as ClosedRange<UInt16>
    try connection.send(ids.flatMap { TCPConnection.framed(slow($0).octets) })
    _ = try #require(gate.arrival(id: ids.upperBound))
    for waiting in gate.all.reversed() { server.resume(waiting) }
    var replies: [UInt16] = []
    for _ in ids { replies.append(try connection.reply().header.id) }
    #expect(replies.sorted() == Array(ids))
  }

  @Test func `a second and an unknown resumption do nothing`() throws {
    let server = try TestServer(chain)
    let connection = try TCPConnection(to: server.client)
    try connection.send(slow(1))
    let waiting = try #require(gate.arrival(id: 1))
    for _ in 0..<3 { server.resume(waiting) }
    server.resume(Gate.Waiting(worker: 0, ticket: .max, id: 0))
    #expect(server.server.mailbox(worker: 9) == nil)
    #expect(try connection.reply().header.id == 1)
    // The next reply is the next query's: no second one came between.
    try connection.send(fast(2))
    #expect(try connection.reply().header.id == 2)
    #expect(tally.count == 2)
  }

  @Test func `a resumed handler may hand on to another that waits`() throws {
    let (gate, inner) = (gate, Gate())
    let server = try TestServer(
      Chain([{ PassingGate(gate, next: $0) }, { GateHandler(inner, next: $0) }]))
    let connection = try TCPConnection(to: server.client)
    try connection.send(slow(1))
    server.resume(try #require(gate.arrival(id: 1)))
    server.resume(try #require(inner.arrival(id: 1)))
    #expect(try connection.reply().records.count == 1)
    #expect(gate.all.count == 1, "the outer one was not resumed twice")
  }

  @Test func `a reply dropped after waiting ends a connection, and only that`() throws {
    let gate = gate
    let chain = Chain([
      { PassingGate(gate, next: $0) },
      { _ in
        ClosureHandler { $0.name.label(0) == Array("slow".utf8) ? .dropped : .unanswered }
      },
    ])
    let server = try TestServer(chain) { $0.tcpIdleNanoseconds = .max }
    let connection = try TCPConnection(to: server.client)
    try connection.send(slow(1))
    server.resume(try #require(gate.arrival(id: 1)))
    let hasEnded = connection.ends()
    #expect(hasEnded)
    #expect(try server.client.askOverTCP(fast(2)).header.id == 2)
  }

  // MARK: - Clients that leave

  @Test func `replies still come after a half-close, then the end`() throws {
    let server = try TestServer(chain)
    let stream = try RawSocket.connected(to: server.address)
    let isSent = stream.sendAll(TCPConnection.framed(slow(1).octets))
    #expect(isSent)
    stream.finishWriting()
    server.resume(try #require(gate.arrival(id: 1)))
    let (octets, end) = stream.drain()
    #expect(try ParsedMessage(Array(octets.dropFirst(2))).header.id == 1)
    #expect(end == .end)
  }

  @Test(arguments: [false, true])
  func `a client that resets while its query waits is let go`(halfCloses: Bool) throws {
    let server = try TestServer(chain) { $0.waitingNanoseconds = 600_000_000_000 }
    let stream = try RawSocket.connected(to: server.address)
    let isSent = stream.sendAll(TCPConnection.framed(slow(1).octets))
    #expect(isSent)
    let waiting = try #require(gate.arrival(id: 1))
    let inode = ServerSocketInode(serverPort: server.port, clientPort: stream.localPort())
    let held = try #require(inode)
    #expect(held.isOpen)
    if halfCloses { stream.finishWriting() }
    stream.resetOnClose()
    _ = consume stream
    #expect(waitUntil(.seconds(20)) { !held.isOpen })
    server.resume(waiting)
    #expect(try server.client.askOverTCP(fast(2)).header.id == 2)
  }

  // MARK: - Limits

  @Test func `a datagram that waits too long is SERVFAIL`() throws {
    let server = try TestServer(chain) {
      $0.waitingNanoseconds = 1
      $0.sweepMilliseconds = 5
    }
    var packet = slow(1)
    packet.counts[3] = 1
    packet.tail = optRecord()
    let reply = try server.client.ask(packet)
    #expect(reply.responseCode == 2)
    #expect(reply.records.isEmpty)
    #expect(reply.header.has(.ra), "the handlers above see it")
    #expect(reply.edns?.options.map(\.code) == [15])
    #expect(tally.count == 1)
    // What it waited for comes after all: nobody is there any more.
    server.resume(try #require(gate.arrival(id: 1)))
    #expect(try server.client.ask(fast(2)).responseCode == 0)
    #expect(tally.count == 2)
  }

  @Test func `a query that waits too long leaves its connection as it was`() throws {
    let server = try TestServer(chain) {
      $0.waitingNanoseconds = 1
      $0.sweepMilliseconds = 5
    }
    let connection = try TCPConnection(to: server.client)
    for id in 1...20 as ClosedRange<UInt16> {
      try connection.send(slow(id))
      let reply = try connection.reply()
      #expect(reply.header.id == id)
      #expect(reply.responseCode == 2)
    }
    try connection.send(fast(99))
    #expect(try connection.reply().responseCode == 0)
  }

  @Test(arguments: [false, true])
  func `one query too many is REFUSED at once`(overTCP: Bool) throws {
    let server = try TestServer(chain) { $0.waitingCountMax = 1 }
    let connection = try TCPConnection(to: server.client)
    try connection.send(slow(1))
    let first = try #require(gate.arrival(id: 1))
    let refused =
      overTCP ? try server.client.askOverTCP(slow(2)) : try server.client.ask(slow(2))
    #expect(refused.header.id == 2)
    #expect(refused.responseCode == 5)
    #expect(refused.header.has(.ra), "the handlers above see it")
    #expect(try server.client.ask(fast(3)).responseCode == 0)
    server.resume(first)
    #expect(try connection.reply().records.count == 1)
    // There is room again.
    try connection.send(slow(4))
    server.resume(try #require(gate.arrival(id: 4)))
    #expect(try connection.reply().header.id == 4)
  }

  @Test func `the ticket of a refused query is nobody else's`() throws {
    let server = try TestServer(chain) { $0.waitingCountMax = 1 }
    let connection = try TCPConnection(to: server.client)
    try connection.send(slow(1))
    let first = try #require(gate.arrival(id: 1))
    for id in [2, 3] as [UInt16] { #expect(try server.client.ask(slow(id)).responseCode == 5) }
    for id in [4, 5] as [UInt16] {
      #expect(try server.client.askOverTCP(slow(id)).responseCode == 5)
    }
    server.resume(first)
    #expect(try connection.reply().header.id == 1)
    try connection.send(slow(6))
    server.resume(try #require(gate.arrival(id: 6)))
    #expect(try connection.reply().header.id == 6)
    let tickets = gate.all.map(\.ticket)
    #expect(Set(tickets).count == tickets.count)
  }

  // MARK: - The end

  @Test func `stop does not wait for ever`() throws {
    let server = try TestServer(chain, workerCount: 2) {
      $0.waitingNanoseconds = 600_000_000_000
      $0.stopNanoseconds = 1_000_000
      $0.sweepMilliseconds = 5
    }
    let connection = try TCPConnection(to: server.client)
    let channel = try UDPChannel(to: server.client)
    try connection.send(slow(1))
    try channel.send(slow(2).octets)
    for id in [1, 2] as [UInt16] { _ = try #require(gate.arrival(id: id)) }
    server.stop()
    let hasEnded = connection.ends()
    #expect(hasEnded)
  }

  @Test(arguments: [false, true])
  func `stop lets the replies out that are still waited for`(overTCP: Bool) throws {
    let server = try TestServer(chain) {
      $0.waitingNanoseconds = 600_000_000_000
      $0.stopNanoseconds = 600_000_000_000
    }
    let connection = try TCPConnection(to: server.client)
    let channel = try UDPChannel(to: server.client)
    let query = slow(1)
    if overTCP { try connection.send(query) } else { try channel.send(query.octets) }
    let waiting = try #require(gate.arrival(id: 1))
    let stopper = try SystemThread(name: "stopper") { server.stop() }
    // Nothing may wait any more once the stop is under way.
    var id: UInt16 = 100
    let isStopping = try waitUntil(.seconds(20)) {
      id += 1
      let probe = try UDPChannel(to: server.client)
      try probe.send(slow(id).octets)
      let answer = try? ParsedMessage(probe.receive(timeout: .milliseconds(100)))
      return answer?.responseCode == 5
    }
    #expect(isStopping)
    for entry in gate.all where entry.id != 1 { server.resume(entry) }
    server.resume(waiting)
    if overTCP {
      #expect(try connection.reply().header.id == 1)
      let hasEnded = connection.ends()
      #expect(hasEnded)
    } else {
      #expect(try ParsedMessage(channel.receive(timeout: .seconds(20))).header.id == 1)
    }
    stopper.join()
  }
}

/// Makes queries under `slow.` wait and hands them on when they are resumed.
final class PassingGate: Handler, @unchecked Sendable {
  private let gate: Gate

  init(_ gate: Gate, next: Handler?) {
    self.gate = gate
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    guard exchange.name.label(0) == Array("slow".utf8) else { return passOn(&exchange) }
    gate.add(
      Gate.Waiting(worker: exchange.worker, ticket: exchange.ticket, id: exchange.header.id))
    return waits(&exchange)
  }

  override func resume(_ exchange: inout Exchange) -> Outcome {
    passOn(&exchange)
  }
}
