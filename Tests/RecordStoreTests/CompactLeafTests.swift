import DNSWire
import RecordStore
import Testing

/// The forms that endpoints and pointers have in the store: never seen from outside, only counted.
@Suite struct CompactLeafTests {
  private static let zones = ["cluster.local", "in-addr.arpa", "96.10.in-addr.arpa"]

  private static func endpoint(
    _ name: String, _ address: UInt32, ports: [Int] = [80, 443], ttl: UInt32 = 5
  ) -> [RRset] {
    let list = [IPAddress(v4: address)]
    let first = RRset(type: .a, ttl: ttl, data: .addresses(list))
    if ports.isEmpty { return [first] }
    let entries = ports.map { ServiceTarget.Entry(weight: 50, port: UInt16($0)) }
    let target = ServiceTarget(name: relative(name), entries: entries, addresses: list)
    return [first, services([target], ttl: ttl)]
  }

  private static func pointer(_ name: String, ttl: UInt32 = 5) -> [RRset] {
    [.single(.ptr, ttl: ttl, data: domainName(name).wire)]
  }

  /// Names that are, nearly are, and are not of a compact form.
  private static let cases: [(zone: Int, name: String, sets: [RRset])] = [
    (0, "10-0-0-1.web.shop.svc", endpoint("10-0-0-1.web.shop.svc", 0x0A00_0001)),
    (0, "10-0-0-2.web.shop.svc", endpoint("10-0-0-2.web.shop.svc", 0x0A00_0003)),
    (0, "010-0-0-1.web.shop.svc", endpoint("010-0-0-1.web.shop.svc", 0x0A00_0001)),
    (0, "255-255-255-255.web.shop.svc", endpoint("255-255-255-255.web.shop.svc", .max)),
    (0, "zero.web.shop.svc", endpoint("zero.web.shop.svc", 0x0A00_0001, ports: [])),
    (0, "one.web.shop.svc", endpoint("one.web.shop.svc", 0x0A00_0001, ports: Array(1...255))),
    (0, "two.web.shop.svc", endpoint("two.web.shop.svc", 0x0A00_0001, ports: Array(1...256))),
    (0, "ttl.web.shop.svc", endpoint("ttl.web.shop.svc", 0x0A00_0001, ttl: 65_536)),
    (0, "other.web.shop.svc", endpoint("zero.web.shop.svc", 0x0A00_0001)),
    (0, "single", endpoint("single", 0x0A00_0001)),
    (0, "six.web.shop.svc", [addresses6([1])]),
    (0, "both.web.shop.svc", [addresses([1]), addresses6([1])]),
    (0, "many.web.shop.svc", [addresses([1, 2])]),
    (1, "1.0.0.10", pointer("10-0-0-1.web.shop.svc.cluster.local")),
    (1, "2.0.0.10", pointer("zero.web.shop.svc.cluster.local")),
    (1, "3.0.0.10", pointer("web.shop.svc.cluster.local", ttl: 3_600)),
    (1, "4.0.0.10", pointer("elsewhere.example.org")),
    (1, "5.0.0.10", pointer("cluster.local")),
    (1, "06.0.0.10", pointer("zero.web.shop.svc.cluster.local")),
    (1, "256.0.0.10", pointer("zero.web.shop.svc.cluster.local")),
    (1, "x.0.0.10", pointer("zero.web.shop.svc.cluster.local")),
    (1, "9.7.0.0.10", pointer("zero.web.shop.svc.cluster.local")),
    (1, "7.0.10", pointer("10-0-7-0.web.shop.svc.cluster.local")),
    (2, "1.0", pointer("web.shop.svc.cluster.local")),
    (2, "200.100", pointer("10-96-100-200.web.shop.svc.cluster.local")),
  ]

  private static func fill(_ store: RecordStore) throws(StoreError) {
    try store.edit(now: 2) { edit throws(StoreError) in
      for item in cases { try edit.set(relative(item.name), zone: item.zone, item.sets) }
    }
  }

  /// Sets or removes one name of zone 0.
  private static func change(
    _ store: RecordStore, _ name: [UInt8], _ sets: [RRset]?
  ) throws(StoreError) {
    try store.edit(now: 2) { edit throws(StoreError) in
      if let sets {
        try edit.set(name, zone: 0, sets)
      } else {
        try edit.remove(name, zone: 0)
      }
    }
  }

