import Cluster
import DNSWire
import RecordStore
import Testing

/// What objects cost once they are records, and that they come and go without a trace.
@Suite struct PackedObjectTests {
  private typealias Text = ObjectText

  /// Service `n` with slices of up to 100 endpoints, the addresses from `start`.
  private static func objects(
    _ name: String, isHeadless: Bool, endpointCount: Int, from start: UInt32, uid: String = ""
  ) -> [ObjectChange] {
    let key = ObjectKey(namespace: "shop", name: name)
    let ports = ["http", "metrics"].enumerated().map {
      EndpointPort(name: $1, transportProtocol: .tcp, port: UInt16(8_080 + $0))
    }
    let slices = stride(from: 0, to: endpointCount, by: 100).map { first in
      EndpointSlice(
        key: ObjectKey(namespace: "shop", name: "\(name)-x\(first)"), serviceName: name,
        endpoints: (first..<min(first + 100, endpointCount)).map { number in
          Endpoint(
            addresses: [IPAddress(v4: start + UInt32(number))],
            hostname: isHeadless ? "\(name)-\(number)" : "", podName: "\(name)-7d9f8b6c5d-\(number)"
          )
        }, ports: ports, uid: uid)
    }
    let service = Service(
      key: key, clusterIPs: isHeadless ? [] : [IPAddress(v4: 0x0A60_0000 + start >> 8)],
      isHeadless: isHeadless, ports: [], uid: uid)
    return [.set(.service(service))] + slices.map { .set(.endpointSlice($0)) }
  }

  /// Octets of records and objects.
  private static func octetCount(_ world: RecordWorld) -> Int {
    world.records.store.usedOctetCount + world.records.objectOctetCount
  }

  @Test(arguments: [(false, 90), (true, 240)])
  func `an endpoint costs few octets`(isHeadless: Bool, octetCountMax: Int) throws {
    let world = try RecordWorld()
    try world.apply([])
    let empty = Self.octetCount(world)
    var changes: [ObjectChange] = []
    for number in 0..<20 {
      changes += Self.objects(
        "web-\(number)", isHeadless: isHeadless, endpointCount: 100,
        from: 0x0AF4_0000 + UInt32(number * 256))
    }
    try world.apply(changes)
    #expect((Self.octetCount(world) - empty) / 2_000 <= octetCountMax)
  }

  @Test func `a relist of equal objects is no edit and costs nothing`() throws {
    let world = try RecordWorld()
    let changes =
      Self.objects("web", isHeadless: false, endpointCount: 250, from: 0x0AF4_0000)
      + Self.objects("db", isHeadless: true, endpointCount: 250, from: 0x0AF5_0000)
    try world.apply(changes)
    let (serial, contents, octets) = (world.serial, world.contents, Self.octetCount(world))
    for _ in 0..<3 {
      #expect(try !world.apply(changes))
      #expect(try !world.apply(changes.reversed()))
    }
    #expect(world.serial == serial)
    #expect(world.contents == contents)
    #expect(Self.octetCount(world) == octets)
  }

  @Test func `names that come again leave no octet behind`() throws {
    let world = try RecordWorld()
    try world.apply([])
    var counts = Set<Int>()
    let headless = Self.objects("web", isHeadless: true, endpointCount: 120, from: 0x0AF4_0000)
    let changes =
      headless + Self.objects("db", isHeadless: false, endpointCount: 20, from: 0x0AF5_0000)
    for _ in 0..<4 {
      try world.apply(changes)
      try world.apply(changes.map { .delete($0.kind, $0.key) })
      #expect(world.lines == [] && world.emptyNames == [])
      counts.insert(Self.octetCount(world))
    }
    #expect(counts.count == 1)
    // The same name as something else, in one step and in two.
    try world.apply(headless)
    let other = Self.objects("web", isHeadless: false, endpointCount: 10, from: 0x0AF6_0000)
    try world.apply(headless.map { .delete($0.kind, $0.key) } + other)
    let fresh = try RecordWorld()
    try fresh.apply(other)
    #expect(world.contents == fresh.contents)
  }

