import Cluster
import Testing

/// Headless Services and their endpoints (Kubernetes DNS specification §2.4).
@Suite struct HeadlessRecordTests {
  private typealias Text = ObjectText

  static let cases: [RecordCase] = [
    RecordCase(
      "endpoints without hostnames", ObjectText.service("shop/db", "None"),
      ObjectText.slice("shop/db-a", of: "db", "10.244.0.1 10.244.0.2", ports: "pg:5432"),
      lines: """
        db.shop.svc A 10.244.0.1
        db.shop.svc A 10.244.0.2
        db.shop.svc SRV 0 50 5432 10-244-0-1.db.shop.svc
        db.shop.svc SRV 0 50 5432 10-244-0-2.db.shop.svc
        _pg._tcp.db.shop.svc A 10.244.0.1
        _pg._tcp.db.shop.svc A 10.244.0.2
        _pg._tcp.db.shop.svc SRV 0 50 5432 10-244-0-1.db.shop.svc
        _pg._tcp.db.shop.svc SRV 0 50 5432 10-244-0-2.db.shop.svc
        10-244-0-1.db.shop.svc A 10.244.0.1
        10-244-0-1.db.shop.svc SRV 0 100 5432 10-244-0-1.db.shop.svc
        10-244-0-2.db.shop.svc A 10.244.0.2
        10-244-0-2.db.shop.svc SRV 0 100 5432 10-244-0-2.db.shop.svc
        10.244.0.1 PTR 10-244-0-1.db.shop.svc
        10.244.0.2 PTR 10-244-0-2.db.shop.svc
        """),
    RecordCase(
      "a StatefulSet's pods have hostnames", ObjectText.service("shop/db", "None"),
      ObjectText.slice(
        "shop/db-a", of: "db", "10.244.0.1=db-0@db-0 10.244.0.2=db-1@db-1!", ports: ""),
      lines: """
        db.shop.svc A 10.244.0.1
        db-0.db.shop.svc A 10.244.0.1
        10.244.0.1 PTR db-0.db.shop.svc
        """),
    RecordCase(
      "one hostname over both families, in two slices", ObjectText.service("shop/db", "None"),
      ObjectText.slice("shop/db-4", of: "db", "10.244.0.1=db-0", ports: "pg:5432"),
      ObjectText.slice("shop/db-6", of: "db", "fd00::1=db-0", ports: "pg:5432"),
      lines: """
        db.shop.svc A 10.244.0.1
        db.shop.svc AAAA fd00::1
        db.shop.svc SRV 0 50 5432 db-0.db.shop.svc
        _pg._tcp.db.shop.svc A 10.244.0.1
        _pg._tcp.db.shop.svc AAAA fd00::1
        _pg._tcp.db.shop.svc SRV 0 50 5432 db-0.db.shop.svc
        db-0.db.shop.svc A 10.244.0.1
        db-0.db.shop.svc AAAA fd00::1
        db-0.db.shop.svc SRV 0 50 5432 db-0.db.shop.svc
        10.244.0.1 PTR db-0.db.shop.svc
        fd00::1 PTR db-0.db.shop.svc
        """),
    RecordCase(
      "an address that ends in a colon", ObjectText.service("shop/db", "None"),
      ObjectText.slice("shop/db-a", of: "db", "fd00:: ::1", ports: ""),
      lines: """
        db.shop.svc AAAA fd00::
        db.shop.svc AAAA ::1
        fd00--0.db.shop.svc AAAA fd00::
        --1.db.shop.svc AAAA ::1
        fd00:: PTR fd00--0.db.shop.svc
        ::1 PTR --1.db.shop.svc
        """),
    RecordCase(
      "one endpoint with several addresses", ObjectText.service("shop/db", "None"),
      ObjectText.slice("shop/db-a", of: "db", "10.244.0.1+10.244.0.2=db-0", ports: ""),
      lines: """
        db.shop.svc A 10.244.0.1
        db.shop.svc A 10.244.0.2
        db-0.db.shop.svc A 10.244.0.1
        db-0.db.shop.svc A 10.244.0.2
        10.244.0.1 PTR db-0.db.shop.svc
        10.244.0.2 PTR db-0.db.shop.svc
        """),
    RecordCase(
      "an endpoint that stands in two slices counts once", ObjectText.service("shop/db", "None"),
      ObjectText.slice("shop/db-a", of: "db", "10.244.0.1 10.244.0.2", ports: ":5432"),
      ObjectText.slice("shop/db-b", of: "db", "10.244.0.2", ports: ":5432"),
      lines: """
        db.shop.svc A 10.244.0.1
        db.shop.svc A 10.244.0.2
        db.shop.svc SRV 0 50 5432 10-244-0-1.db.shop.svc
        db.shop.svc SRV 0 50 5432 10-244-0-2.db.shop.svc
        10-244-0-1.db.shop.svc A 10.244.0.1
        10-244-0-1.db.shop.svc SRV 0 100 5432 10-244-0-1.db.shop.svc
        10-244-0-2.db.shop.svc A 10.244.0.2
        10-244-0-2.db.shop.svc SRV 0 100 5432 10-244-0-2.db.shop.svc
        10.244.0.1 PTR 10-244-0-1.db.shop.svc
        10.244.0.2 PTR 10-244-0-2.db.shop.svc
        """),
    RecordCase(
      "the endpoints' ports count, not the Service's",
      ObjectText.service("shop/db", "None", ports: "pg:1"),
      ObjectText.slice("shop/db-a", of: "db", "10.244.0.1", ports: "pg:5432 x:9/udp"),
      lines: """
        db.shop.svc A 10.244.0.1
        db.shop.svc SRV 0 50 5432 10-244-0-1.db.shop.svc
        db.shop.svc SRV 0 50 9 10-244-0-1.db.shop.svc
        _pg._tcp.db.shop.svc A 10.244.0.1
        _pg._tcp.db.shop.svc SRV 0 100 5432 10-244-0-1.db.shop.svc
        _x._udp.db.shop.svc A 10.244.0.1
        _x._udp.db.shop.svc SRV 0 100 9 10-244-0-1.db.shop.svc
        10-244-0-1.db.shop.svc A 10.244.0.1
        10-244-0-1.db.shop.svc SRV 0 50 5432 10-244-0-1.db.shop.svc
        10-244-0-1.db.shop.svc SRV 0 50 9 10-244-0-1.db.shop.svc
        10.244.0.1 PTR 10-244-0-1.db.shop.svc
        """),
    RecordCase(
      "no endpoint is ready", ObjectText.service("shop/db", "None"),
      ObjectText.slice("shop/db-a", of: "db", "10.244.0.1! 10.244.0.2=x!"), lines: ""),
    RecordCase("no slice", ObjectText.service("shop/db", "None"), lines: ""),
    RecordCase(
      "a slice of another Service, and of the same name in another namespace",
      ObjectText.service("shop/db", "None"),
      ObjectText.slice("shop/x", of: "other", "10.244.0.1"),
      ObjectText.slice("lab/y", of: "db", "10.244.0.2"), lines: ""),
  ]

