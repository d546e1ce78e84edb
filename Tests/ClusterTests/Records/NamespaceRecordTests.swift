import Cluster
import Testing

/// Which namespaces, Services and slices exist.
@Suite struct NamespaceRecordTests {
  private typealias Text = ObjectText

  /// A Service without ports: one A record and one PTR record.
  private func service(_ key: String, _ ip: String, labels: [String: String] = [:]) -> ClusterObject
  {
    Text.service(key, ip, ports: "", labels: labels)
  }

  /// The Services that have an address, by `name.namespace`.
  private func served(_ world: RecordWorld) -> [String] {
    world.lines.filter { $0.contains(".svc A ") }.map {
      String($0.prefix { $0 != " " }.dropLast(4))
    }
  }

  private func namespaces(_ world: RecordWorld) -> [String] {
    world.emptyNames.filter { $0.hasSuffix(".svc") }.map { String($0.dropLast(4)) }
  }

  // MARK: - Existence

  @Test func `manifests without a Namespace imply those that they name`() throws {
    let world = try RecordWorld()
    try world.set(service("shop/a", "10.96.0.1"), Text.service("lab/db", "None"))
    #expect(namespaces(world) == ["lab", "shop"])
    try world.delete(.service, "lab/db")
    #expect(namespaces(world) == ["shop"])
    try world.delete(.service, "shop/a")
    #expect(namespaces(world) == [])
    #expect(world.lines.isEmpty)
  }

  @Test func `a pod that counts implies its namespace, a slice does not`() throws {
    let world = try RecordWorld { $0.pods = .verified }
    try world.set(Text.pod("lab/p", ""), Text.slice("far/s", of: "x", "10.0.0.2"))
    #expect(world.emptyNames == ["lab.pod", "lab.svc"])
    try world.delete(.pod, "lab/p")
    #expect(world.emptyNames == [])
  }

  @Test func `one Namespace object ends the implied ones, and the last one's end brings them back`()
    throws
  {
    let world = try RecordWorld()
    try world.set(service("shop/a", "10.96.0.1"), service("lab/b", "10.96.0.2"))
    #expect(served(world) == ["a.shop", "b.lab"])
    try world.set(Text.namespace("shop"))
    #expect(served(world) == ["a.shop"])
    #expect(namespaces(world) == ["shop"])
    try world.delete(.namespace, "shop")
    #expect(served(world) == ["a.shop", "b.lab"])
  }

