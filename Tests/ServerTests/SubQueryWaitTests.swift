import DNSWire
import PluginChain
import Server
import Sockets
import TestSupport
import Testing

/// Targets of aliases that have to be waited for.
@Suite(.timeLimit(.minutes(10))) struct SubQueryWaitTests {
  // MARK: - Resumed

  @Test(arguments: overEither)
  func `a sub-query waits and is resumed`(overTCP: Bool) throws {
    let stage = Stage(["a.test.": .alias("b.test."), "b.test.": .addresses(2, waitCount: 1)])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server, overTCP: overTCP)
    try asker.send(.asking("A.test", id: 7))
    let waiting = try #require(stage.gate.arrival("b.test."))
    #expect(waiting.id == 7)
    #expect(stage.kept.texts == ["a.test. 1"], "the alias alone, before the wait")
    #expect(stage.observed.all.isEmpty)
    server.resume(waiting)
    let reply = try asker.reply()
    #expect(reply.header.id == 7)
    #expect(
      reply.answers == [
        "A.test. CNAME b.test.", "b.test. A 192.0.2.1", "b.test. A 192.0.2.1",
      ])
    #expect(stage.kept.texts == ["a.test. 1", "b.test. 2"])
    #expect(stage.observed.texts == ["a.test. 3"])
  }

  @Test(arguments: overEither)
  func `one waits behind several aliases, with others before it`(overTCP: Bool) throws {
    let stage = Stage([
      "a.test.": .alias("b.test."), "b.test.": .alias("c.test."), "c.test.": .alias("d.test."),
      "d.test.": .addresses(1, waitCount: 3),
    ])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server, overTCP: overTCP)
    try asker.send(.asking("a.test"))
    for count in 1...3 { server.resume(try #require(stage.gate.arrival("d.test.", count: count))) }
    #expect(try asker.reply().answers.count == 4)
    #expect(stage.asked.all.count == 4, "nothing is asked twice")
    #expect(stage.kept.texts == ["a.test. 1", "b.test. 1", "c.test. 1", "d.test. 1"])
    #expect(stage.observed.texts == ["a.test. 4"])
  }

  @Test(arguments: overEither)
  func `the query and each of its sub-queries may wait, one after the other`(
    overTCP: Bool
  ) throws {
    let stage = Stage([
      "a.test.": .alias("b.test.", waitCount: 2), "b.test.": .alias("c.test.", waitCount: 1),
      "c.test.": .alias("d.test."), "d.test.": .addresses(1, waitCount: 2),
    ])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server, overTCP: overTCP)
    try asker.send(.asking("a.test"))
    for (name, count) in [("a", 1), ("a", 2), ("b", 1), ("d", 1), ("d", 2)] {
      server.resume(try #require(stage.gate.arrival("\(name).test.", count: count)))
    }
    #expect(
      try asker.reply().answers == [
        "a.test. CNAME b.test.", "b.test. CNAME c.test.", "c.test. CNAME d.test.",
        "d.test. A 192.0.2.1",
      ])
    #expect(Set(stage.gate.all.map(\.ticket)).count == 1, "all under one ticket")
    #expect(stage.kept.texts == ["a.test. 1", "b.test. 1", "c.test. 1", "d.test. 1"])
    #expect(stage.observed.texts == ["a.test. 4"])
  }

  @Test func `a waiting sub-query does not hold up others, nor mix with them`() throws {
    let stage = Stage([
      "a.test.": .alias("b.test."), "b.test.": .addresses(2, waitCount: 1),
      "c.test.": .alias("d.test."), "d.test.": .addresses(3, waitCount: 1),
      "e.test.": .alias("f.test."), "f.test.": .addresses(4),
    ])
    let server = try TestServer(stage.chain)
    let connection = try TCPConnection(to: server.client)
    let channel = try UDPChannel(to: server.client)
    try connection.send(.asking("a.test", id: 1))
    let first = try #require(stage.gate.arrival("b.test."))
    try channel.send(Packet.asking("c.test", id: 2).octets)
    let second = try #require(stage.gate.arrival("d.test."))
    try connection.send(.asking("e.test", id: 3))
    let third = try connection.reply()
    #expect(third.header.id == 3 && third.answers.count == 5)
    server.resume(second)
    let reply = try ParsedMessage(channel.receive(timeout: .seconds(20)))
    #expect(reply.header.id == 2 && reply.answers.count == 4)
    server.resume(first)
    let late = try connection.reply()
    #expect(late.header.id == 1 && late.answers.count == 3)
    #expect(late.answers.first == "a.test. CNAME b.test.")
  }

  @Test func `a target that fails after a wait makes the reply fail`() throws {
    let stage = Stage([
      "a.test.": .alias("b.test."),
      "b.test.": Line(answer: .failure(.serverFailure, .networkError, "cable cut"), waitCount: 1),
      "c.test.": .alias("d.test."), "d.test.": Line(answer: .unanswered, waitCount: 1),
    ])
    let server = try TestServer(stage.chain)
    let asker = try Asker(server)
    try asker.send(.asking("a.test", size: 1232))
    server.resume(try #require(stage.gate.arrival("b.test.")))
    let failed = try asker.reply()
    #expect(failed.responseCode == 2)
    #expect(failed.records.isEmpty)
    #expect(failed.errorText == "23 cable cut")
    try asker.send(.asking("c.test", id: 2, size: 1232))
    server.resume(try #require(stage.gate.arrival("d.test.")))
    let alone = try asker.reply()
    #expect(alone.responseCode == 0)
    #expect(alone.answers == ["c.test. CNAME d.test."])
  }

  // MARK: - Not resumed

  @Test(arguments: overEither)
  func `a sub-query that may not wait makes the reply REFUSED`(overTCP: Bool) throws {
    let stage = Stage([
      "a.test.": .alias("b.test."), "b.test.": .addresses(1, waitCount: 1),
      "c.test.": .addresses(1, waitCount: 1), "d.test.": .alias("e.test."),
      "e.test.": .addresses(),
    ])
    let server = try TestServer(stage.chain) { $0.waitingCountMax = 1 }
    let other = try Asker(server)
    try other.send(.asking("c.test", id: 3))
    let first = try #require(stage.gate.arrival("c.test."))
    let asker = try Asker(server, overTCP: overTCP)
    let refused = try asker.ask(.asking("a.test", size: 1232))
    #expect(refused.responseCode == 5)
    #expect(refused.records.isEmpty)
    #expect(refused.errorText?.hasPrefix("18 ") == true)
    #expect(stage.observed.all.map(\.code) == [.refused])
    #expect(stage.kept.texts == ["a.test. 1"])
    let own = try asker.ask(.asking("c.test", id: 6))
    #expect(own.responseCode == 5)
    #expect(stage.kept.all.last?.code == .refused)
    // The refused one's ticket is nobody's, and nothing is left of it for the next.
    let gone = try #require(stage.gate.arrival("b.test."))
    #expect(gone.ticket != first.ticket)
    server.resume(gone)
    #expect(try asker.ask(.asking("d.test", id: 4)).answers.count == 2)
    server.resume(first)
    #expect(try other.reply().answers == ["c.test. A 192.0.2.1"])
    // There is room again.
    try asker.send(.asking("a.test", id: 5))
    server.resume(try #require(stage.gate.arrival("b.test.", count: 2)))
    #expect(try asker.reply().answers.count == 2)
  }

  @Test(arguments: overEither)
  func `a sub-query that waits too long is SERVFAIL, and its place is free`(overTCP: Bool) throws {
    let stage = Stage(["a.test.": .alias("b.test."), "b.test.": .addresses(1, waitCount: 1)])
    let server = try TestServer(stage.chain) {
      $0.waitingNanoseconds = 1
      $0.sweepMilliseconds = 5
      $0.waitingCountMax = 1
    }
    let asker = try Asker(server, overTCP: overTCP)
    for id in 1...5 as ClosedRange<UInt16> {
      let reply = try asker.ask(.asking("a.test", id: id, size: 1232))
      #expect(reply.header.id == id)
      #expect(reply.responseCode == 2)
      #expect(reply.records.isEmpty)
      #expect(reply.errorText == "22 timed out")
      // What it waited for comes after all.
      server.resume(try #require(stage.gate.arrival("b.test.", count: Int(id))))
    }
    #expect(stage.observed.all.map(\.code) == Array(repeating: .serverFailure, count: 5))
    // The alias was given, whatever came of its target.
    #expect(stage.kept.texts == Array(repeating: "a.test. 1", count: 5))
  }

  @Test(arguments: [false, true])
  func `a client that leaves while a sub-query waits leaves nothing behind`(
    resets: Bool
  ) throws {
    let stage = Stage([
      "a.test.": .alias("b.test."), "b.test.": .alias("c.test.", waitCount: 1),
      "c.test.": .addresses(1, waitCount: 1),
    ])
    let server = try TestServer(stage.chain) {
      $0.waitingNanoseconds = 600_000_000_000
      $0.waitingCountMax = 1
    }
    let stream = try RawSocket.connected(to: server.address)
    let isSent = stream.sendAll(framed(1, .asking("a.test")))
    #expect(isSent)
    let waiting = try #require(stage.gate.arrival("b.test."))
    let inode = ServerSocketInode(serverPort: server.port, clientPort: stream.localPort())
    let held = try #require(inode)
    if resets { stream.resetOnClose() }
    _ = consume stream
    if resets { #expect(waitUntil(.seconds(20)) { !held.isOpen }) }
    // It goes on to its end, and then there is room for another.
    server.resume(waiting)
    server.resume(try #require(stage.gate.arrival("c.test.")))
    let asker = try Asker(server)
    try asker.send(.asking("a.test", id: 2))
    server.resume(try #require(stage.gate.arrival("b.test.", count: 2)))
    server.resume(try #require(stage.gate.arrival("c.test.", count: 2)))
    #expect(try asker.reply().answers.count == 3)
    #expect(waitUntil(.seconds(20)) { !held.isOpen })
  }

  // MARK: - Without sockets

  @Test func `a bench resumes a sub-query as a worker does`() throws {
    let stage = Stage([
      "a.test.": .alias("b.test."), "b.test.": .alias("c.test.", waitCount: 1),
      "c.test.": .addresses(1, waitCount: 1),
    ])
    var bench = QueryBench(stage.chain)
    #expect(bench.serve(Packet.asking("a.test").octets) == .parked)
    #expect(bench.resume(stage.chain) == .parked)
    guard case .reply(let octets) = bench.resume(stage.chain) else { throw NoReply() }
    #expect(try ParsedMessage(octets).answers.count == 3)
    #expect(stage.observed.texts == ["a.test. 3"])
  }
}
