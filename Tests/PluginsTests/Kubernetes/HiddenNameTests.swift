import DNSWire
import Testing

/// NXDOMAIN because of an option says so (RFC 8914).
@Suite struct HiddenNameTests {
  private static let blocked = ExtendedError.blocked.rawValue

  private func error(_ server: TestServer, _ name: String) throws -> UInt16? {
    let reply = try server.reply(Ask(name, .a, payload: 1232))
    #expect(reply.code == .nameError, "\(name)")
    return reply.extendedError
  }

  @Test(arguments: [
    "web.shop.svc.cluster.local.", "no.such.svc.cluster.local.", "shop.svc.cluster.local.",
    "1-2-3-4.shop.pod.cluster.local.",
  ])
  func `a namespace that is not named`(name: String) async throws {
    let server = try await ClusterServer.make("namespaces void\npods insecure")
    #expect(try error(server, name) == Self.blocked)
    // Without OPT there is no place for it.
    #expect(try server.reply(name).code == .nameError)
  }

  @Test(arguments: [
    "no.void.svc.cluster.local.", "x.cluster.local.", "web.shop.cluster.local.",
    "2.0.96.10.in-addr.arpa.", "no.void.pod.cluster.local.",
  ])
  func `what no option left out`(name: String) async throws {
    let server = try await ClusterServer.make("namespaces void\npods insecure")
    #expect(try error(server, name) == nil)
  }

  @Test func `pods are answered only when asked for`() async throws {
    let name = "10-244-0-7.shop.pod.cluster.local."
    let plain = try await ClusterServer.make()
    #expect(try error(plain, name) == Self.blocked)
    let server = try await ClusterServer.make("pods verified")
    #expect(try error(server, "10-244-0-9.shop.pod.cluster.local.") == nil)
  }

  @Test func `a namespace whose labels do not match`() async throws {
    let server = try await ClusterServer.make("namespace_labels team=dns")
    #expect(try error(server, "web.shop.svc.cluster.local.") == Self.blocked)
    let all = try await ClusterServer.make("namespace_labels !team")
    #expect(try error(all, "no.shop.svc.cluster.local.") == nil)
    #expect(try error(all, "web.such.svc.cluster.local.") == Self.blocked)
  }
}
