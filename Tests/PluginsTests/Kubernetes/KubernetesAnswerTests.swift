import DNSWire
import PluginChain
import Testing

/// Names that exist: what the answer, authority and additional sections hold.
@Suite struct KubernetesAnswerTests {
  private static let zone = "svc.cluster.local."

  /// A question and its answers; the data alone, in order.
  static let found: [(name: String, type: RRType, data: [String])] = [
    ("web.shop.\(zone)", .a, ["10.96.0.1"]), ("web.shop.\(zone)", .aaaa, ["fd00::1"]),
    ("db.shop.\(zone)", .a, ["10.244.0.1", "10.244.0.2"]),
    ("db-0.db.shop.\(zone)", .a, ["10.244.0.1"]), ("db-0.db.shop.\(zone)", .aaaa, ["fd00:1::1"]),
    ("10-244-0-2.db.shop.\(zone)", .a, ["10.244.0.2"]),
    ("_http._tcp.web.shop.\(zone)", .a, ["10.96.0.1"]),
    ("_http._tcp.web.shop.\(zone)", .srv, ["0 50 80 web.shop.\(zone)"]),
    ("_dns._udp.web.shop.\(zone)", .srv, ["0 50 53 web.shop.\(zone)"]),
    ("web.shop.\(zone)", .srv, ["0 25 80 web.shop.\(zone)", "0 25 53 web.shop.\(zone)"]),
    // An underscore may be missing, or both, and only there.
    ("http.tcp.web.shop.\(zone)", .srv, ["0 50 80 web.shop.\(zone)"]),
    ("_http.tcp.web.shop.\(zone)", .srv, ["0 50 80 web.shop.\(zone)"]),
    ("http._tcp.web.shop.\(zone)", .aaaa, ["fd00::1"]),
    ("dns-version.cluster.local.", .txt, ["1.1.0"]),
    ("1.0.96.10.in-addr.arpa.", .ptr, ["web.shop.\(zone)"]),
    ("1.0.244.10.in-addr.arpa.", .ptr, ["db-0.db.shop.\(zone)"]),
    ("outside.shop.\(zone)", .cname, ["www.Example.org."]),
    ("outside.shop.\(zone)", .any, ["www.Example.org."]),
  ]

  @Test(arguments: found)
  func `a name that exists`(name: String, type: RRType, data: [String]) async throws {
    let reply = try await ClusterServer.make().reply(name, type)
    #expect(reply.code == .noError)
    #expect(reply.flags == "qr aa rd")
    let wanted = type == .any ? RRType.cname : type
    #expect(reply.answers(wanted) == data)
    #expect(reply.answer.count == data.count)
    #expect(reply.answer.allSatisfy { $0.hasPrefix(name + (type == .txt ? " 28800 " : " 5 ")) })
    #expect(reply.authority == [])
  }

