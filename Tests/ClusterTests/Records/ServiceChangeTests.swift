import Cluster
import DNSWire
import RecordStore
import Testing

/// What stays and what goes when objects change, and how the serial follows.
@Suite struct ServiceChangeTests {
  private typealias Text = ObjectText

  private static let slice = Text.slice("shop/s", of: "web", "10.0.0.1=zero")
  private static let shapes: [(name: String, object: ClusterObject)] = [
    ("ClusterIP", Text.service("shop/web", "10.96.0.1")),
    ("headless", Text.service("shop/web", "None")),
    ("ExternalName", Text.alias("shop/web", to: "example.org")),
    ("dual-stack", Text.service("shop/web", "10.96.0.1 fd00::1", ports: "dns:53/udp :9")),
    ("without address", Text.service("shop/web", "")),
    ("ExternalName to an address", Text.alias("shop/web", to: "192.0.2.1")),
  ]

  private func fresh(_ objects: ClusterObject...) throws -> [[[UInt8]: [RRset]]] {
    let world = try RecordWorld()
    try world.apply(objects.map(ObjectChange.set))
    return world.contents
  }

  @Test(arguments: 0..<shapes.count, 0..<shapes.count)
  func `from one kind of Service to another nothing stays behind`(from: Int, to: Int) throws {
    let world = try RecordWorld()
    try world.set(Self.shapes[from].object, Self.slice)
    try world.set(Self.shapes[to].object)
    let names = "\(Self.shapes[from].name) to \(Self.shapes[to].name)"
    #expect(try world.contents == fresh(Self.shapes[to].object, Self.slice), "\(names)")
    try world.set(Self.shapes[from].object)
    #expect(try world.contents == fresh(Self.shapes[from].object, Self.slice), "\(names), back")
  }

  @Test func `slices may come before their Service and stay after it`() throws {
    let world = try RecordWorld()
    let service = Text.service("shop/web", "None")
    try world.set(Self.slice)
    #expect(world.lines.isEmpty)
    try world.set(service)
    #expect(world.lines.count == 7)
    #expect(try world.contents == fresh(service, Self.slice))
    try world.delete(.service, "shop/web")
    #expect(world.lines.isEmpty)
    try world.set(service)
    #expect(try world.contents == fresh(service, Self.slice))
  }

  @Test func `a slice may change its Service`() throws {
    let world = try RecordWorld()
    let services = [Text.service("shop/web", "None"), Text.service("shop/db", "None")]
    try world.set(services[0], services[1], Self.slice)
    let moved = Text.slice("shop/s", of: "db", "10.0.0.1=zero")
    try world.set(moved)
    #expect(world.lines(about: "web.shop.svc").isEmpty)
    #expect(try world.contents == fresh(services[0], services[1], moved))
    try world.delete(.endpointSlice, "shop/s")
    #expect(world.lines.isEmpty)
  }

  @Test func `objects in one round may come in any order, and the last one counts`() throws {
    let world = try RecordWorld()
    try world.apply([
      .set(Self.slice), .set(Text.service("shop/web", "10.96.0.9")),
      .set(Text.service("shop/web", "None")), .delete(.service, Text.objectKey("shop/none")),
      .set(Text.namespace("lab")), .delete(.namespace, Text.objectKey("/lab")),
    ])
    #expect(try world.contents == fresh(Text.service("shop/web", "None"), Self.slice))
  }

  // MARK: - The serial

  @Test func `the serial moves when answers do and only then`() throws {
    let world = try RecordWorld()
    #expect(world.serial == RecordWorld.start)
    let quiet: [ObjectChange] = [
      .set(Text.service("shop/web", "10.96.0.1", labels: ["app": "x"])),
      .delete(.service, Text.objectKey("shop/none")), .delete(.pod, Text.objectKey("shop/none")),
      .set(Text.pod("shop/p", "10.0.0.1")), .set(Text.slice("shop/t", of: "none", "10.0.0.5")),
      .set(Text.slice("shop/u", of: "web", "10.0.0.6!")),
    ]
    #expect(try world.set(Text.service("shop/web", "10.96.0.1")))
    let serial = world.serial
    #expect(serial != RecordWorld.start)
    for change in quiet {
      #expect(try !world.apply([change]), "\(change)")
      #expect(world.serial == serial, "\(change)")
    }
    #expect(try world.set(Text.service("shop/web", "10.96.0.2")))
    #expect(world.serial == serial + 1)
    // There and back in one round is no change.
    #expect(
      try !world.apply([
        .delete(.service, Text.objectKey("shop/web")),
        .set(Text.service("shop/web", "10.96.0.2")),
      ]))
    #expect(world.serial == serial + 1)
  }

  @Test func `the store is ready after the first round, even an empty one`() throws {
    let world = try RecordWorld()
    func isReady() -> Bool {
      defer { world.records.store.leave(reader: 0) }
      return world.records.store.enter(reader: 0).isReady
    }
    #expect(!isReady())
    #expect(world.contents == [[:], [:], [:]])
    try world.apply([])
    #expect(isReady())
    #expect(world.emptyNames == [])
    let version = try #require(DomainName(labels: [Array("dns-version".utf8)])).wire.dropLast()
    let sets = try #require(world.contents[0][Array(version)])
    #expect(sets == [.single(.txt, ttl: 28_800, data: [5] + Array("1.1.0".utf8))])
  }
}
