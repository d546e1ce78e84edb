import Cluster
import DNSWire
import RecordStore
import Testing

/// Services with cluster IPs (Kubernetes DNS specification §2.3).
@Suite struct ClusterIPRecordTests {
  private typealias Text = ObjectText

  static let cases: [RecordCase] = [
    RecordCase(
      "one address", ObjectText.service("shop/web", "10.96.0.1"),
      lines: """
        web.shop.svc A 10.96.0.1
        web.shop.svc SRV 0 100 80 web.shop.svc
        _http._tcp.web.shop.svc A 10.96.0.1
        _http._tcp.web.shop.svc SRV 0 100 80 web.shop.svc
        10.96.0.1 PTR web.shop.svc
        """),
    RecordCase(
      "both families, IPv4 first", ObjectText.service("shop/web", "10.96.0.1 fd00::1"),
      lines: dualStack),
    RecordCase(
      "both families, IPv6 first", ObjectText.service("shop/web", "fd00::1 10.96.0.1"),
      lines: dualStack),
    RecordCase(
      "IPv6 alone", ObjectText.service("shop/web", "fd00::1"),
      lines: """
        web.shop.svc AAAA fd00::1
        web.shop.svc SRV 0 100 80 web.shop.svc
        _http._tcp.web.shop.svc AAAA fd00::1
        _http._tcp.web.shop.svc SRV 0 100 80 web.shop.svc
        fd00::1 PTR web.shop.svc
        """),
    RecordCase(
      "an address that stands twice",
      ObjectText.service("shop/web", "10.96.0.1 10.96.0.1", ports: ""),
      lines: """
        web.shop.svc A 10.96.0.1
        10.96.0.1 PTR web.shop.svc
        """),
    RecordCase(
      "no ports", ObjectText.service("shop/web", "10.96.0.1", ports: ""),
      lines: """
        web.shop.svc A 10.96.0.1
        10.96.0.1 PTR web.shop.svc
        """),
    RecordCase(
      "no address yet: the names exist and have nothing", ObjectText.service("shop/web", ""),
      lines: ""),
    RecordCase(
      "an unnamed port has no name of its own",
      ObjectText.service("shop/web", "10.96.0.1", ports: ":80"),
      lines: """
        web.shop.svc A 10.96.0.1
        web.shop.svc SRV 0 100 80 web.shop.svc
        10.96.0.1 PTR web.shop.svc
        """),
    RecordCase(
      "ports of one name over several protocols",
      ObjectText.service("shop/web", "10.96.0.1", ports: "dns:53/udp dns:53/tcp sig:9/sctp"),
      lines: """
        web.shop.svc A 10.96.0.1
        web.shop.svc SRV 0 33 53 web.shop.svc
        web.shop.svc SRV 0 33 9 web.shop.svc
        _dns._udp.web.shop.svc A 10.96.0.1
        _dns._udp.web.shop.svc SRV 0 100 53 web.shop.svc
        _dns._tcp.web.shop.svc A 10.96.0.1
        _dns._tcp.web.shop.svc SRV 0 100 53 web.shop.svc
        _sig._sctp.web.shop.svc A 10.96.0.1
        _sig._sctp.web.shop.svc SRV 0 100 9 web.shop.svc
        10.96.0.1 PTR web.shop.svc
        """),
    RecordCase(
      "a port that stands twice counts once",
      ObjectText.service("shop/web", "10.96.0.1", ports: "http:80 http:80"),
      lines: """
        web.shop.svc A 10.96.0.1
        web.shop.svc SRV 0 100 80 web.shop.svc
        _http._tcp.web.shop.svc A 10.96.0.1
        _http._tcp.web.shop.svc SRV 0 100 80 web.shop.svc
        10.96.0.1 PTR web.shop.svc
        """),
    RecordCase(
      "ready endpoints have names, the Service keeps its own address",
      ObjectText.service("shop/web", "10.96.0.1"),
      ObjectText.slice("shop/web-a", of: "web", "10.244.0.1 10.244.0.2=two 10.244.0.3!"),
      lines: """
        web.shop.svc A 10.96.0.1
        web.shop.svc SRV 0 100 80 web.shop.svc
        _http._tcp.web.shop.svc A 10.96.0.1
        _http._tcp.web.shop.svc SRV 0 100 80 web.shop.svc
        10-244-0-1.web.shop.svc A 10.244.0.1
        10-244-0-1.web.shop.svc SRV 0 100 8080 10-244-0-1.web.shop.svc
        two.web.shop.svc A 10.244.0.2
        two.web.shop.svc SRV 0 100 8080 two.web.shop.svc
        10.96.0.1 PTR web.shop.svc
        10.244.0.1 PTR 10-244-0-1.web.shop.svc
        10.244.0.2 PTR two.web.shop.svc
        """),
  ]