  @Test func `SRV answers bring the targets' addresses`() async throws {
    let server = try await ClusterServer.make()
    let one = try server.reply("_http._tcp.web.shop.svc.cluster.local.", .srv)
    #expect(
      one.additional == [
        "web.shop.svc.cluster.local. 5 A 10.96.0.1", "web.shop.svc.cluster.local. 5 AAAA fd00::1",
      ])
    let several = try server.reply("_http._tcp.db.shop.svc.cluster.local.", .srv)
    #expect(
      several.answers(.srv) == [
        "0 33 8080 db-0.db.shop.svc.cluster.local.",
        "0 33 8080 10-244-0-2.db.shop.svc.cluster.local.",
      ])
    #expect(
      several.additional == [
        "db-0.db.shop.svc.cluster.local. 5 A 10.244.0.1",
        "db-0.db.shop.svc.cluster.local. 5 AAAA fd00:1::1",
        "10-244-0-2.db.shop.svc.cluster.local. 5 A 10.244.0.2",
      ])
  }

  @Test func `the question comes back as it was asked, and its case stays in what points to it`()
    async throws
  {
    let server = try await ClusterServer.make()
    let reply = try server.reply("WeB.sHOP.svc.CLUSTER.local.", .srv)
    #expect(reply.question == "WeB.sHOP.svc.CLUSTER.local.")
    #expect(reply.answer.allSatisfy { $0.hasPrefix("WeB.sHOP.svc.CLUSTER.local. 5 SRV ") })
    #expect(reply.answers(.srv).first == "0 25 80 web.shop.svc.CLUSTER.local.")
    let missing = try server.reply("Gone.Cluster.LOCAL.")
    #expect(missing.code == .nameError)
    #expect(missing.authority == [ClusterServer.startOfAuthority("Cluster.LOCAL.")])
    #expect(try server.reply("1.0.96.10.IN-ADDR.Arpa.", .ptr).answer.count == 1)
    #expect(try server.reply("DNS-Version.cluster.local.", .txt).answers(.txt) == ["1.1.0"])
  }

  @Test(arguments: ["cluster.local.", "10.in-addr.arpa.", "ip6.arpa."])
  func `SOA and NS at the apex of each zone`(zone: String) async throws {
    let server = try await ClusterServer.make()
    let soa = try server.reply(zone, .soa)
    #expect(soa.answer == [ClusterServer.startOfAuthority(zone)])
    #expect(soa.authority == [] && soa.flags == "qr aa rd")
    let servers = try server.reply(zone, .ns)
    #expect(servers.answer == ["\(zone) 5 NS ns.dns.\(zone)"])
    // The addresses are this machine's: each once, all of them the name server's.
    #expect(Set(servers.additional).count == servers.additional.count)
    #expect(servers.additional.allSatisfy { $0.hasPrefix("ns.dns.\(zone) 5 A") })
    #expect(try server.reply("ns.dns.\(zone)", .a).code == .noError)
    #expect(try server.reply(zone, .any).answers(.ns) == ["ns.dns.\(zone)"])
    #expect(try server.reply(zone, .mx).authority == [ClusterServer.startOfAuthority(zone)])
  }

  @Test func `ANY is answered with one set`() async throws {
    let server = try await ClusterServer.make()
    for name in ["web.shop.svc.cluster.local.", "db-0.db.shop.svc.cluster.local."] {
      let reply = try server.reply(name, .any)
      #expect(reply.answers(.a).count == 1)
      #expect(reply.answer.count == 1, "\(name)")
    }
    let empty = try server.reply("svc.cluster.local.", .any)
    #expect(empty.answer == [] && empty.authority == [ClusterServer.startOfAuthority()])
    #expect(try server.reply("gone.cluster.local.", .any).code == .nameError)
  }

  @Test func `several zones have the same names, each its own`() async throws {
    let server = try await TestServer(
      ".:53 {\n kubernetes cluster.local k.example a.k.example {\n manifests MANIFESTS\n }\n}\n",
      manifests: ClusterServer.world)
    for zone in ["cluster.local.", "k.example.", "a.k.example."] {
      #expect(try server.reply("web.shop.svc.\(zone)").answers(.a) == ["10.96.0.1"])
      let port = try server.reply("_http._tcp.web.shop.svc.\(zone)", .srv)
      #expect(port.answers(.srv) == ["0 50 80 web.shop.svc.\(zone)"])
      #expect(try server.reply("x.\(zone)").authority == [ClusterServer.startOfAuthority(zone)])
    }
    #expect(try server.reply("web.shop.svc.xk.example.").code == .serverFailure)
  }

  @Test(arguments: [0, 1, 30, 300, 301, 3600])
  func `the TTL is the option's, and that of negative answers at most 300`(ttl: Int) async throws {
    let server = try await ClusterServer.make("ttl \(ttl)")
    let reply = try server.reply("web.shop.svc.cluster.local.")
    #expect(reply.answer == ["web.shop.svc.cluster.local. \(ttl) A 10.96.0.1"])
    let missing = try server.reply("x.cluster.local.")
    let text = "ns.dns.cluster.local. hostmaster.cluster.local. 7200 1800 86400 \(ttl)"
    #expect(missing.authority == ["cluster.local. \(min(ttl, 300)) SOA \(text)"])
  }

  @Test func `the exporter lists what queries are answered`() async throws {
    let server = try await ClusterServer.make("pods verified")
    let exporter = try #require(server.corefile.setup.exporters.first)
    var count = 0
    for zone in exporter.zones {
      let records = exporter.records(of: zone)
      #expect(records.filter { $0.type == .soa }.map(\.owner) == [zone])
      for record in records where record.type != .soa {
        let reply = try server.reply(Ask(record.owner.description, record.type, .tcp))
        let lines = reply.answer.filter { $0.contains(" \(record.ttl) \(record.type) ") }
        let all = records.filter { $0.owner == record.owner && $0.type == record.type }
        #expect(lines.count == all.count, "\(record.owner) \(record.type)")
        count += 1
      }
    }
    #expect(count > 30)
  }
}