  @Test func `a Namespace gone and back`() throws {
    let world = try RecordWorld()
    let changes = Self.objects("db", isHeadless: true, endpointCount: 30, from: 0x0AF4_0000)
    try world.set(Text.namespace("shop"), Text.namespace("lab"))
    try world.apply(changes)
    let contents = world.contents
    try world.delete(.namespace, "shop")
    #expect(world.lines.isEmpty)
    try world.apply(Self.objects("web", isHeadless: false, endpointCount: 3, from: 0x0AF5_0000))
    #expect(world.lines.isEmpty)
    try world.delete(.service, "shop/web")
    try world.delete(.endpointSlice, "shop/web-x0")
    try world.set(Text.namespace("shop"))
    #expect(world.contents == contents)
  }

  @Test func `an endpoint in two slices stays until it is in none`() throws {
    let world = try RecordWorld()
    try world.set(
      Text.service("shop/db", "None"), Text.slice("shop/a", of: "db", "10.0.0.1=zero 10.0.0.2"))
    let one = world.contents
    let again = Text.slice("shop/b", of: "db", "10.0.0.1=zero 10.0.0.2")
    #expect(try !world.set(again), "it has all its records")
    try world.delete(.endpointSlice, "shop/a")
    #expect(world.contents == one)
    try world.set(Text.slice("shop/c", of: "db", "10.0.0.2", ports: "dns:53/udp"))
    #expect(world.lines(about: "10-0-0-2.db.shop.svc").count == 3)
    try world.delete(.endpointSlice, "shop/b")
    #expect(world.lines(about: "10-0-0-2.db.shop.svc").count == 2)
    #expect(world.lines(about: "zero.db.shop.svc").isEmpty)
    try world.delete(.endpointSlice, "shop/c")
    #expect(world.lines.isEmpty)
  }

  @Test func `a hundred thousand endpoints in one Service`() throws {
    let world = try RecordWorld()
    let changes = Self.objects("web", isHeadless: false, endpointCount: 100_000, from: 0x0B00_0000)
    try world.apply(changes)
    func names() -> Int {
      let snapshot = world.records.store.enter(reader: 0)
      defer { world.records.store.leave(reader: 0) }
      var count = 0
      for zone in 0...1 { snapshot.forEachName(zone: zone) { _, sets in count += sets.count } }
      return count
    }
    let all = names()
    #expect(all > 300_000, "A, SRV and PTR")
    try world.delete(.endpointSlice, "shop/web-x50000")
    #expect(names() == all - 300)
    try world.apply(changes)
    #expect(names() == all)
  }

  // MARK: - UIDs

  @Test func `the UID of an object is known while it is there`() throws {
    let world = try RecordWorld()
    let texts = ["01234567-89ab-cdef-0123-456789abcdef", "", "not a UUID", "NOT A UUID"]
    let uids = texts.map(ObjectUID.init(text:))
    #expect(Set(uids).count == texts.count)
    #expect(uids[0].high == 0x0123_4567_89AB_CDEF && uids[0].low == uids[0].high)
    #expect(uids[1] == .none)
    for (text, uid) in zip(texts, uids) {
      let changes = Self.objects("web", isHeadless: true, endpointCount: 1, from: 1, uid: text)
      try world.apply(changes)
      for change in changes {
        #expect(world.records.uid(of: ObjectID(kind: change.kind, key: change.key)) == uid)
      }
    }
    let id = ObjectID(kind: .service, key: Text.objectKey("shop/web"))
    #expect(world.records.keys(of: .service) == [id.key])
    #expect(world.records.keys(of: .endpointSlice) == [Text.objectKey("shop/web-x0")])
    try world.delete(.service, "shop/web")
    #expect(world.records.uid(of: id) == nil)
    #expect(world.records.keys(of: .service) == [])
  }
}
