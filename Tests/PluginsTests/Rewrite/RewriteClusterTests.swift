import DNSWire
import PluginChain
import Testing

/// Rules above the cluster.
@Suite struct RewriteClusterTests {
  private static let zone = "shop.svc.cluster.local."

  private func server(_ rules: String, more: String = "") async throws -> TestServer {
    try await TestServer(
      ".:53 {\n\(rules)\nkubernetes cluster.local {\nmanifests MANIFESTS\n}\n\(more)\n}\n",
      manifests: [
        Manifest.namespace("shop"), Manifest.service("shop/web", "10.96.0.1"),
        Manifest.service("shop/db", "None"), Manifest.slice("shop/db-1", of: "db", "10.1.0.1=a"),
        Manifest.alias("shop/alias", to: "old.\(Self.zone)"),
        Manifest.alias("shop/inner", to: "web.\(Self.zone)"),
        Manifest.alias("shop/loop", to: "loop.\(Self.zone)"),
      ])
  }

  @Test func `an external name is a Service, with its other names`() async throws {
    let server = try await server("rewrite name Shop.example web.\(Self.zone)")
    let reply = try server.reply("shop.EXAMPLE")
    #expect(reply.answer == ["shop.EXAMPLE. 5 A 10.96.0.1"] && reply.flags == "qr aa rd")
    let services = try server.reply("shop.example", .srv)
    #expect(services.answer == ["shop.example. 5 SRV 0 100 80 shop.example."])
    #expect(services.additional == ["shop.example. 5 A 10.96.0.1"])
    #expect(try server.reply("shop.example", .mx).authority.count == 1)
    #expect(try server.reply("web.\(Self.zone)").answer == ["web.\(Self.zone) 5 A 10.96.0.1"])
  }

  @Test func `a zone is a namespace`() async throws {
    let server = try await server(
      "rewrite name suffix .in.example .shop.svc.cluster.local answer auto")
    #expect(
      try server.reply("db.in.example", .srv).answer == [
        "db.in.example. 5 SRV 0 100 8080 a.db.in.example."
      ])
    let missing = try server.reply("nothing.in.example")
    #expect(missing.code == .nameError && missing.question == "nothing.in.example.")
    // SOA belongs to the cluster's zone: its name does not end in the namespace.
    #expect(missing.authority.first?.hasPrefix("cluster.local. 5 SOA ") == true)
  }

  @Test func `targets of aliases in the zone are rewritten, too`() async throws {
    let server = try await server("rewrite name old.\(Self.zone) web.\(Self.zone)")
    #expect(
      try server.reply("alias.\(Self.zone)").answer == [
        "alias.\(Self.zone) 5 CNAME old.\(Self.zone)", "old.\(Self.zone) 5 A 10.96.0.1",
      ])
    #expect(
      try server.reply("inner.\(Self.zone)").answer == [
        "inner.\(Self.zone) 5 CNAME web.\(Self.zone)", "web.\(Self.zone) 5 A 10.96.0.1",
      ])
    #expect(
      try server.reply("loop.\(Self.zone)").answer == [
        "loop.\(Self.zone) 5 CNAME loop.\(Self.zone)"
      ])
  }

  @Test func `an alias leads elsewhere`() async throws {
    let server = try await server("rewrite cname old.\(Self.zone) web.\(Self.zone)")
    #expect(
      try server.reply("alias.\(Self.zone)").answer == [
        "alias.\(Self.zone) 5 CNAME web.\(Self.zone)", "web.\(Self.zone) 5 A 10.96.0.1",
      ])
    #expect(
      try server.reply("alias.\(Self.zone)", .cname).answer == [
        "alias.\(Self.zone) 5 CNAME web.\(Self.zone)"
      ])
  }

  @Test func `whoami answers under the client's name`() async throws {
    let server = try await TestServer(".:53 {\nrewrite name a.test b.test\nwhoami\n}\n")
    let reply = try server.reply("A.test")
    #expect(reply.additional == ["A.test. 0 A 127.0.0.1", "_udp.a.test. 0 SRV 0 0 40212 ."])
  }
}
