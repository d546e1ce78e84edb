import DNSWire
import PluginChain
import Server
import TestSupport
import Testing

/// Who asks most, for what.
@Suite struct HeavyHittersTests {
  private let chain = Chain.doing { exchange in
    exchange.reply.responseCode = exchange.type == .txt ? .nameError : .noError
    exchange.answeredHeight = 1
    return .answered
  }

  private func routes() throws -> RouteTable {
    let zone = try #require(DomainName(text: "cluster.local."))
    return RouteTable([(DomainName.root, chain)], ownZones: [zone])
  }

  /// Counts one query each for `rows`: a client, a name, whether it is denied.
  private func count(
    _ rows: [(client: IPAddress, name: String, isDenied: Bool)], at times: [UInt64] = [0]
  ) throws -> TopReading {
    let routes = try routes()
    var bench = QueryBench(routes)
    var hitters = HeavyHitters(seed: 7, now: 0)
    for now in times {
      for row in rows {
        bench.exchange.client = TransportAddress(address: row.client, port: 40_000)
        _ = bench.serve(
          Packet(name: Query.wireName(row.name), type: row.isDenied ? 16 : 1).octets)
        bench.exchange.now = now
        hitters.add(&bench.exchange, routes)
      }
    }
    return hitters.reading
  }

  private let one = IPAddress(v4: 0x0AF4_0001)
  private let two = IPAddress(v6High: 0xFD00 << 48, low: 2)

  @Test func `clients, namespaces and denied names are counted, folded`() throws {
    let reading = try count([
      (one, "cart.shop.svc.cluster.local", false), (one, "CART.Shop.SVC.Cluster.Local", false),
      (two, "10-0-0-1.shop.pod.cluster.local", false), (two, "no.data.svc.cluster.local", true),
      (two, "NO.data.svc.cluster.local", true), (two, "www.svc.example.org", false),
      (two, "svc.cluster.local", false), (one, "x.cluster.local", false),
    ])
    #expect(reading.clients.entries.map(\.count) == [5, 3])
    #expect(reading.clients.entries.first?.key == [1] + two.octets)
    #expect(
      reading.clients.entries.last?.key == [0] + one.octets + [UInt8](repeating: 0, count: 12))
    let namespaces = reading.namespaces.entries.map {
      "\(String(decoding: $0.key, as: UTF8.self)) \($0.count)"
    }
    #expect(namespaces == ["shop 3", "data 2"])
    let denied = reading.deniedNames.entries.map {
      "\(DomainName(wire: $0.key)?.description ?? "") \($0.count)"
    }
    #expect(denied == ["no.data.svc.cluster.local. 2"])
  }

  @Test func `what is older than two windows is gone`() throws {
    let window = HeavyHitters.windowNanoseconds
    let rows = [(client: one, name: "a.b.svc.cluster.local", isDenied: false)]
    let total = { (times: [UInt64]) in try count(rows, at: times).clients.total }
    #expect(try total([1, 2, window - 1]) == 3)
    #expect(try total([1, window + 1]) == 2, "the window before still counts")
    #expect(try total([1, window + 1, 2 * window + 1]) == 2)
    #expect(try total([1, 5 * window]) == 1)
    #expect(try count(rows, at: [1, 5 * window]).since == 5 * window)
    #expect(try count(rows, at: [1, window + 1]).since == 0)
  }

  @Test func `names of any octets and any length are keys`() throws {
    let label = String(repeating: "x", count: 63)
    let long = [label, label, label, String(repeating: "y", count: 61)].joined(separator: ".")
    let reading = try count([(one, long, true), (one, ".", true)])
    #expect(Set(reading.deniedNames.entries.map(\.key.count)) == [255, 1])
  }
}
