import Cluster
import DNSWire
import Testing

private typealias Text = ObjectText

/// Records of ServiceImports: below the multicluster zone and nowhere else.
@Suite struct MulticlusterRecordTests {
  private static func world(
    _ adjust: @escaping (inout RecordOptions) -> Void = { _ in }
  ) throws -> RecordWorld {
    let zone = try #require(DomainName(text: "clusterset.local."))
    return try RecordWorld {
      $0.multiclusterZones = [zone]
      adjust(&$0)
    }
  }

  /// What is about the multicluster zone, without the zone's name.
  private static func lines(_ world: RecordWorld) -> [String] {
    world.lines.filter { $0.contains("clusterset") }
      .map { $0.replacing(".clusterset.local.", with: "") }
  }

  private static func service(_ key: String, _ ips: String, ports: String = "http:80")
    -> ClusterObject
  {
    guard case .service(let service) = Text.service(key, ips, ports: ports) else {
      return Text.namespace("none")
    }
    return .serviceImport(
      ServiceImport(
        key: service.key, isHeadless: service.isHeadless, ips: service.clusterIPs,
        ports: service.ports, uid: "import"))
  }

  /// A slice of an import in a cluster; see `ObjectText.slice`.
  private static func slice(
    _ key: String, of name: String, in cluster: String, _ endpoints: String,
    service: String = "", labels: [String: String] = [:]
  ) -> ClusterObject {
    guard case .endpointSlice(let slice) = Text.slice(key, of: service, endpoints) else {
      return Text.namespace("none")
    }
    return .endpointSlice(
      EndpointSlice(
        key: slice.key, serviceName: service, importName: name, sourceCluster: cluster,
        labels: labels, endpoints: slice.endpoints, ports: slice.ports, uid: "slice"))
  }

