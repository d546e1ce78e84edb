import TestSupport
import Testing

/// Upstreams over TLS: Unbound with a certificate that is its own authority.
@Suite struct UpstreamTLSTests {
  /// Unbound, its port for TLS, and the certificate.
  private struct Resolver {
    let daemon: ExternalDaemon
    let port: UInt16
    let certificate: TestCertificate

    init(names: String) throws {
      port = try freePort()
      certificate = try TestCertificate(names: names)
      daemon = try ResolvingServer.start(encryption: (port, certificate))
    }
  }

  private static let resolver = Result { try Resolver(names: "DNS:dns.example, IP:127.0.0.1") }

  @Test(arguments: [
    "forward . tls://127.0.0.1:PORT {\n tls CA\n tls_servername dns.example\n}",
    "forward . tls://127.0.0.1:PORT%dns.example {\n tls CA\n}",
    "forward . tls://127.0.0.1:PORT {\n tls CA\n}",
    "forward . tls://localhost:PORT {\n tls CA\n tls_servername dns.example\n}",
  ])
  func `a server that proves who it is answers`(lines: String) throws {
    let resolver = try Self.resolver.get()
    let server = try UpstreamServer(Self.filled(lines, resolver))
    for _ in 0..<3 {
      #expect(try server.ask("resolver.example.").addresses == ["192.0.2.7"])
    }
    let burst = (0..<50).map {
      Query("n\($0).example.", .a, id: UInt16($0 + 1), payloadSize: 1232).bytes
    }
    for query in burst {
      #expect(try ParsedMessage(server.client.tcp(query)).responseCode == 3)
    }
  }

  @Test(arguments: [
    "forward . tls://127.0.0.1:PORT {\n tls CA\n tls_servername other.example\n}",
    "forward . tls://127.0.0.1:PORT {\n tls_servername dns.example\n}",
  ])
  func `a server that proves to be another or nobody is not asked`(lines: String) throws {
    let resolver = try Self.resolver.get()
    let server = try UpstreamServer(Self.filled(lines, resolver))
    let reply = try server.ask("resolver.example.")
    #expect(reply.responseCode == 2)
    #expect(!Set(UpstreamServer.extendedErrors(reply)).isDisjoint(with: [22, 23]))
    #expect(try server.ask(UpstreamServer.clusterName).addresses == [UpstreamServer.clusterAddress])
  }

  private static func filled(_ lines: String, _ resolver: Resolver) -> String {
    lines.replacing("PORT", with: "\(resolver.port)")
      .replacing("CA", with: resolver.certificate.certificateFile)
  }
}
