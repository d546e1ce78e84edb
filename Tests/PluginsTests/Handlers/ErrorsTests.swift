import DNSWire
import PluginChain
import Testing

/// `errors`: what is an error and what it says.
@Suite struct ErrorsTests {
  private func server(_ more: String = "", isPrepared: Bool = true) async throws -> TestServer {
    try await TestServer(
      """
      .:53 {
        errors
        local
        kubernetes cluster.local 10.in-addr.arpa {
          manifests MANIFESTS
          fallthrough 10.in-addr.arpa
        }
        \(more)
      }
      """, manifests: [Manifest.service("shop/web", "10.96.0.1")], isPrepared: isPrepared)
  }

  @Test func `a query that nobody answers`() async throws {
    let server = try await server()
    #expect(try server.reply("Example.ORG.", .mx).code == .serverFailure)
    #expect(try server.reply("9.9.9.10.in-addr.arpa.", .ptr).code == .serverFailure)
    #expect(
      server.log == [
        "[ERROR] plugin/errors: 2 example.org. MX: no plugin answers for this name",
        "[ERROR] plugin/errors: 2 9.9.9.10.in-addr.arpa. PTR: no plugin answers for this name",
      ])
  }

  @Test func `a plugin that cannot answer`() async throws {
    let server = try await server(isPrepared: false)
    #expect(try server.reply("web.shop.svc.cluster.local.").code == .serverFailure)
    #expect(
      server.log == [
        "[ERROR] plugin/errors: 2 web.shop.svc.cluster.local. A: "
          + "the cluster's records are not loaded yet"
      ])
  }

  @Test func `answers are no errors`() async throws {
    let server = try await server("whoami")
    let codes = try server.replies([
      Ask("web.shop.svc.cluster.local."), Ask("web.shop.svc.cluster.local.", .mx),
      Ask("no.cluster.local."), Ask("localhost."), Ask("1.127.in-addr.arpa.", .ptr),
      Ask("example.org."), Ask("example.org.", .axfr),
    ]).map(\.code)
    #expect(
      codes == [.noError, .noError, .nameError, .noError, .nameError, .noError, .refused])
    #expect(server.log == [])
  }
}
