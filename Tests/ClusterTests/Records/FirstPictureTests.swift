import Cluster
import DNSWire
import RecordStore
import Testing

/// Objects before the first full picture, and how it comes to be.
@Suite struct FirstPictureTests {
  private typealias Text = ObjectText

  private static let objects: [ClusterObject] = [
    Text.namespace("shop"), Text.namespace("lab"), Text.service("shop/web", "10.96.0.1"),
    Text.slice("shop/web-1", of: "web", "10.0.0.1 10.0.0.2"), Text.service("lab/db", "None"),
    Text.slice("lab/db-1", of: "db", "10.0.0.3=zero"), Text.pod("shop/p", "10.0.0.1"),
    Text.pod("lab/q", "10.0.0.3 fd00::3"), Text.alias("lab/out", to: "example.org"),
  ]

  private func world() throws -> RecordWorld { try RecordWorld { $0.pods = .verified } }

  private func keep(_ objects: some Sequence<ClusterObject>, in world: RecordWorld) throws {
    try world.records.apply(objects.map(ObjectChange.set), now: RecordWorld.start)
  }

  private func declare(_ parts: ReadyParts = .all, in world: RecordWorld) throws {
    try world.records.declareReady(parts, now: RecordWorld.start)
  }

  private func snapshotFlags(_ world: RecordWorld) -> [Bool] {
    defer { world.records.store.leave(reader: 0) }
    let snapshot = world.records.store.enter(reader: 0)
    return [snapshot.isReady, snapshot.arePodsReady]
  }

  @Test func `what came before is published as if it came after, with one step of the serial`()
    throws
  {
    let late = try world()
    try late.apply([])
    try keep(Self.objects, in: late)
    for order in 0..<Self.objects.count {
      let early = try world()
      let objects = Self.objects[order...] + Self.objects[..<order]
      for object in objects { try keep([object], in: early) }
      #expect(early.contents == [[:], [:], [:]], "objects are only kept")
      #expect(!early.records.isReady && !early.records.arePodsReady)
      try declare(in: early)
      #expect(early.records.isReady && early.records.arePodsReady)
      #expect(snapshotFlags(early) == [true, true])
      #expect(early.contents == late.contents)
      #expect(early.serial == RecordWorld.start + 1)
      try declare(in: early)
      #expect(early.serial == RecordWorld.start + 1, "once is enough")
    }
  }

  @Test func `objects that changed or went before the picture leave nothing`() throws {
    let world = try world()
    try keep(Self.objects, in: world)
    try keep(
      [Text.service("shop/web", "10.96.0.9"), Text.slice("lab/db-1", of: "x", "")], in: world)
    try world.records.apply([.delete(.pod, Text.objectKey("shop/p"))], now: 1)
    try declare(in: world)
    #expect(world.lines(about: "10.96.0.1").isEmpty)
    #expect(world.lines(about: "web.shop.svc").contains("web.shop.svc A 10.96.0.9"))
    #expect(world.lines(about: "db.lab.svc").isEmpty)
    #expect(world.lines(about: "shop.pod").isEmpty)
  }

  @Test(arguments: [[ReadyParts.records, .pods], [.pods, .records]])
  func `pods may be complete sooner or later than the rest`(order: [ReadyParts]) throws {
    let world = try world()
    try keep(Self.objects, in: world)
    try declare(order[0], in: world)
    let isRecordsFirst = order[0] == .records
    #expect(world.records.isReady == isRecordsFirst)
    #expect(!world.records.arePodsReady)
    #expect(snapshotFlags(world) == [isRecordsFirst, false])
    #expect(world.lines(about: "pod").isEmpty)
    #expect(world.lines.isEmpty != isRecordsFirst)
    // Pods go on coming and going; until they are complete none has a name.
    try keep([Text.pod("shop/r", "10.0.0.8"), Text.pod("shop/p", "10.0.0.9")], in: world)
    #expect(world.lines(about: "pod").isEmpty)
    try declare(order[1], in: world)
    #expect(snapshotFlags(world) == [true, true] && world.records.arePodsReady)
    #expect(
      world.lines(about: "shop.pod") == [
        "10-0-0-8.shop.pod A 10.0.0.8", "10-0-0-9.shop.pod A 10.0.0.9",
      ])
    try world.records.apply([.delete(.pod, Text.objectKey("shop/r"))], now: 1)
    #expect(world.lines(about: "shop.pod") == ["10-0-0-9.shop.pod A 10.0.0.9"])
  }

  @Test func `pods that are not wanted are not waited for`() throws {
    let world = try RecordWorld()
    try declare(.records, in: world)
    #expect(world.records.arePodsReady && snapshotFlags(world) == [true, true])
  }

  @Test func `without implied namespaces a Service waits for its own`() throws {
    let world = try RecordWorld { $0.impliesNamespaces = false }
    try world.set(Text.service("shop/web", "10.96.0.1", ports: ""))
    #expect(world.lines.isEmpty && world.emptyNames.isEmpty)
    try world.set(Text.namespace("lab"))
    #expect(world.lines.isEmpty && world.emptyNames == ["lab.svc"])
    try world.set(Text.namespace("shop"))
    #expect(world.lines(about: "web.shop.svc").count == 1)
    try world.delete(.namespace, "shop")
    try world.delete(.namespace, "lab")
    #expect(world.lines.isEmpty && world.emptyNames.isEmpty)
  }

  @Test func `a store that is full is not ready until there is room`() throws {
    var options = RecordOptions()
    options.primaryZone = try #require(DomainName(text: "cluster.local."))
    let records = try #require(
      ClusterRecords(options: options, now: RecordWorld.start, arenaOctetCount: 1 << 16))
    let services = (0..<2_000).map { Text.service("shop/web-\($0)", "10.96.\($0 / 250).9") }
    try records.apply(services.map(ObjectChange.set), now: 1)
    for _ in 0..<3 {
      #expect(throws: StoreError.full) { try records.declareReady(now: 1) }
      #expect(!records.isReady && !records.arePodsReady)
    }
    try records.apply(services.dropFirst(100).map { .delete($0.kind, $0.key) }, now: 1)
    try records.declareReady(now: 1)
    #expect(records.isReady)
    let fresh = try #require(ClusterRecords(options: options, now: 1))
    try fresh.apply(services.prefix(100).map(ObjectChange.set), now: 1)
    try fresh.declareReady(now: 1)
    #expect(Self.names(records) == Self.names(fresh))
    #expect(Self.names(records).count > 200)
  }

  private static func names(_ records: ClusterRecords) -> Set<[UInt8]> {
    var names = Set<[UInt8]>()
    let snapshot = records.store.enter(reader: 0)
    defer { records.store.leave(reader: 0) }
    snapshot.forEachName(zone: 0) { name, _ in names.insert(name) }
    return names
  }
}
