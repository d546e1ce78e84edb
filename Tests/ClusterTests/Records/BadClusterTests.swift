import Cluster
import DNSWire
import RecordStore
import Testing

/// Input that makes no sense or is huge: the rest of the zone is unharmed, and what is there is
/// what the final objects alone would make.
@Suite struct BadClusterTests {
  private typealias Text = ObjectText

  /// What is always there beside the bad.
  private static let good: [ClusterObject] = [
    Text.service("good/web", "10.96.9.9"),
    Text.slice("good/web-1", of: "web", "10.9.0.1 10.9.0.2=two"),
    Text.alias("good/out", to: "x.org"),
  ]

  /// Rounds of objects, and what is left of them in lines outside of `good`.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let rounds: [[ClusterObject]]
    let lines: [String]

    init(_ description: String, _ rounds: [ClusterObject]..., lines: String...) {
      testDescription = description
      self.rounds = rounds
      self.lines = lines
    }
  }

  static let cases = [
    Case(
      "slices of Services that do not exist",
      [
        Text.slice("shop/a", of: "none", "10.0.0.1=zero 10.0.0.2"),
        Text.slice("shop/b", of: "", ""),
      ]
    ),
    Case(
      "two slices with one endpoint",
      [
        Text.service("shop/db", "None"), Text.slice("shop/a", of: "db", "10.0.0.1"),
        Text.slice("shop/b", of: "db", "10.0.0.1"),
      ],
      lines: "10-0-0-1.db.shop.svc A 10.0.0.1",
      "10-0-0-1.db.shop.svc SRV 0 100 8080 10-0-0-1.db.shop.svc",
      "10.0.0.1 PTR 10-0-0-1.db.shop.svc",
      "_http._tcp.db.shop.svc SRV 0 100 8080 10-0-0-1.db.shop.svc",
      "_http._tcp.db.shop.svc A 10.0.0.1", "db.shop.svc A 10.0.0.1",
      "db.shop.svc SRV 0 100 8080 10-0-0-1.db.shop.svc"),
    Case(
      "a hostname that spells another endpoint's address",
      [Text.service("shop/db", "None"), Text.slice("shop/a", of: "db", "10.0.0.1", ports: "")],
      [Text.slice("shop/b", of: "db", "10.0.0.2=10-0-0-1", ports: "")],
      [Text.slice("shop/a", of: "db", "10.0.0.3", ports: "")],
      lines: "10-0-0-1.db.shop.svc A 10.0.0.2", "10.0.0.2 PTR 10-0-0-1.db.shop.svc",
      "10-0-0-3.db.shop.svc A 10.0.0.3", "10.0.0.3 PTR 10-0-0-3.db.shop.svc",
      "db.shop.svc A 10.0.0.2", "db.shop.svc A 10.0.0.3"),
    Case(
      "two Services with one address",
      [
        Text.service("shop/a", "10.96.0.1", ports: ""),
        Text.service("shop/b", "10.96.0.1", ports: ""),
      ],
      lines: "a.shop.svc A 10.96.0.1", "b.shop.svc A 10.96.0.1", "10.96.0.1 PTR a.shop.svc"),
    Case(
      "types that change in place",
      [
        Text.service("shop/a", "10.96.0.1"), Text.slice("shop/a-1", of: "a", "10.0.0.1=zero"),
        Text.slice("shop/a-2", of: "a", "10.0.0.2 fd00::2"),
      ],
      [Text.alias("shop/a", to: "example.org")], [Text.service("shop/a", "None")],
      [Text.service("shop/a", "10.96.0.2")], [Text.service("shop/a", "None")],
      [Text.alias("shop/a", to: "192.0.2.1")],
      [Text.alias("shop/a", to: "example.net"), Text.slice("shop/a-1", of: "b", "10.0.0.1=zero")],
      lines: "a.shop.svc CNAME example.net."),
    Case(
      "a thousand ports",
      [
        Text.service(
          "shop/a", "10.96.0.1",
          ports: (0..<1_000).map { "p\($0 % 10):\($0 + 1)" }.joined(separator: " "))
      ],
      [Text.service("shop/a", "10.96.0.1", ports: "")],
      lines: "a.shop.svc A 10.96.0.1", "10.96.0.1 PTR a.shop.svc"),
  ]

  @Test(arguments: cases)
  func `the rest of the zone is unharmed`(test: Case) throws {
    let world = try RecordWorld()
    try world.apply(Self.good.map(ObjectChange.set))
    let lines = world.lines
    for round in test.rounds {
      try world.apply(round.map(ObjectChange.set))
      #expect(Set(lines).isSubset(of: world.lines))
    }
    #expect(Set(world.lines).subtracting(lines) == Set(test.lines))
    try checkFresh(world, Self.good + test.rounds.flatMap(\.self))
    // Away with it, in the order in which it came.
    for object in test.rounds.flatMap(\.self) {
      try world.apply([.delete(object.kind, object.key)])
    }
    #expect(world.lines == lines)
    #expect(!world.emptyNames.contains { $0.contains("shop") })
  }

  /// A world that was given the objects before its first picture holds the same.
  private func checkFresh(_ world: RecordWorld, _ objects: [ClusterObject]) throws {
    let fresh = try RecordWorld()
    try fresh.apply(objects.map(ObjectChange.set))
    #expect(world.contents == fresh.contents)
  }

  @Test func `a namespace deleted and made again, with what changed meanwhile`() throws {
    let world = try RecordWorld {
      $0.pods = .verified
      $0.impliesNamespaces = false
    }
    try world.apply(Self.good.map(ObjectChange.set))
    try world.set(Text.namespace("good"), Text.namespace("shop"))
    let lines = world.lines
    try world.set(
      Text.service("shop/a", "10.96.0.1", ports: ""), Text.slice("shop/a-1", of: "a", "10.0.0.1"),
      Text.pod("shop/p", "10.0.0.1"), Text.pod("shop/q", "10.0.0.1"))
    try world.delete(.namespace, "shop")
    #expect(world.lines == lines)
    try world.delete(.pod, "shop/p")
    try world.set(Text.slice("shop/a-1", of: "a", "10.0.0.2", ports: ""))
    try world.set(Text.namespace("shop"))
    #expect(
      Set(world.lines).subtracting(lines) == [
        "a.shop.svc A 10.96.0.1", "10.96.0.1 PTR a.shop.svc", "10-0-0-2.a.shop.svc A 10.0.0.2",
        "10.0.0.2 PTR 10-0-0-2.a.shop.svc", "10-0-0-1.shop.pod A 10.0.0.1",
      ])
    try world.delete(.pod, "shop/q")
    #expect(world.lines(about: "shop.pod").isEmpty)
  }

  /// Slices of a hundred endpoints each, with hostnames.
  private static func slices(_ numbers: Range<Int>) -> [ObjectChange] {
    numbers.map { number in
      let endpoints = (0..<100).map { index in
        let place = number * 100 + index
        return Endpoint(
          addresses: [IPAddress(v4: 0x0B00_0000 + UInt32(place))],
          hostname: "db-\(place)")
      }
      return .set(
        .endpointSlice(
          EndpointSlice(
            key: ObjectKey(namespace: "shop", name: "db-\(number)"), serviceName: "db",
            endpoints: endpoints,
            ports: [EndpointPort(name: "sql", transportProtocol: .tcp, port: 5_432)])))
    }
  }

  @Test(arguments: ["None", "10.96.0.1"])
  func `a hundred thousand endpoints`(ip: String) throws {
    let world = try RecordWorld()
    try world.apply(Self.good.map(ObjectChange.set))
    let lines = world.lines
    try world.set(Text.service("shop/db", ip))
    for first in stride(from: 0, to: 1_000, by: 500) {
      try world.apply(Self.slices(first..<(first + 500)))
    }
    func names() -> Int {
      let snapshot = world.records.store.enter(reader: 0)
      defer { world.records.store.leave(reader: 0) }
      var count = 0
      snapshot.forEachName(zone: 0) { name, _ in count += 1 }
      return count
    }
    let count = names()
    #expect(count > 100_000)
    try world.delete(.endpointSlice, "shop/db-7")
    #expect(names() == count - 100)
    try world.set(Text.alias("shop/db", to: "example.org"))
    #expect(Set(world.lines).subtracting(lines) == ["db.shop.svc CNAME example.org."])
    try world.delete(.service, "shop/db")
    #expect(world.lines == lines)
  }
}