  @Test func `an import with addresses`() throws {
    let world = try Self.world()
    try world.set(
      Self.service("shop/web", "10.42.0.1 fd00::1", ports: "http:80 :53/udp"),
      Self.slice("shop/web-e", of: "web", in: "east", "10.1.0.1=a 10.1.0.2!"))
    #expect(
      world.lines
        == Self.sorted(
          """
          web.shop.svc A 10.42.0.1
          web.shop.svc AAAA fd00::1
          web.shop.svc SRV 0 25 80 web.shop.svc
          web.shop.svc SRV 0 25 53 web.shop.svc
          _http._tcp.web.shop.svc A 10.42.0.1
          _http._tcp.web.shop.svc AAAA fd00::1
          _http._tcp.web.shop.svc SRV 0 50 80 web.shop.svc
          a.east.web.shop.svc A 10.1.0.1
          a.east.web.shop.svc SRV 0 100 8080 a.east.web.shop.svc
          """), "and no reverse names")
  }

  @Test func `a headless import with endpoints of two clusters`() throws {
    let world = try Self.world()
    try world.set(
      Self.service("shop/db", "None"),
      Self.slice("shop/db-e", of: "db", in: "east", "10.1.0.1=db-0 10.1.0.2+10.1.0.3"),
      Self.slice("shop/db-w", of: "db", in: "West.2", "10.2.0.1=db-0 fd00::1"))
    #expect(
      world.lines
        == Self.sorted(
          """
          db.shop.svc A 10.1.0.1
          db.shop.svc A 10.1.0.2
          db.shop.svc A 10.1.0.3
          db.shop.svc A 10.2.0.1
          db.shop.svc AAAA fd00::1
          db.shop.svc SRV 0 20 8080 db-0.east.db.shop.svc
          db.shop.svc SRV 0 20 8080 10-1-0-2.east.db.shop.svc
          db.shop.svc SRV 0 20 8080 10-1-0-3.east.db.shop.svc
          db.shop.svc SRV 0 20 8080 db-0.west.2.db.shop.svc
          db.shop.svc SRV 0 20 8080 fd00--1.west.2.db.shop.svc
          _http._tcp.db.shop.svc A 10.1.0.1
          _http._tcp.db.shop.svc A 10.1.0.2
          _http._tcp.db.shop.svc A 10.1.0.3
          _http._tcp.db.shop.svc A 10.2.0.1
          _http._tcp.db.shop.svc AAAA fd00::1
          _http._tcp.db.shop.svc SRV 0 20 8080 db-0.east.db.shop.svc
          _http._tcp.db.shop.svc SRV 0 20 8080 10-1-0-2.east.db.shop.svc
          _http._tcp.db.shop.svc SRV 0 20 8080 10-1-0-3.east.db.shop.svc
          _http._tcp.db.shop.svc SRV 0 20 8080 db-0.west.2.db.shop.svc
          _http._tcp.db.shop.svc SRV 0 20 8080 fd00--1.west.2.db.shop.svc
          db-0.east.db.shop.svc A 10.1.0.1
          db-0.east.db.shop.svc SRV 0 100 8080 db-0.east.db.shop.svc
          10-1-0-2.east.db.shop.svc A 10.1.0.2
          10-1-0-2.east.db.shop.svc SRV 0 100 8080 10-1-0-2.east.db.shop.svc
          10-1-0-3.east.db.shop.svc A 10.1.0.3
          10-1-0-3.east.db.shop.svc SRV 0 100 8080 10-1-0-3.east.db.shop.svc
          db-0.west.2.db.shop.svc A 10.2.0.1
          db-0.west.2.db.shop.svc SRV 0 100 8080 db-0.west.2.db.shop.svc
          fd00--1.west.2.db.shop.svc AAAA fd00::1
          fd00--1.west.2.db.shop.svc SRV 0 100 8080 fd00--1.west.2.db.shop.svc
          """))
  }

  private static func sorted(_ text: String) -> [String] {
    text.split(separator: "\n").map { line in
      var words = line.split(separator: " ").map(String.init)
      for index in words.indices where words[index].hasSuffix(".svc") {
        words[index] += ".clusterset.local."
      }
      return words.joined(separator: " ")
    }.sorted()
  }

  @Test func `Services stay in the cluster, imports in the set`() throws {
    let world = try Self.world()
    try world.set(
      Text.service("shop/web", "10.96.0.1"), Text.slice("shop/web-1", of: "web", "10.0.0.1=x"),
      Self.service("shop/web", "10.42.0.1"),
      Self.slice("shop/web-e", of: "web", in: "east", "10.1.0.1=a"))
    #expect(world.lines(about: "web.shop.svc").filter { $0.contains(" A ") }.count == 3)
    #expect(!world.lines.contains { $0.hasPrefix("a.") && !$0.contains("clusterset") })
    #expect(!Self.lines(world).contains { $0.contains("10.0.0.1") || $0.contains("10.96.0.1") })
    #expect(
      world.lines.filter { $0.contains(" PTR ") }.sorted() == [
        "10.0.0.1 PTR x.web.shop.svc", "10.96.0.1 PTR web.shop.svc",
      ])
    // One goes, the other stays.
    try world.delete(.serviceImport, "shop/web")
    #expect(Self.lines(world) == [])
    #expect(world.lines.contains("web.shop.svc A 10.96.0.1"))
    try world.set(Self.service("shop/web", "10.42.0.1"))
    try world.delete(.service, "shop/web")
    #expect(world.lines.allSatisfy { $0.contains("clusterset") })
    #expect(Self.lines(world).contains("a.east.web.shop.svc A 10.1.0.1"))
  }

  @Test func `a slice may be a Service's and an import's, and change`() throws {
    let world = try Self.world()
    try world.set(
      Self.service("shop/db", "None"), Text.service("shop/derived", "None"),
      Self.slice("shop/s", of: "db", in: "east", "10.1.0.1=a", service: "derived"))
    #expect(world.lines.contains("a.derived.shop.svc A 10.1.0.1"))
    #expect(Self.lines(world).contains("a.east.db.shop.svc A 10.1.0.1"))
    try world.set(Self.slice("shop/s", of: "db", in: "west", "10.1.0.1=a"))
    #expect(world.lines.allSatisfy { $0.contains("clusterset") })
    #expect(Self.lines(world).contains("a.west.db.shop.svc A 10.1.0.1"))
    try world.set(Text.slice("shop/s", of: "derived", "10.1.0.1=a"))
    #expect(Self.lines(world) == [])
    #expect(world.lines.contains("a.derived.shop.svc A 10.1.0.1"))
    try world.delete(.endpointSlice, "shop/s")
    #expect(world.lines == [])
  }

  @Test func `a slice without a cluster names endpoints as a Service does`() throws {
    let world = try Self.world()
    try world.set(
      Self.service("shop/db", "None"), Self.slice("shop/s", of: "db", in: "", "10.1.0.1=a"))
    #expect(Self.lines(world).contains("a.db.shop.svc A 10.1.0.1"))
  }

  @Test(arguments: [".", "a..b", "-", String(repeating: "x", count: 63)])
  func `an odd name of a cluster harms nothing`(cluster: String) throws {
    let world = try Self.world()
    try world.set(
      Self.service("shop/db", "None"), Self.slice("shop/s", of: "db", in: cluster, "10.1.0.1=a"))
    #expect(Self.lines(world).contains("db.shop.svc A 10.1.0.1"))
    let hasName = cluster == "-" || cluster.count == 63
    #expect(Self.lines(world).contains { $0.hasPrefix("a.") } == hasName)
  }

  @Test func `namespaces hide imports too, and labels their slices`() throws {
    let world = try Self.world { options in
      options.namespaceSelector = try? LabelSelector(parsing: "tier=front")
      options.selector = try? LabelSelector(parsing: "app=web")
    }
    try world.set(
      Text.namespace("shop", labels: ["tier": "front"]), Text.namespace("lab"),
      Self.service("lab/web", "10.42.0.2"), Self.service("shop/web", "10.42.0.1", ports: ""),
      Self.slice("shop/a", of: "web", in: "east", "10.1.0.1=a", labels: ["app": "web"]),
      Self.slice("shop/b", of: "web", in: "east", "10.1.0.2=b"))
    #expect(
      Self.lines(world) == [
        "a.east.web.shop.svc A 10.1.0.1", "a.east.web.shop.svc SRV 0 100 8080 a.east.web.shop.svc",
        "web.shop.svc A 10.42.0.1",
      ])
  }

  @Test func `options of endpoints count for imports`() throws {
    let pods = try Self.world { $0.usesEndpointPodNames = true }
    try pods.set(
      Self.service("shop/db", "None"), Self.slice("shop/s", of: "db", in: "east", "10.1.0.1@db-7"))
    #expect(Self.lines(pods).contains("db-7.east.db.shop.svc A 10.1.0.1"))
    let empty = try Self.world { $0.ignoresEmptyServices = true }
    try empty.set(Self.service("shop/web", "10.42.0.1"))
    #expect(empty.lines == [])
    let none = try Self.world { $0.ignoresEndpoints = true }
    try none.set(
      Self.service("shop/db", "None"), Self.slice("shop/s", of: "db", in: "east", "10.1.0.1=a"))
    #expect(none.lines == [])
  }

  @Test func `objects are found again by their kind`() throws {
    let world = try Self.world()
    try world.set(
      Self.service("shop/web", "10.42.0.1"), Text.service("shop/api", "10.96.0.1"),
      Self.slice("shop/e", of: "web", in: "east", "10.1.0.1"), Text.slice("shop/l", of: "api", ""))
    #expect(world.records.keys(of: .serviceImport).map(\.name) == ["web"])
    #expect(world.records.keys(of: .service).map(\.name) == ["api"])
    #expect(world.records.keys(of: .endpointSlice).map(\.name).sorted() == ["e", "l"])
    let key = ObjectKey(namespace: "shop", name: "web")
    let id = ObjectID(kind: .serviceImport, key: key)
    #expect(world.records.uid(of: id) == ObjectUID(text: "import"))
    #expect(world.records.uid(of: ObjectID(kind: .service, key: key)) == nil)
    let slice = ObjectID(kind: .endpointSlice, key: ObjectKey(namespace: "shop", name: "e"))
    #expect(world.records.uid(of: slice) == ObjectUID(text: "slice"))
  }

  @Test func `what a list did not name goes`() throws {
    let world = try Self.world()
    try world.set(
      Self.service("shop/web", "10.42.0.1"), Self.service("shop/db", "None"),
      Text.service("shop/web", "10.96.0.1"),
      Self.slice("shop/e", of: "db", in: "east", "10.1.0.1=a"),
      Self.slice("shop/b", of: "db", in: "east", "10.1.0.2=b", service: "web"),
      Text.slice("shop/l", of: "web", "10.1.0.3=c"))
    var slices = SeenKeys(kind: .endpointSlice, hashKey: 1)
    slices.insert(Text.objectKey("shop/e"))
    #expect(try world.records.sweep(slices, now: 1).changeCount == 2)
    #expect(world.records.count(of: .endpointSlice) == 1)
    #expect(world.lines.filter { $0.contains("10.1.0.") }.count { $0.contains(" A ") } == 3)
    var imports = SeenKeys(kind: .serviceImport, hashKey: 2)
    imports.insert(Text.objectKey("shop/web"))
    #expect(try world.records.sweep(imports, now: 1).changeCount == 1)
    #expect(world.records.keys(of: .serviceImport).map(\.name) == ["web"])
    #expect(world.records.count(of: .serviceImport) == 1)
    #expect(world.records.keys(of: .service).map(\.name) == ["web"], "another kind")
    #expect(!world.lines.contains { $0.contains("10.1.0.") })
    #expect(try world.records.sweep(SeenKeys(kind: .service, hashKey: 3), now: 1).changeCount == 1)
    #expect(world.records.count(of: .serviceImport) == 1)
  }

  @Test func `a deletion is of one UID`() throws {
    let world = try Self.world()
    try world.set(
      Self.service("shop/db", "None"), Self.slice("shop/e", of: "db", in: "east", "10.1.0.1=a"))
    func delete(_ kind: ObjectKind, _ name: String, uid: String) throws {
      let key = ObjectKey(namespace: "shop", name: name)
      try world.records.apply(
        events: [.delete(kind, key, uid: ObjectUID(text: uid))], now: RecordWorld.start)
    }
    try delete(.serviceImport, "db", uid: "other")
    try delete(.endpointSlice, "e", uid: "other")
    try delete(.service, "db", uid: "import")
    #expect(Self.lines(world).contains("a.east.db.shop.svc A 10.1.0.1"))
    try delete(.endpointSlice, "e", uid: "slice")
    #expect(world.lines == [])
    try delete(.serviceImport, "db", uid: "import")
    #expect(world.records.count(of: .serviceImport) == 0)
  }

  @Test func `without a multicluster zone imports are nothing`() throws {
    let world = try RecordWorld()
    try world.set(
      Self.service("shop/web", "10.42.0.1"),
      Self.slice("shop/e", of: "web", in: "east", "10.1.0.1"))
    #expect(world.lines == [])
    #expect(world.emptyNames == [])
    #expect(world.contents.count == 3)
  }
}
