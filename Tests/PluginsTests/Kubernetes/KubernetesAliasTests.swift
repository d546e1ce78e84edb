import DNSWire
import PluginChain
import Testing

/// Aliases: followed inside of the zones, to an end in every case (RFC 1034 §3.6.2, RFC 6604 §3).
@Suite struct KubernetesAliasTests {
  private static let zone = "shop.svc.cluster.local."

  /// A question, the code, the answer's records without TTL, and whether a SOA follows.
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let type: RRType
    let code: ResponseCode
    let answer: [String]
    let isDenied: Bool

    init(
      _ service: String, _ type: RRType, code: ResponseCode = .noError, isDenied: Bool = false,
      _ answer: String...
    ) {
      name = "\(service).\(zone)"
      self.type = type
      self.code = code
      self.answer = answer
      self.isDenied = isDenied
    }

    var testDescription: String { "\(name) \(type)" }
  }

  static let rows: [Row] = [
    Row("alias", .a, "alias.\(zone) CNAME web.\(zone)", "web.\(zone) A 10.96.0.1"),
    Row("alias", .aaaa, "alias.\(zone) CNAME web.\(zone)", "web.\(zone) AAAA fd00::1"),
    Row(
      "alias", .srv, "alias.\(zone) CNAME web.\(zone)", "web.\(zone) SRV 0 25 80 web.\(zone)",
      "web.\(zone) SRV 0 25 53 web.\(zone)"),
    // CNAME and ANY are answered with the alias alone.
    Row("alias", .cname, "alias.\(zone) CNAME web.\(zone)"),
    Row("alias", .any, "alias.\(zone) CNAME web.\(zone)"),
    // The target has no data: the alias stays (RFC 2308 §2.2).
    Row("alias", .mx, isDenied: true, "alias.\(zone) CNAME web.\(zone)"),
    Row("empty", .a, isDenied: true, "empty.\(zone) CNAME svc.cluster.local."),
    // The target does not exist: the last name decides the code.
    Row("dangling", .a, code: .nameError, isDenied: true, "dangling.\(zone) CNAME gone.\(zone)"),
    Row("outside", .a, "outside.\(zone) CNAME www.Example.org."),
    Row("outside", .mx, "outside.\(zone) CNAME www.Example.org."),
    // Loops end where they close.
    Row("self", .a, "self.\(zone) CNAME self.\(zone)"),
    Row(
      "ping", .a, "ping.\(zone) CNAME pong.\(zone)",
      "pong.\(zone) CNAME Ping.Shop.SVC.Cluster.Local."),
    // Into names of pods.
    Row(
      "pod", .a, "pod.\(zone) CNAME 10-244-9-9.shop.pod.cluster.local.",
      "10-244-9-9.shop.pod.cluster.local. A 10.244.9.9"),
    Row(
      "pod", .aaaa, isDenied: true, "pod.\(zone) CNAME 10-244-9-9.shop.pod.cluster.local."),
  ]

  @Test(arguments: rows)
  func `an alias`(row: Row) async throws {
    let server = try await ClusterServer.make("pods insecure", more: "whoami")
    let reply = try server.reply(row.name, row.type)
    #expect(reply.code == row.code)
    #expect(reply.flags == "qr aa rd")
    #expect(reply.answer.map(withoutTTL) == row.answer)
    #expect(reply.authority == (row.isDenied ? [ClusterServer.startOfAuthority()] : []))
  }

  private func withoutTTL(_ line: String) -> String {
    let parts = line.split(separator: " ", maxSplits: 2)
    return "\(parts[0]) \(parts[2])"
  }

  /// `c0` leads to `c1` and so on to `c(count)`, which has an address.
  private func chain(_ count: Int) async throws -> TestServer {
    let aliases = (0..<count).map {
      Manifest.alias("shop/c\($0)", to: "c\($0 + 1).\(Self.zone)")
    }
    return try await ClusterServer.make(
      manifests: aliases + [Manifest.service("shop/c\(count)", "10.96.0.9")])
  }

  @Test(arguments: 1...10)
  func `up to ten steps are followed`(count: Int) async throws {
    let reply = try await chain(count).reply("c0.\(Self.zone)")
    #expect(reply.code == .noError)
    #expect(reply.answers(.cname).count == count)
    #expect(reply.answers(.a) == ["10.96.0.9"])
    #expect(reply.answer.last?.hasPrefix("c\(count).") == true, "aliases first, in their order")
  }

  @Test(arguments: [11, 12, 40])
  func `a longer chain ends where the steps do`(count: Int) async throws {
    let reply = try await chain(count).reply("c0.\(Self.zone)")
    #expect(reply.code == .noError)
    #expect(reply.answers(.a) == [])
    #expect(reply.answers(.cname).count == 10)
    #expect(reply.answers(.cname).enumerated().allSatisfy { $1 == "c\($0 + 1).\(Self.zone)" })
  }

  @Test(arguments: [2, 3, 9, 10, 11, 12])
  func `a loop of any length ends`(count: Int) async throws {
    let aliases = (0..<count).map {
      Manifest.alias("shop/c\($0)", to: "c\(($0 + 1) % count).\(Self.zone)")
    }
    let reply = try await ClusterServer.make(manifests: aliases).reply("c0.\(Self.zone)")
    #expect(reply.code == .noError)
    #expect(reply.answer.count == min(count, 10))
    #expect(Set(reply.answer).count == reply.answer.count, "no record twice")
  }

  @Test func `aliases between the plugin's zones`() async throws {
    let server = try await TestServer(
      ".:53 {\n kubernetes cluster.local k.example 10.0.0.0/8 {\n manifests MANIFESTS\n }\n}\n",
      manifests: [
        Manifest.service("shop/web", "10.96.0.1"),
        Manifest.alias("shop/other", to: "web.shop.svc.k.example"),
        Manifest.alias("shop/back", to: "1.0.96.10.in-addr.arpa"),
        Manifest.alias("shop/gone", to: "x.k.example"),
      ])
    #expect(try server.reply("other.\(Self.zone)").answers(.a) == ["10.96.0.1"])
    #expect(
      try server.reply("back.\(Self.zone)", .ptr).answers(.ptr) == ["web.\(Self.zone)"])
    let gone = try server.reply("gone.\(Self.zone)")
    #expect(gone.code == .nameError)
    #expect(gone.authority == [ClusterServer.startOfAuthority("k.example.")])
  }

  @Test func `a chain that does not fit is cut between records`() async throws {
    let label = String(repeating: "x", count: 50)
    let aliases = (0..<9).map {
      Manifest.alias("shop/\(label)\($0)", to: "\(label)\($0 + 1).\(Self.zone)")
    }
    let server = try await ClusterServer.make(
      manifests: aliases + [Manifest.service("shop/\(label)9", "10.96.0.9")])
    let cut = try server.reply("\(label)0.\(Self.zone)")
    #expect(cut.isTruncated)
    #expect(cut.octets.count <= 512)
    #expect((1..<9).contains(cut.answers(.cname).count))
    #expect(cut.answers(.a) == [])
    let whole = try server.reply(Ask("\(label)0.\(Self.zone)", .a, .tcp))
    #expect(!whole.isTruncated)
    #expect(whole.answer.count == 10)
  }
}
