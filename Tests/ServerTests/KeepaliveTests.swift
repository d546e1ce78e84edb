import DNSWire
import PluginChain
import Server
import TestSupport
import Testing

/// edns-tcp-keepalive (RFC 7828): how long a client may keep its connection.
@Suite struct KeepaliveTests {
  private static let code: UInt16 = 11

  /// The value of the option in a reply; `nil` without one.
  private func tenths(_ served: QueryBench.Served) throws -> UInt16? {
    guard case .reply(let octets) = served else { return nil }
    let options = try ParsedMessage(octets).edns?.options ?? []
    let found = options.filter { $0.code == Self.code }
    #expect(found.count <= 1)
    return found.first.map { UInt16($0.data[0]) << 8 | UInt16($0.data[1]) }
  }

  @Test func `a client that asks over TCP is told`() throws {
    var bench = QueryBench()
    bench.exchange.idleTenths = 258
    let query = Packet.opt(options: option(Self.code)).octets
    #expect(try tenths(bench.serve(query, .tcp)) == 258)
    bench.exchange.idleTenths = 0
    #expect(try tenths(bench.serve(query, .tcp)) == 0)
    #expect(try tenths(bench.serve(query, .udp)) == nil)
  }

  @Test(arguments: [[], option(10), option(code, [0, 100]), option(12, [0, 11, 0, 0])])
  func `others are not`(options: [UInt8]) throws {
    var bench = QueryBench()
    bench.exchange.idleTenths = 100
    #expect(try tenths(bench.serve(Packet.opt(options: options).octets, .tcp)) == nil)
    #expect(try tenths(bench.serve(Packet().octets, .tcp)) == nil)
  }

  @Test func `a server tells its own patience, and takes an old connection back`() throws {
    let server = try TestServer(.answering()) {
      $0.tcpIdleNanoseconds = 600_000_000_000
      $0.tcpAgeNanosecondsMax = 1_000_000_000
    }
    let connection = try TCPConnection(to: server.client)
    let query = Packet.opt(options: option(Self.code))
    try connection.send(query)
    #expect(try tenths(.reply(connection.receiveMessage(timeout: .seconds(20)))) == 6_000)
    // Nothing more is asked: it ends long before it is idle.
    #expect(try connection.receiveSome(timeout: .seconds(30)).isEmpty)
    try server.expectAnswers()
  }
}
