import DNSWire
import RecordStore
import Testing

/// Answers from the store, read by libldns.
@Suite struct AnsweringTests {
  static let zone = domainName("cluster.local")

  /// A store with one name that has `set`.
  private static func store(_ set: RRset, name: String = "web.svc") throws -> RecordStore {
    let store = try makeStore(["cluster.local"])
    try store.edit(now: 5) { edit throws(StoreError) in
      try edit.set(relative(name), zone: 0, [set, .single(.txt, ttl: 1, data: [0])])
    }
    return store
  }

  static let sets: [RRset] = [
    addresses([1]), addresses(Array(1...100)), addresses6([1, 2, 3]),
    services([target("a.web.svc", v4: [1]), target("b.web.svc", v4: [2], v6: [3])]),
    services([target("web.svc", ports: [80, 443, 8_080], v4: [1, 2], v6: [3, 4])]),
    services([target("x", ports: [1]), target("y", ports: [2, 3], v4: [9]), target("z", v6: [1])]),
    services([target("ns.dns", ports: [0], v4: [1], v6: [2])], type: .ns),
    services(
      [target("a.ns", ports: [0], v4: [1, 2]), target("b.ns", ports: [0], v4: [3])], type: .ns),
    .single(.cname, ttl: 5, data: domainName("example.org").wire),
    RRset(
      type: .ptr, ttl: 5, data: .whole([[1, 97, 0], [1, 98, 0], [1, 99, 0]], visibleCount: 2)),
    RRset(
      type: .mx, ttl: 5, data: .whole([[0, 1, 1, 97, 0], [0, 2, 1, 98, 0]], visibleCount: 2)),
    RRset(
      type: RRType(rawValue: 65_280), ttl: .max, data: .whole([[], [1, 2, 3]], visibleCount: 2)),
  ]

  @Test(arguments: sets)
  func `a set is answered in order, its addresses added`(set: RRset) throws {
    let store = try Self.store(set)
    let name = domainName("web.svc.cluster.local")
    let answer = try ask(store, name, set.type)
    let answers = set.records(owner: name, zone: Self.zone)
    let additional = additionalRecords(set, zone: Self.zone)
    #expect(!answers.isEmpty)
    #expect(answer.counts == [1, answers.count, 0, additional.count])
    #expect(answer.records == (answers + additional).map(\.wire))
    #expect(!answer.isTruncated)
  }

  @Test func `what is not there is not answered`() throws {
    let store = try Self.store(addresses([1]))
    for (name, type) in [("web.svc", RRType.aaaa), ("svc", .a), ("no", .a)] {
      let answer = try ask(store, domainName(name + ".cluster.local"), type)
      #expect(answer.counts == [1, 0, 0, 0])
    }
  }

  @Test func `the client's case is kept, the store's is its own`() throws {
    let set = services([target("a.web.svc", v4: [1])])
    let store = try Self.store(set)
    let name = domainName("WEB.svc.Cluster.LOCAL")
    let answer = try ask(store, name, .srv)
    let spelled = domainName("Cluster.LOCAL")
    let expected =
      set.records(owner: name, zone: spelled) + additionalRecords(set, zone: spelled)
    #expect(answer.records == expected.map(\.wire))
  }

  @Test func `owners are pointers as long as pointers reach`() throws {
    // Targets of some 200 octets: the zone's end of the reply lies far beyond 0x3FFF.
    let long = String(repeating: "n", count: 60)
    let targets = (0..<100).map { number in
      target("t\(number).\(long).\(long).\(long)", ports: [1], v4: [number], v6: [number])
    }
    let set = services(targets)
    let store = try Self.store(set)
    let name = domainName("web.svc.cluster.local")
    let answer = try ask(store, name, .srv)
    #expect(answer.octets.count > 0x6000)
    let expected =
      set.records(owner: name, zone: Self.zone) + additionalRecords(set, zone: Self.zone)
    #expect(answer.records == expected.map(\.wire))
    #expect(!answer.isTruncated)
  }

  @Test(arguments: (0x3FE0...0x4010).map { $0 })
  func `the last pointer is exact`(targetOffset: Int) throws {
    // Padding puts the last target's name at `targetOffset`.
    let store = try makeStore(["z"])
    let owner = domainName("a.z")
    let front = 12 + owner.wire.count + 4
    // A record is 18 octets, a label of 1...63 octets and 3 octets of zone: 23...85.
    var parts: [Int] = []
    var rest = targetOffset - 18 - front
    while rest > 170 {
      parts.append(85)
      rest -= 85
    }
    parts += [rest / 2, rest - rest / 2]
    var targets = parts.map { target(String(repeating: "p", count: $0 - 22)) }
    targets.append(target("last", v4: [7]))
    let set = services(targets)
    try store.edit(now: 5) { edit throws(StoreError) in
      try edit.set(relative("a"), zone: 0, [set])
    }
    let answer = try ask(store, owner, .srv)
    let expected =
      set.records(owner: owner, zone: domainName("z"))
      + additionalRecords(set, zone: domainName("z"))
    #expect(answer.records == expected.map(\.wire))
    let nameCount = targetOffset <= 0x3FFF ? 2 : relative("last").count + 3
    #expect(answer.octets.count == targetOffset + relative("last").count + 3 + nameCount + 14)
  }
}
