import DNSWire
import PluginChain
import Server
import Sockets
import TestSupport
import Testing

/// The exchanges that wait: bounded, each taken once, none for ever.
@Suite struct WaitingTableTests {
  private let chain = Chain([{ Witness(Tally(), next: $0) }, { GateHandler(Gate(), next: $0) }])

  /// A query of `id` that has been parked with a deadline.
  private func parked(id: UInt16, deadline: UInt64 = 100) -> ParkedExchange {
    var bench = QueryBench(chain)
    _ = bench.serve(Packet(id: id, name: Query.wireName("slow.test")).octets)
    return ParkedExchange(
      SleepingExchange(bench.exchange.replacedByFresh(), chain, height: 1),
      RouteTable([(.root, chain)]), .stream(connection: 1), deadline: deadline)
  }

  @Test func `there is room for as many as the limit says`() {
    var table = WaitingTable(countMax: 3)
    for ticket in 1...3 as ClosedRange<UInt64> {
      #expect(table.hasRoom)
      table.park(parked(id: 1), ticket: ticket)
    }
    #expect(!table.hasRoom)
    #expect(table.count == 3)
    #expect(table.take(2) != nil)
    #expect(table.hasRoom)
  }

  @Test func `a table without room has none from the start`() {
    #expect(!WaitingTable(countMax: 0).hasRoom)
  }

  @Test func `a ticket is good once`() {
    var table = WaitingTable(countMax: 3)
    table.park(parked(id: 7), ticket: 10)
    table.park(parked(id: 8), ticket: 11)
    #expect(table.take(10)?.own.exchange.header.id == 7)
    #expect(table.take(10) == nil)
    #expect(table.take(12) == nil)
    #expect(table.take(11)?.own.exchange.header.id == 8)
    #expect(table.count == 0)
  }

  @Test func `those whose time has come are taken, the others stay`() {
    var table = WaitingTable(countMax: 10)
    for number in 1...5 as ClosedRange<UInt64> {
      table.park(parked(id: UInt16(number), deadline: number * 100), ticket: number)
    }
    func expired(_ now: UInt64) -> [UInt16] {
      table.takeExpired(now: now).map { $0.own.exchange.header.id }.sorted()
    }
    #expect(expired(99) == [])
    #expect(expired(100) == [1])
    #expect(expired(100) == [])
    #expect(expired(350) == [2, 3])
    #expect(table.take(3) == nil, "an expired query cannot be resumed")
    #expect(table.count == 2)
    #expect(expired(.max) == [4, 5])
    #expect(table.count == 0)
  }

  @Test func `a sleeping reply is its own, whatever the worker writes next`() throws {
    let sleeper: SleepingExchange
    do {
      var bench = QueryBench(
        .doing { exchange in
          exchange.reply.isAuthoritative = true
          _ = exchange.appendAddress()
          return .waiting
        })
      _ = bench.serve(Packet.opt().octets)
      sleeper = SleepingExchange(bench.exchange.replacedByFresh(), chain, height: 1)
      // The worker goes on in the old buffer, and then the buffer is gone.
      _ = bench.serve(Packet(id: 9, name: Query.wireName("another.name.example")).octets, .tcp)
    }
    let isAdded = sleeper.exchange.appendAddress()
    #expect(!isAdded, "a sleeping reply has no room")
    sleeper.exchange.reply.isTruncated = false
    sleeper.exchange.reply.finish(
      query: sleeper.exchange.header, edns: nil, payloadSize: 0, error: nil)
    var framed: [UInt8] = []
    sleeper.exchange.reply.appendFramed(to: &framed)
    let message = try ParsedMessage(Array(framed.dropFirst(2)))
    #expect(message.header.id == 0x1234)
    #expect(message.header.has(.aa), "what was set before the wait is kept")
    #expect(message.questionBytes == Packet().question)
    #expect(message.records(in: .answer).count == 1, "from before the wait")
  }
}
