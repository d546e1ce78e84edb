import DNSWire
import PluginChain
import Server
import TestSupport
import Testing

/// What the server makes of each outcome of a chain.
@Suite struct QueryPathTests {
  private func message(_ served: QueryBench.Served) throws -> ParsedMessage {
    var octets: [UInt8] = []
    if case .reply(let reply) = served { octets = reply }
    return try ParsedMessage(octets)
  }

  @Test func `a name outside of every zone is REFUSED and says why`() throws {
    let zone = try #require(DomainName(text: "example.com."))
    var bench = QueryBench(zone: zone)
    let reply = try message(bench.serve(Packet.opt().octets))
    #expect(reply.responseCode == 5)
    #expect(reply.edns?.options.first?.code == 15)
    #expect(reply.edns?.options.first.map { Array($0.data.prefix(2)) } == [0, 20])
    #expect(!reply.header.has(.aa))
    let plain = try message(bench.serve(Packet().octets))
    #expect(plain.responseCode == 5)
    #expect(plain.edns == nil)
  }

  @Test func `a query that nobody answers is SERVFAIL, and every handler sees it`() throws {
    let tally = Tally()
    var bench = QueryBench(
      Chain([
        { Witness(tally, next: $0) }, { ClosureHandler(next: $0) { _ in .unanswered } },
        { Witness(tally, next: $0) },
      ]))
    let reply = try message(bench.serve(Packet().octets))
    #expect(reply.responseCode == 2)
    #expect(reply.header.has(.ra))
    #expect(tally.count == 2)
    #expect(try message(bench.serve(Packet().octets, .tcp)).responseCode == 2)
  }

  @Test func `records written before giving up do not go out`() throws {
    var bench = QueryBench(
      .doing { exchange in
        exchange.reply.isAuthoritative = true
        _ = exchange.appendAddress()
        return .unanswered
      })
    let reply = try message(bench.serve(Packet().octets))
    #expect(reply.responseCode == 2)
    #expect(reply.records.isEmpty)
    #expect(!reply.header.has(.aa))
  }

  @Test func `a dropped query has no reply, over either transport`() {
    var bench = QueryBench(.doing { _ in .dropped })
    #expect(bench.serve(Packet().octets) == .silence)
    #expect(bench.serve(Packet().octets, .tcp) == .silence)
  }

  @Test func `an error before the chain is not shown to it`() throws {
    let chain = Chain.doing { _ in
      Issue.record("the chain was asked")
      return .dropped
    }
    var bench = QueryBench(chain)
    for row in AdmissionTests.rows where !row.isAdmitted { _ = bench.serve(row.packet) }
  }

  @Test func `a resumed query ends like one that never waited`() throws {
    let gate = Gate()
    let chain = Chain([{ Witness(Tally(), next: $0) }, { GateHandler(gate, next: $0) }])
    var bench = QueryBench(chain)
    #expect(bench.serve(Packet(name: Query.wireName("slow.test")).octets) == .parked)
    let reply = try message(bench.resume(chain))
    #expect(reply.responseCode == 0)
    #expect(reply.records.count == 1)
    #expect(reply.header.has(.aa))
    #expect(reply.header.has(.ra), "the handler above saw it")
  }
}
