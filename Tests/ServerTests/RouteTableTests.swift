import DNSWire
import PluginChain
import Server
import Sockets
import Synchronization
import TestSupport
import Testing

/// Which zone a name belongs to: the longest, by whole labels.
@Suite struct RouteTableTests {
  /// Zones, a name, and which of the zones it belongs to.
  struct Row: CustomTestStringConvertible, Sendable {
    let zones: [String]
    let name: String
    let zone: Int?

    init(_ zones: [String], _ name: String, _ zone: Int?) {
      self.zones = zones
      self.name = name
      self.zone = zone
    }

    var testDescription: String { "\(name) in \(zones)" }
  }

  private static let nested = ["org.", "c.b.a.org.", ".", "a.org.", "b.a.org."]
  private static let cluster = ["cluster.local.", "in-addr.arpa."]

  static let rows: [Row] = [
    // Longest by labels, whatever the order and the number of octets.
    Row(nested, "x.c.b.a.org.", 1), Row(nested, "c.b.a.org.", 1), Row(nested, "b.a.org.", 4),
    Row(nested, "d.b.a.org.", 4), Row(nested, "a.org.", 3), Row(nested, "z.org.", 0),
    Row(nested, "org.", 0), Row(nested, "com.", 2), Row(nested, ".", 2),
    Row(["averyveryverylonglabel.", "a.b."], "x.a.b.", 1),
    Row(["averyveryverylonglabel.", "a.b."], "x.averyveryverylonglabel.", 0),
    // The root alone holds everything.
    Row(["."], ".", 0), Row(["."], "a.b.c.", 0),
    // Label edges.
    Row(cluster, "cluster.local.", 0), Row(cluster, "a.cluster.local.", 0),
    Row(cluster, "xcluster.local.", nil), Row(cluster, "local.", nil), Row(cluster, ".", nil),
    Row(cluster, "cluster.local.org.", nil), Row(cluster, "cluster.locale.", nil),
    Row(cluster, "luster.local.", nil), Row(["b."], "ab.", nil), Row(["a.b."], "ba.b.", nil),
    // An octet that looks like a length is not one.
    Row(["b.c."], "a\\001b.c.", nil), Row(["b.c."], "\\001b\\001c.", nil),
    // Case does not matter, on either side.
    Row(["CluSter.LOCAL."], "a.clUSTer.local.", 0), Row(["a\\000.b."], "x.A\\000.B.", 0),
    // Of two equal zones the first counts.
    Row(["a.org.", "A.ORG.", "a.org."], "x.a.org.", 0), Row([".", ".", "."], "x.", 0),
    Row([], "a.", nil), Row([], ".", nil),
  ]

  /// Writes down which chain was asked.
  private final class Marker: Handler, @unchecked Sendable {
    let number: Int
    let seen: Journal

    init(_ number: Int, _ seen: Journal) {
      self.number = number
      self.seen = seen
      super.init(next: nil)
    }

    override func query(_ exchange: inout Exchange) -> Outcome {
      seen.last.store(number, ordering: .relaxed)
      return .dropped
    }
  }

  private final class Journal: Sendable {
    let last = Atomic<Int>(-1)
  }

  private static func table(_ zones: [DomainName], _ journal: Journal) -> RouteTable {
    RouteTable(
      zones.enumerated().map { number, zone in
        (zone, Chain([{ _ in Marker(number, journal) }]))
      })
  }

  /// The number of the zone that gets a query for `name`.
  private static func zone(of name: DomainName, in table: RouteTable, _ journal: Journal) -> Int? {
    var bench = QueryBench(table)
    journal.last.store(-1, ordering: .relaxed)
    _ = bench.serve(Packet(name: name.wire).octets)
    let number = journal.last.load(ordering: .relaxed)
    return number < 0 ? nil : number
  }

  @Test(arguments: rows)
  func `the longest zone that holds the name has it`(row: Row) throws {
    let journal = Journal()
    let zones = try row.zones.map { try #require(DomainName(text: $0)) }
    let name = try #require(DomainName(text: row.name))
    let table = Self.table(zones, journal)
    #expect(Self.zone(of: name, in: table, journal) == row.zone)
    // The order of the zones means nothing, but among equal ones.
    if Set(zones).count == zones.count {
      let reversed = Self.table(zones.reversed(), journal)
      let last = zones.count - 1
      #expect(Self.zone(of: name, in: reversed, journal) == row.zone.map { last - $0 })
    }
  }

  @Test func `zones down to the longest name there can be`() throws {
    let journal = Journal()
    let zones = try (0...127).map { count in
      try #require(DomainName(labels: [[UInt8]](repeating: [0x61], count: count)))
    }
    let table = Self.table(zones, journal)
    for count in 0...127 {
      #expect(Self.zone(of: zones[count], in: table, journal) == count)
    }
  }

  /// As many zones as a large Corefile with reverse blocks may have, on a worker's small stack.
  @Test func `twenty thousand zones need no deep stack`() throws {
    let found = Mutex<[Int?]>([])
    let zoneCount = 20_000
    let thread = try SystemThread(name: "routes") {
      let journal = Journal()
      let zones = (0..<zoneCount).compactMap { DomainName(text: "z\($0).example.") }
      let table = Self.table(zones, journal)
      for name in ["x.z0.example.", "x.z19999.example.", "x.z9999.example.", "example."] {
        guard let name = DomainName(text: name) else { continue }
        let zone = Self.zone(of: name, in: table, journal)
        found.withLock { $0.append(zone) }
      }
    }
    thread.join()
    #expect(found.withLock { $0 } == [0, 19_999, 9_999, nil])
  }
}