  private static func clear(_ store: RecordStore) throws(StoreError) {
    try store.edit(now: 2) { edit throws(StoreError) in
      for item in cases { try edit.remove(relative(item.name), zone: item.zone) }
    }
  }

  @Test func `what was set is what is read, found and equal`() throws {
    let store = try makeStore(Self.zones)
    let empty = store.usedOctetCount
    try Self.fill(store)
    let (serial, used) = (store.serial, store.usedOctetCount)
    for zone in 0..<3 {
      let contents = store.contents(zone: zone)
      for item in Self.cases where item.zone == zone {
        #expect(contents[relative(item.name)] == item.sets, "\(item.name)")
        #expect(
          store.read { $0.types(relative(item.name), of: [.a, .aaaa, .srv, .ptr], zone: zone) }
            == item.sets.map(\.type), "\(item.name)")
      }
    }
    try Self.fill(store)
    #expect(store.serial == serial, "equal sets are no edit")
    #expect(store.usedOctetCount == used)
    for _ in 0..<3 {
      try Self.clear(store)
      #expect(store.usedOctetCount == empty, "names that endpoints share go with the last of them")
      try Self.fill(store)
    }
  }

  @Test func `names that are nearly there are not found`() throws {
    let store = try makeStore(Self.zones)
    try Self.fill(store)
    let missing = [
      "10-0-0-1.web.shop.sv", "10-0-0-1.web.shop", "10-0-0-11.web.shop.svc", "10-0-0.web.shop.svc",
      "10-0-0-1.wen.shop.svc", "10-0-0-3.web.shop.svc", "zer.web.shop.svc", "zeroo.web.shop.svc",
    ]
    for name in missing { #expect(!store.read { $0.has(name) }, "\(name)") }
    for name in ["1.0.0.1", "11.0.0.10", "1.0.0", "01.0.0.10"] {
      let isThere = store.read { $0.has(name, zone: 1) }
      #expect(isThere == false || name == "1.0.0", "\(name)")
    }
  }

  @Test func `a reply is the set's records, as libldns reads it`() throws {
    let store = try makeStore(Self.zones)
    try Self.fill(store)
    for item in Self.cases {
      let zone = domainName(Self.zones[item.zone])
      let name = try #require(DomainName(wire: relative(item.name) + zone.wire))
      for set in item.sets {
        let answer = try ask(store, name, set.type, zone: item.zone)
        let expected =
          set.records(owner: name, zone: zone) + additionalRecords(set, zone: zone)
        #expect(answer.records.count == expected.count, "\(name) \(set.type)")
        #expect(!answer.isTruncated)
        for (record, one) in zip(answer.records, expected) {
          #expect(record.suffix(one.data.count) == one.data[...], "\(name) \(set.type)")
          #expect(record.starts(with: one.owner.wire), "\(name) \(set.type)")
        }
      }
    }
  }

  @Test func `a name below an endpoint, and the endpoint stays`() throws {
    let store = try makeStore(Self.zones)
    let name = "10-0-0-1.web.shop.svc"
    let sets = Self.endpoint(name, 0x0A00_0001)
    try Self.change(store, relative(name), sets)
    try Self.change(store, relative("below." + name), [addresses([1])])
    #expect(store.contents()[relative(name)] == sets)
    let serial = store.serial
    try Self.change(store, relative(name), sets)
    #expect(store.serial == serial)
    try Self.change(store, relative(name), nil)
    #expect(store.contents()[relative(name)] == [])
    try Self.change(store, relative(name), sets)
    try Self.change(store, relative("below." + name), nil)
    #expect(store.contents()[relative(name)] == sets)
    try Self.change(store, relative(name), nil)
    #expect(store.contents().isEmpty)
  }

  @Test func `a failed edit leaves shared names as they were`() throws {
    let store = try makeStore(Self.zones)
    try Self.fill(store)
    let (before, used) = (store.contents(), store.usedOctetCount)
    for round in 0..<5 {
      #expect(throws: StoreError.full) {
        try store.edit(now: 3) { edit throws(StoreError) in
          for item in Self.cases { try edit.remove(relative(item.name), zone: item.zone) }
          for number in 0..<100 {
            let name = "pod-\(number).db-\(number % 7).shop.svc"
            try edit.set(relative(name), zone: 0, Self.endpoint(name, UInt32(number)))
          }
          throw .full
        }
      }
      #expect(store.contents() == before, "round \(round)")
      #expect(store.usedOctetCount == used, "round \(round)")
    }
    try Self.clear(store)
    #expect(store.contents().isEmpty)
  }
}