  @Test(arguments: cases)
  func `a headless Service`(row: RecordCase) throws {
    try row.check()
  }

  @Test func `without a ready endpoint the name does not exist`() throws {
    let world = try RecordWorld()
    try world.set(Text.service("shop/db", "None"), Text.slice("shop/a", of: "db", "10.0.0.1!"))
    #expect(world.emptyNames == ["shop.svc"])
    try world.set(Text.slice("shop/a", of: "db", "10.0.0.1"))
    #expect(!world.lines.isEmpty)
    try world.set(Text.slice("shop/a", of: "db", "10.0.0.1!"))
    #expect(world.emptyNames == ["shop.svc"])
    #expect(world.lines.isEmpty)
  }

  static let podNames: [(endpoint: String, label: String)] = [
    ("10.0.0.1@api-7f-x2", "api-7f-x2"),
    // A hostname comes first.
    ("10.0.0.1=host@api-7f-x2", "host"),
    // Without a Pod, or with one whose name is no label, the address.
    ("10.0.0.1", "10-0-0-1"),
    ("10.0.0.1@with.dots", "10-0-0-1"),
    ("10.0.0.1@" + String(repeating: "p", count: 64), "10-0-0-1"),
    ("10.0.0.1@" + String(repeating: "p", count: 63), String(repeating: "p", count: 63)),
    ("fd00::a@with.dots", "fd00--a"),
  ]

  @Test(arguments: podNames)
  func `endpoints are named after their pods where that is asked for`(
    endpoint: String, label: String
  ) throws {
    let world = try RecordWorld { $0.usesEndpointPodNames = true }
    try world.set(
      Text.service("shop/db", "None"), Text.slice("shop/a", of: "db", endpoint, ports: ""))
    #expect(world.lines(about: label + ".db.shop.svc").count == 1)
    #expect(world.lines.count == 3)
    let plain = try RecordWorld()
    try plain.set(
      Text.service("shop/db", "None"), Text.slice("shop/a", of: "db", "10.0.0.1@api", ports: ""))
    #expect(plain.lines(about: "10-0-0-1.db.shop.svc") == ["10-0-0-1.db.shop.svc A 10.0.0.1"])
  }

  @Test func `noendpoints leaves cluster IPs alone`() throws {
    let world = try RecordWorld { $0.ignoresEndpoints = true }
    try world.set(
      Text.service("shop/db", "None"), Text.slice("shop/a", of: "db", "10.0.0.1"),
      Text.service("shop/web", "10.96.0.1", ports: ""), Text.slice("shop/b", of: "web", "10.0.0.2"))
    #expect(world.lines == ["10.96.0.1 PTR web.shop.svc", "web.shop.svc A 10.96.0.1"])
  }
}