  private static let dualStack = """
    web.shop.svc A 10.96.0.1
    web.shop.svc AAAA fd00::1
    web.shop.svc SRV 0 50 80 web.shop.svc
    _http._tcp.web.shop.svc A 10.96.0.1
    _http._tcp.web.shop.svc AAAA fd00::1
    _http._tcp.web.shop.svc SRV 0 50 80 web.shop.svc
    10.96.0.1 PTR web.shop.svc
    fd00::1 PTR web.shop.svc
    """

  @Test(arguments: cases)
  func `a Service with cluster IPs`(row: RecordCase) throws {
    try row.check()
  }

  @Test(arguments: [ServiceType.nodePort, .loadBalancer])
  func `the type makes no difference`(type: ServiceType) throws {
    let (plain, other) = (try RecordWorld(), try RecordWorld())
    try plain.set(Text.service("shop/web", "10.96.0.1 fd00::1"))
    try other.set(Text.service("shop/web", "10.96.0.1 fd00::1", type: type))
    #expect(!plain.lines.isEmpty)
    #expect(plain.contents == other.contents)
  }

  @Test func `names between the Service and its ports exist and are empty`() throws {
    let world = try RecordWorld()
    try world.set(Text.service("shop/web", "10.96.0.1", ports: "http:80 dns:53/udp"))
    #expect(
      world.emptyNames == ["_tcp.web.shop.svc", "_udp.web.shop.svc", "shop.svc"])
  }

  @Test func `without an address yet the Service and its ports exist`() throws {
    let world = try RecordWorld()
    try world.set(Text.service("shop/web", ""))
    #expect(
      world.emptyNames == [
        "_http._tcp.web.shop.svc", "_tcp.web.shop.svc", "shop.svc", "web.shop.svc",
      ])
  }

  @Test func `a thousand ports`() throws {
    let world = try RecordWorld()
    let ports = (1...1_000).map { "p\($0):\($0)" }.joined(separator: " ")
    try world.set(Text.service("shop/web", "10.96.0.1", ports: ports))
    let lines = world.lines
    #expect(lines.filter { $0.hasPrefix("web.shop.svc SRV 0 1 ") }.count == 1_000)
    #expect(lines.contains("_p777._tcp.web.shop.svc SRV 0 100 777 web.shop.svc"))
    #expect(lines.count == 1 + 1_000 + 2 * 1_000 + 1)
    try world.delete(.service, "shop/web")
    #expect(world.lines.isEmpty)
  }

  @Test func `the TTL is the option's`() throws {
    let world = try RecordWorld { $0.ttl = 77 }
    try world.set(
      Text.service("shop/web", "10.96.0.1"), Text.alias("shop/out", to: "example.org"),
      Text.slice("shop/web-a", of: "web", "10.244.0.1"))
    for zone in world.contents {
      for sets in zone.values {
        #expect(sets.allSatisfy { $0.ttl == ($0.type == .txt ? 28_800 : 77) })
      }
    }
  }
}
