import DNSWire
import PluginChain
import Testing

/// Zones of what clusters have in common.
@Suite struct KubernetesMulticlusterTests {
  private static let zone = "svc.clusterset.local."

  private static let world = [
    Manifest.namespace("shop"), Manifest.namespace("com"),
    Manifest.service("shop/web", "10.96.0.1"),
    Manifest.service("shop/db", "None"), Manifest.slice("shop/db-4", of: "db", "10.244.0.1=db-0"),
    Manifest.serviceImport("shop/web", "10.42.0.1,fd00::42"),
    Manifest.importSlice("shop/web-e", of: "web", in: "east", "10.1.0.9"),
    Manifest.serviceImport("shop/far", "None"),
    Manifest.importSlice("shop/far-e", of: "far", in: "east", "10.1.0.1=db-0 10.1.0.2"),
    Manifest.importSlice("shop/far-w", of: "far", in: "west", "10.2.0.1=db-0"),
    Manifest.serviceImport("lab/hidden", "10.42.0.9"),
    Manifest.alias("shop/alias", to: "far.shop.svc.clusterset.local"),
  ]

  private static func server(
    _ zones: String = "cluster.local clusterset.local 10.0.0.0/8", options: String = ""
  ) async throws -> TestServer {
    try await TestServer(
      """
      .:53 {
        kubernetes \(zones) {
          manifests MANIFESTS
          multicluster clusterset.local
          \(options)
        }
      }
      """, manifests: world)
  }

  static let found: [(name: String, type: RRType, data: [String])] = [
    ("web.shop.\(zone)", .a, ["10.42.0.1"]), ("web.shop.\(zone)", .aaaa, ["fd00::42"]),
    ("WEB.shop.\(zone)", .a, ["10.42.0.1"]),
    ("_http._tcp.web.shop.\(zone)", .srv, ["0 50 80 web.shop.\(zone)"]),
    // One underscore may be missing; without both it is an endpoint's name.
    ("http._tcp.web.shop.\(zone)", .srv, ["0 50 80 web.shop.\(zone)"]),
    ("_http.tcp.web.shop.\(zone)", .srv, ["0 50 80 web.shop.\(zone)"]),
    ("10-1-0-9.east.web.shop.\(zone)", .a, ["10.1.0.9"]),
    ("far.shop.\(zone)", .a, ["10.1.0.1", "10.1.0.2", "10.2.0.1"]),
    ("db-0.east.far.shop.\(zone)", .a, ["10.1.0.1"]),
    ("db-0.west.far.shop.\(zone)", .a, ["10.2.0.1"]),
    (
      "_http._tcp.far.shop.\(zone)", .srv,
      [
        "0 33 8080 db-0.east.far.shop.\(zone)", "0 33 8080 10-1-0-2.east.far.shop.\(zone)",
        "0 33 8080 db-0.west.far.shop.\(zone)",
      ]
    ),
    ("dns-version.clusterset.local.", .txt, ["1.1.0"]),
    // The cluster's own names, and an alias from there.
    ("web.shop.svc.cluster.local.", .a, ["10.96.0.1"]),
    ("db-0.db.shop.svc.cluster.local.", .a, ["10.244.0.1"]),
    ("alias.shop.svc.cluster.local.", .a, ["10.1.0.1", "10.1.0.2", "10.2.0.1"]),
    ("1.0.96.10.in-addr.arpa.", .ptr, ["web.shop.svc.cluster.local."]),
  ]

  @Test(arguments: found)
  func `a name that exists`(name: String, type: RRType, data: [String]) async throws {
    let reply = try await Self.server().reply(name, type)
    #expect(reply.code == .noError)
    #expect(reply.answers(type).sorted() == data.sorted())
    #expect(reply.flags == "qr aa rd")
  }

  @Test func `the zone has what cluster zones have`() async throws {
    let server = try await Self.server()
    let authority = try server.reply("clusterset.local.", .soa)
    #expect(authority.answer == [ClusterServer.startOfAuthority("clusterset.local.")])
    let servers = try server.reply("clusterset.local.", .ns)
    #expect(servers.answers(.ns) == ["ns.dns.clusterset.local."])
    for name in ["svc.clusterset.local.", "shop.\(Self.zone)", "east.far.shop.\(Self.zone)"] {
      let reply = try server.reply(name)
      #expect(reply.code == .noError)
      #expect(reply.answer == [])
      #expect(reply.authority == [ClusterServer.startOfAuthority("clusterset.local.")])
    }
  }

  @Test(arguments: [
    "db.shop.svc.clusterset.local.", "alias.shop.svc.clusterset.local.",
    "far.shop.svc.cluster.local.", "db-0.east.far.shop.svc.cluster.local.",
    "http.tcp.web.shop.svc.clusterset.local.", "db-0.far.shop.svc.clusterset.local.",
    "db-0.north.far.shop.svc.clusterset.local.", "hidden.lab.svc.clusterset.local.",
    "10-1-0-1.shop.pod.clusterset.local.", "1.0.42.10.in-addr.arpa.", "1.0.1.10.in-addr.arpa.",
  ])
  func `a name that does not exist`(name: String) async throws {
    let reply = try await Self.server(options: "pods insecure").reply(name)
    #expect(reply.code == .nameError)
    #expect(reply.answer == [])
  }

  @Test(arguments: [
    "clusterset.local cluster.local 10.0.0.0/8",
    "a.clusterset.local clusterset.local cluster.local",
  ])
  func `the order of zones does not matter`(zones: String) async throws {
    let server = try await Self.server(zones)
    #expect(try server.reply("web.shop.svc.clusterset.local.").answers(.a) == ["10.42.0.1"])
    #expect(try server.reply("web.shop.svc.cluster.local.").answers(.a) == ["10.96.0.1"])
    if zones.contains("10.0.0.0") {
      let pointer = try server.reply("1.0.96.10.in-addr.arpa.", .ptr)
      #expect(pointer.answers(.ptr) == ["web.shop.svc.cluster.local."])
    } else {
      let below = try server.reply("far.shop.svc.a.clusterset.local.")
      #expect(below.answers(.a).count == 3, "a zone below a multicluster zone is one too")
    }
  }

  @Test func `all zones may be multicluster zones`() async throws {
    let server = try await Self.server("clusterset.local")
    #expect(try server.reply("web.shop.svc.clusterset.local.").answers(.a) == ["10.42.0.1"])
    #expect(try server.reply("db.shop.svc.clusterset.local.").code == .nameError)
  }

  @Test func `zones can be exported`() async throws {
    let server = try await Self.server()
    let exporter = try #require(server.corefile.setup.exporters.first)
    let zone = try #require(DomainName(text: "clusterset.local."))
    let owners = Set(exporter.records(of: zone).map(\.owner.description))
    #expect(owners.contains("db-0.east.far.shop.svc.clusterset.local."))
    #expect(owners.allSatisfy { $0.hasSuffix("clusterset.local.") })
  }

  @Test func `a namespace that hides names is told once`() async throws {
    let warnings = try await Self.server().log.filter { $0.contains("the namespace com hides") }
    #expect(warnings.count == 1)
  }
}
