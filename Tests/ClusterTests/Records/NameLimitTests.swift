import Cluster
import DNSWire
import RecordStore
import Testing

/// Names that do not fit into DNS: left out, and nothing else is harmed (RFC 1035 §2.3.4).
@Suite struct NameLimitTests {
  private typealias Text = ObjectText

  private static let long = String(repeating: "x", count: 63)
  private static let tooLong = String(repeating: "x", count: 64)

  /// Objects whose names have a label of 64 octets or none at all, one at a time.
  static let misfits: [(name: String, objects: [ClusterObject])] = [
    ("Service", [Text.service("shop/\(tooLong)", "10.96.9.9")]),
    ("Service without a name", [Text.service("shop/", "10.96.9.9")]),
    (
      "headless Service",
      [
        Text.service("shop/\(tooLong)", "None"), Text.slice("shop/m", of: tooLong, "10.9.9.9"),
      ]
    ),
    ("ExternalName", [Text.alias("shop/\(tooLong)", to: "example.org")]),
    (
      "namespace",
      [Text.service("\(tooLong)/web", "10.96.9.9"), Text.pod("\(tooLong)/p", "10.9.9.9")]
    ),
    ("namespace without a name", [Text.service("/web", "10.96.9.9")]),
  ]

  private func good() throws -> RecordWorld {
    let world = try RecordWorld { $0.pods = .verified }
    try world.set(
      Text.service("shop/web", "10.96.0.1"), Text.service("shop/db", "None"),
      Text.slice("shop/s", of: "db", "10.0.0.1"), Text.pod("shop/p", "10.0.0.1"))
    return world
  }

  @Test(arguments: 0..<misfits.count)
  func `objects whose names do not fit are left out`(index: Int) throws {
    let (alone, both) = (try good(), try good())
    let misfit = Self.misfits[index]
    try both.apply(misfit.objects.map(ObjectChange.set))
    #expect(both.lines == alone.lines, "\(misfit.name)")
    for object in misfit.objects { try both.apply([.delete(object.kind, object.key)]) }
    #expect(both.contents == alone.contents, "\(misfit.name), deleted")
  }

  @Test func `ports and hostnames that do not fit are left out`() throws {
    let world = try RecordWorld()
    try world.set(
      Text.service("shop/web", "10.96.0.1", ports: "\(Self.long):80 ok:81"),
      Text.slice("shop/s", of: "web", "10.0.0.1=\(Self.tooLong) 10.0.0.2=ok", ports: ""))
    #expect(
      world.lines == [
        "10.0.0.2 PTR ok.web.shop.svc", "10.96.0.1 PTR web.shop.svc",
        "_ok._tcp.web.shop.svc A 10.96.0.1", "_ok._tcp.web.shop.svc SRV 0 100 81 web.shop.svc",
        "ok.web.shop.svc A 10.0.0.2",
        "web.shop.svc A 10.96.0.1", "web.shop.svc SRV 0 50 80 web.shop.svc",
        "web.shop.svc SRV 0 50 81 web.shop.svc",
      ])
  }

  @Test func `the longest labels fit`() throws {
    let world = try RecordWorld()
    let service = "\(Self.long)"
    try world.set(
      Text.service("\(Self.long)/\(service)", "None"),
      Text.slice("\(Self.long)/s", of: service, "10.0.0.1=\(Self.long)", ports: ""))
    let base = "\(service).\(Self.long).svc"
    #expect(
      world.lines
        == [
          "10.0.0.1 PTR \(Self.long).\(base)", "\(Self.long).\(base) A 10.0.0.1",
          "\(base) A 10.0.0.1",
        ].sorted())
  }

  /// Every zone from one whose names all fit to one where nothing does: no record may hold a name
  /// above 255 octets, and what fits is there.
  @Test(arguments: [100, 112, 113, 114, 115, 120, 121, 122, 180, 240, 244])
  func `no record names what is longer than 255 octets`(zoneOctetCount: Int) throws {
    let zone = try Self.zone(octetCount: zoneOctetCount)
    let world = try RecordWorld { options in
      options.primaryZone = zone
      options.pods = .verified
      options.serverAddresses = Text.addresses("10.0.0.1")
    }
    try world.set(
      Text.service("shop/\(Self.long)", "10.96.0.1"), Text.service("shop/db", "None"),
      Text.slice("shop/s", of: "db", "10.0.0.1=\(Self.long) 10.0.0.2=b"),
      Text.slice("shop/t", of: Self.long, "10.0.0.1=\(Self.long)"),
      Text.service("shop/a", "10.96.0.2"),
      Text.slice("shop/u", of: "a", "10.0.0.1", ports: ""), Text.pod("shop/p", "10.0.0.1"))
    var names: [DomainName] = []
    for (number, contents) in world.contents.enumerated() {
      let origin = world.records.store.zones[number]
      for (name, sets) in contents where name.count + origin.wire.count <= 255 {
        let owner = try #require(DomainName(wire: name + origin.wire))
        for record in sets.flatMap({ $0.records(owner: owner, zone: origin) }) {
          let text = world.data(record)
          #expect(!text.contains("MALFORMED"), "\(record.owner) \(record.type)")
        }
        if number == 0 { names.append(owner) }
      }
    }
    let short = try #require(
      DomainName(wire: [1, 97, 4] + Array("shop".utf8) + [3] + Array("svc".utf8) + zone.wire))
    #expect(names.contains(short) == (zoneOctetCount <= 244))
  }

  /// A zone of exactly so many octets, root included.
  private static func zone(octetCount: Int) throws -> DomainName {
    var labels: [[UInt8]] = []
    var rest = octetCount - 1
    while rest > 0 {
      let length = rest > 64 ? min(63, rest - 3) : rest - 1
      labels.append([UInt8](repeating: UInt8(ascii: "z"), count: length))
      rest -= length + 1
    }
    let zone = try #require(DomainName(labels: labels))
    try #require(zone.wire.count == octetCount)
    return zone
  }
}
