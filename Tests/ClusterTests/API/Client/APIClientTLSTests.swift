import Cluster
import Testing
import TestSupport

@Suite struct APIClientTLSTests {
  /// A configuration for a server whose certificate is its own authority.
  private static func configuration(
    _ server: LoopbackServer, authority: String, host: String = "127.0.0.1"
  ) throws -> APIServerConfiguration {
    var configuration = try APIServerConfiguration.endpoint("https://\(host):\(server.port)")
    configuration.trust = .authorities(.file(authority, field: "ca"))
    return configuration
  }

  private static func copy(_ file: String, to folder: TemporaryFolder, _ name: String) throws {
    // Renamed, as a rotation does it.
    try folder.write("new", TestFile.text(file))
    try folder.rename("new", name)
  }

  private static let unknownAuthority =
    ": the TLS handshake failed: CERTIFICATE_VERIFY_FAILED"

  @Test func `an authority vouches for the server`() async throws {
    let certificate = try TestCertificate(names: "IP:127.0.0.1")
    try await ClientWorld.run(
      certificate,
      configuration: { try Self.configuration($0, authority: certificate.certificateFile) },
      reply: { _ in NamespaceText.page([]) },
      { world in #expect(await world.failure() == "") })
  }

  @Test func `another authority does not`() async throws {
    let certificate = try TestCertificate(names: "IP:127.0.0.1")
    let other = try TestCertificate(names: "IP:127.0.0.1")
    try await ClientWorld.run(
      certificate,
      configuration: { try Self.configuration($0, authority: other.certificateFile) },
      reply: { _ in NamespaceText.page([]) },
      { world in
        #expect(await world.failure().hasSuffix(Self.unknownAuthority))
        #expect(world.server.requests.isEmpty)
      })
  }

  @Test(arguments: [("IP:127.0.0.2", ""), ("DNS:kubernetes.default", "other.example.org")])
  func `a certificate of another name is refused`(names: String, name: String) async throws {
    let certificate = try TestCertificate(names: names)
    try await ClientWorld.run(
      certificate,
      configuration: { try Self.configuration($0, authority: certificate.certificateFile) },
      adjust: { $0.serverName = name },
      reply: { _ in NamespaceText.page([]) },
      { world in
        #expect(
          await world.failure().hasSuffix(
            ": the TLS handshake failed: the server's certificate has another name"))
        #expect(world.server.requests.isEmpty)
      })
  }

  @Test func `a server name stands in for the address`() async throws {
    let certificate = try TestCertificate(names: "DNS:kubernetes.default")
    try await ClientWorld.run(
      certificate,
      configuration: { try Self.configuration($0, authority: certificate.certificateFile) },
      adjust: { $0.serverName = "kubernetes.default" },
      reply: { _ in NamespaceText.page([]) },
      { world in
        #expect(await world.failure() == "")
        #expect(world.server.headers("host") == ["127.0.0.1:\(world.server.port)"])
      })
  }

  @Test func `verification can be switched off`() async throws {
    let certificate = try TestCertificate(names: "DNS:other.example.org")
    try await ClientWorld.run(
      certificate, configuration: { try .endpoint("https://127.0.0.1:\($0.port)") },
      adjust: { $0.trust = .anything }, reply: { _ in NamespaceText.page([]) },
      { world in #expect(await world.failure() == "") })
  }

  @Test func `a client certificate lets in`() async throws {
    let certificate = try TestCertificate(names: "IP:127.0.0.1")
    let client = try TestCertificate(names: "DNS:client")
    func run(_ pair: TestCertificate?, _ body: (String) throws -> Void) async throws {
      try await ClientWorld.run(
        certificate,
        configuration: { server in
          try server.use(certificate, client: client)
          guard let pair else {
            return try Self.configuration(server, authority: certificate.certificateFile)
          }
          return try .endpoint(
            "127.0.0.1:\(server.port)",
            tls: APIServerConfiguration.TLSFiles(
              certificate: pair.certificateFile, key: pair.keyFile,
              authority: certificate.certificateFile))
        },
        reply: { _ in NamespaceText.page([]) },
        { world in try body(await world.failure()) })
    }
    try await run(client) { #expect($0 == "") }
    try await run(nil) { #expect($0 != "") }
    try await run(certificate) { #expect($0 != "") }
  }

  @Test func `an authority is rotated without a restart`() async throws {
    let old = try TestCertificate(names: "IP:127.0.0.1")
    let new = try TestCertificate(names: "IP:127.0.0.1")
    let folder = try TemporaryFolder()
    try Self.copy(old.certificateFile, to: folder, "ca.crt")
    try await ClientWorld.run(
      old, configuration: { try Self.configuration($0, authority: "\(folder.path)/ca.crt") },
      reply: { request in
        var reply = NamespaceText.page([])
        reply.isOpen = request.uri.contains("watch")
        // The next request needs a new connection.
        reply.headers["connection"] = "close"
        return reply
      },
      { world in
        #expect(await world.failure() == "")
        let watch = Task { try await world.list(.watch(version: "1", timeoutSeconds: 300)) }
        try await requireEventually { world.server.requests.count == 2 }
        try world.server.use(new)
        #expect(await world.failure().hasSuffix(Self.unknownAuthority))
        try Self.copy(new.certificateFile, to: folder, "ca.crt")
        #expect(await world.failure() == "")
        // What is under way is not disturbed.
        #expect(world.server.isOpen(1))
        world.server.send(.end, to: 1)
        _ = try await watch.value
        // A file that is cut short is not taken.
        try folder.write("ca.crt", "-----BEGIN CERTIFICATE-----\n")
        #expect(await world.failure() == "")
      })
  }

  @Test func `a driver gets over a rotated authority`() async throws {
    let old = try TestCertificate(names: "IP:127.0.0.1")
    let new = try TestCertificate(names: "IP:127.0.0.1")
    let folder = try TemporaryFolder()
    try Self.copy(old.certificateFile, to: folder, "ca.crt")
    try await ClientWorld.run(
      new, configuration: { try Self.configuration($0, authority: "\(folder.path)/ca.crt") },
      reply: { request in
        request.uri.contains("watch=true") ? NamespaceText.watch() : NamespaceText.page(["a"])
      },
      { world in
        let sink = RecordingSink()
        let driver = ReflectorDriver(ClientWorld.namespaces, client: world.client, sink: sink)
        let task = Task { await driver.run() }
        try await requireEventually {
          sink.notices.contains { $0.contains("TLS handshake failed") }
        }
        try Self.copy(new.certificateFile, to: folder, "ca.crt")
        try await requireEventually { driver.status.sync == .synced }
        task.cancel()
        await task.value
      })
  }
}