  @Test func `what comes in the round that ends all Namespaces is implied`() throws {
    let world = try RecordWorld { $0.pods = .verified }
    try world.set(Text.namespace("shop"))
    try world.apply([
      .delete(.namespace, Text.objectKey("/shop")),
      .set(Text.service("lab/db", "None")), .set(Text.pod("far/p", "")),
    ])
    #expect(
      world.emptyNames == ["far.pod", "far.svc", "lab.pod", "lab.svc"])
  }

  @Test func `a namespace that is deleted takes its names, and gives them back when made again`()
    throws
  {
    let world = try RecordWorld { $0.pods = .verified }
    let all: [ClusterObject] = [
      Text.namespace("shop"), Text.namespace("lab"), service("shop/a", "10.96.0.1"),
      service("lab/b", "10.96.0.2"), Text.service("shop/db", "None"),
      Text.slice("shop/s", of: "db", "10.0.0.1=zero"), Text.pod("shop/p", "10.0.0.9"),
    ]
    try world.apply(all.map(ObjectChange.set))
    let before = world.contents
    try world.delete(.namespace, "shop")
    #expect(world.lines == ["10.96.0.2 PTR b.lab.svc", "b.lab.svc A 10.96.0.2"])
    #expect(!world.emptyNames.contains { $0.hasPrefix("shop") })
    // Objects of a namespace that is going may still change.
    try world.set(service("shop/a", "10.96.0.3"))
    try world.set(service("shop/a", "10.96.0.1"))
    try world.set(Text.namespace("shop"))
    #expect(world.contents == before)
  }

  @Test func `an empty namespace exists`() throws {
    let world = try RecordWorld { $0.pods = .insecure }
    try world.set(Text.namespace("shop"))
    #expect(world.emptyNames == ["shop.pod", "shop.svc"])
    let disabled = try RecordWorld()
    try disabled.set(Text.namespace("shop"))
    #expect(disabled.emptyNames == ["shop.svc"])
  }

  // MARK: - Filters

  @Test func `only the listed namespaces exist`() throws {
    let world = try RecordWorld { $0.namespaces = ["shop", "none"] }
    try world.set(service("shop/a", "10.96.0.1"), service("lab/b", "10.96.0.2"))
    #expect(served(world) == ["a.shop"])
    try world.set(Text.namespace("lab"), Text.namespace("none"))
    #expect(served(world) == [])
    #expect(namespaces(world) == ["none"])
    try world.set(Text.namespace("shop"))
    #expect(served(world) == ["a.shop"])
    #expect(world.lines(about: "10.96.0.2").isEmpty)
  }

  @Test func `only namespaces whose labels match exist`() throws {
    let world = try RecordWorld {
      $0.namespaceSelector = try? LabelSelector(parsing: "tier in (front, back)")
    }
    try world.set(service("shop/a", "10.96.0.1"))
    #expect(served(world) == [], "nothing is implied: labels are asked for")
    try world.set(Text.namespace("shop", labels: ["tier": "front"]), Text.namespace("lab"))
    #expect(served(world) == ["a.shop"])
    try world.set(Text.namespace("shop", labels: ["tier": "middle"]))
    #expect(served(world) == [])
    #expect(world.lines(about: "10.96.0.1").isEmpty)
    try world.set(Text.namespace("shop", labels: ["tier": "back"]))
    #expect(served(world) == ["a.shop"])
  }

  @Test func `only Services and slices whose labels match exist`() throws {
    let world = try RecordWorld { $0.selector = try? LabelSelector(parsing: "app=x") }
    let yes = ["app": "x"]
    try world.set(
      service("shop/a", "10.96.0.1", labels: yes), service("shop/b", "10.96.0.2"),
      Text.service("shop/db", "None", labels: yes),
      Text.slice("shop/s", of: "db", "10.0.0.1", ports: "", labels: yes),
      Text.slice("shop/t", of: "db", "10.0.0.2", ports: ""))
    #expect(served(world) == ["10-0-0-1.db.shop", "a.shop", "db.shop"])
    #expect(world.lines(about: "db.shop.svc").count == 2)
    // Labels that come and go.
    try world.set(
      service("shop/a", "10.96.0.1"), service("shop/b", "10.96.0.2", labels: yes),
      Text.slice("shop/s", of: "db", "10.0.0.1", ports: ""),
      Text.slice("shop/t", of: "db", "10.0.0.2", ports: "", labels: yes))
    #expect(served(world) == ["10-0-0-2.db.shop", "b.shop", "db.shop"])
    #expect(world.lines(about: "10.96.0.1").isEmpty)
  }

  @Test func `a Service without a ready endpoint does not exist where that is asked for`() throws {
    let world = try RecordWorld { $0.ignoresEmptyServices = true }
    try world.set(
      service("shop/web", "10.96.0.1"), Text.alias("shop/out", to: "example.org"),
      Text.slice("shop/s", of: "web", "10.0.0.1!", ports: ""))
    #expect(
      world.lines == ["10.96.0.1 PTR web.shop.svc", "out.shop.svc CNAME example.org."])
    #expect(!world.emptyNames.contains("web.shop.svc"))
    try world.set(Text.slice("shop/s", of: "web", "10.0.0.1", ports: ""))
    #expect(served(world) == ["10-0-0-1.web.shop", "web.shop"])
    try world.delete(.endpointSlice, "shop/s")
    #expect(served(world) == [])
  }
}
