import Cluster
import DNSWire
import Testing

/// What events make of the objects that are kept.
@Suite struct ObjectEventTests {
  private typealias Text = ObjectText

  /// A Service `shop/web` with an address and a UID.
  private static func web(_ ip: String, uid: String) -> ObjectEvent {
    .set(
      .service(Service(key: key("web"), clusterIPs: ObjectText.addresses(ip), uid: uid)))
  }

  private static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "shop", name: name) }
  private static func delete(_ name: String, _ uid: String?) -> ObjectEvent {
    .delete(.service, key(name), uid: uid.map(ObjectUID.init(text:)))
  }
  private static func refuse(_ name: String, _ uid: String) -> ObjectEvent {
    .refuse(.service, key(name), uid: ObjectUID(text: uid))
  }

  /// Rounds behind Service `web` with UID `a`, and what is left.
  struct Case: Sendable {
    let events: [ObjectEvent]
    /// The UID of what is left; `nil` when it is gone.
    let uid: String?
    let changeCount: Int
    let otherUIDCount: Int

    init(_ events: ObjectEvent..., uid: String?, changes: Int, others: Int = 0) {
      self.events = events
      self.uid = uid
      changeCount = changes
      otherUIDCount = others
    }
  }

  static let cases = [
    Case(web("10.0.0.1", uid: "a"), uid: "a", changes: 0),
    Case(web("10.0.0.2", uid: "a"), uid: "a", changes: 1),
    Case(web("10.0.0.1", uid: "b"), uid: "b", changes: 1),
    Case(delete("web", "a"), uid: nil, changes: 1),
    Case(delete("web", nil), uid: nil, changes: 1),
    Case(delete("web", "b"), uid: "a", changes: 0, others: 1),
    Case(delete("none", "b"), delete("none", nil), uid: "a", changes: 0),
    Case(refuse("web", "a"), uid: "a", changes: 0),
    Case(refuse("web", "b"), uid: nil, changes: 1),
    Case(refuse("none", "b"), uid: "a", changes: 0),
    Case(web("10.0.0.2", uid: "b"), delete("web", "a"), uid: "b", changes: 1, others: 1),
    Case(delete("web", "a"), web("10.0.0.2", uid: "b"), uid: "b", changes: 1),
    Case(delete("web", "a"), web("10.0.0.1", uid: "a"), uid: "a", changes: 0),
    Case(web("10.0.0.2", uid: "b"), refuse("web", "a"), uid: nil, changes: 1),
    Case(web("10.0.0.2", uid: "b"), refuse("web", "b"), uid: "b", changes: 1),
    Case(delete("web", "a"), delete("web", "a"), uid: nil, changes: 1),
  ]

  @Test(arguments: cases.indices, [false, true])
  func `an event is about the object with its UID`(index: Int, isReady: Bool) throws {
    let test = Self.cases[index]
    let world = try RecordWorld()
    if isReady { try world.apply([]) }
    try world.records.apply(events: [Self.web("10.0.0.1", uid: "a")], now: 1)
    var sum = EventOutcome()
    if isReady {
      sum = try world.records.apply(events: test.events, now: 1)
      #expect(sum.changeCount == test.changeCount)
    } else {
      for event in test.events { sum += try world.records.apply(events: [event], now: 1) }
    }
    #expect(sum.otherUIDCount == test.otherUIDCount)
    let id = ObjectID(kind: .service, key: Self.key("web"))
    #expect(world.records.uid(of: id) == test.uid.map(ObjectUID.init(text:)))
    #expect(world.records.count(of: .service) == (test.uid == nil ? 0 : 1))
    if !isReady { try world.apply([]) }
    #expect(world.lines(about: "web.shop.svc").isEmpty == (test.uid == nil))
  }

  // MARK: - Sweeps

  private static func slices(_ numbers: Range<Int>) -> [ObjectEvent] {
    numbers.map { number in
      .set(Text.slice("shop/web-\(number)", of: "web-\(number % 7)", "10.1.0.\(number % 200)"))
    }
  }

  @Test(arguments: [0, 1, 499, 500, 1_700, 2_000])
  func `what a list did not name goes, in batches`(keptCount: Int) throws {
    let world = try RecordWorld()
    let services = (0..<7).map { ObjectEvent.set(Text.service("shop/web-\($0)", "10.96.0.\($0)")) }
    try world.apply([])
    try world.records.apply(events: services + Self.slices(0..<2_000), now: 1)
    var seen = SeenKeys(kind: .endpointSlice, hashKey: 99)
    for event in Self.slices(0..<keptCount) {
      seen.insert(event.key)
      seen.insert(event.key)
    }
    #expect(seen.count == keptCount)
    let outcome = try world.records.sweep(seen, now: 1)
    #expect(outcome.changeCount == 2_000 - keptCount)
    #expect(world.records.count(of: .endpointSlice) == keptCount)
    #expect(world.records.count(of: .service) == 7, "another kind")
    #expect(
      Set(world.records.keys(of: .endpointSlice)) == Set(Self.slices(0..<keptCount).map(\.key)))
    let fresh = try RecordWorld()
    try fresh.apply([])
    try fresh.records.apply(events: services + Self.slices(0..<keptCount), now: 1)
    #expect(world.contents == fresh.contents)
    #expect(try world.records.sweep(seen, now: 1) == EventOutcome())
  }

  @Test func `names that were seen take few octets`() {
    var seen = SeenKeys(kind: .pod, hashKey: 7)
    for number in 0..<10_000 { seen.insert(Self.key("pod-\(number)")) }
    #expect(seen.count == 10_000)
    #expect((0..<10_000).allSatisfy { seen.contains(Self.key("pod-\($0)")) })
    #expect(!(10_000..<20_000).contains { seen.contains(Self.key("pod-\($0)")) })
    #expect(seen.octetCount <= 10_000 * 22)
  }
}
