import APISimulator
import TestSupport
import Testing

/// A cluster followed over its API: what is answered before, at and after the first sync.
@Suite struct LiveAnswerTests {
  /// Protobuf, JSON, TLS, with first objects as events and as lists.
  static let variants: [APIServerOptions] = [true, false].flatMap { isProtobuf in
    [true, false].map { offersWatchList in
      var options = APIServerOptions()
      options.hasProtobuf = isProtobuf
      options.offersWatchList = offersWatchList
      return options
    }
  }

  @Test(arguments: 0..<4)
  func `every kind of record is answered`(variant: Int) async throws {
    let api = try await LiveServer.api(Self.variants[variant])
    var setup = LiveServer.Setup()
    setup.options = "pods verified"
    let server = try LiveServer(api, setup)
    #expect(try server.answer(LiveWorld.name("tea")) == ["10.96.1.1"])
    #expect(try server.answer(LiveWorld.name("tea"), .aaaa) == [])
    #expect(try server.answer("1.1.96.10.in-addr.arpa.", .ptr) == [LiveWorld.name("tea")])
    #expect(try server.answer(LiveWorld.name("db")) == ["10.244.0.1", "10.244.0.2"])
    #expect(try server.answer(LiveWorld.name("db-0.db")) == ["10.244.0.1"])
    #expect(try server.answer("1.0.244.10.in-addr.arpa.", .ptr) == [LiveWorld.name("db-0.db")])
    #expect(
      try server.answer(LiveWorld.name("_sql._tcp.db"), .srv) == [
        "0 50 5432 \(LiveWorld.name("10-244-0-2.db"))", "0 50 5432 \(LiveWorld.name("db-0.db"))",
      ])
    #expect(
      try server.answer(LiveWorld.name("docs")) == ["10.96.1.1", LiveWorld.name("tea")])
    try server.expect("10-244-0-9.shop.pod.cluster.local.", becomes: "10.244.0.9")
    #expect(try server.answer("10-244-0-8.shop.pod.cluster.local.") == ["NXDOMAIN"])
    #expect(try server.answer(LiveWorld.name("cake")) == ["NXDOMAIN"])
    // CoreDNS's ClusterRole is all that it takes.
    #expect(api.log.violations.isEmpty)
    #expect(api.log.records.allSatisfy { $0.userAgent.hasPrefix("swiftlet/") })
  }

  @Test func `TLS with the authority of a kubeconfig`() async throws {
    let certificate = try TestCertificate(names: "IP:127.0.0.1")
    var options = APIServerOptions()
    options.security = .tls(
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile,
      clientAuthorityFile: nil)
    let api = try await LiveServer.api(options)
    let folder = try TemporaryFolder()
    try folder.write(
      try Kubeconfig.text(
        url: api.url, authorityFile: certificate.certificateFile, token: "token-1"),
      to: "kubeconfig")
    let server = try LiveServer(api, folder: folder)
    #expect(try server.answer(LiveWorld.name("tea")) == ["10.96.1.1"])
  }

  @Test func `changes are followed`() async throws {
    let api = try await LiveServer.api()
    let server = try LiveServer(api)
    #expect(try server.answer(LiveWorld.name("cake")) == ["NXDOMAIN"])
    api.world.put(LiveWorld.service("cake", "10.96.1.3"))
    try server.expect(LiveWorld.name("cake"), becomes: "10.96.1.3")
    api.world.put(LiveWorld.service("cake", "10.96.1.4"))
    try server.expect(LiveWorld.name("cake"), becomes: "10.96.1.4")
    api.world.delete(.services, "shop", "cake")
    try server.expect(LiveWorld.name("cake"), becomes: "NXDOMAIN")
    api.world.delete(.namespaces, "", "shop")
    try server.expect(LiveWorld.name("tea"), becomes: "NXDOMAIN")
    #expect(api.log.violations.isEmpty)
  }

  @Test func `before the first sync nothing is denied and nothing falls through`() async throws {
    let api = try await LiveServer.api()
    // Services come and slices do not.
    api.faults.add(.noHead, resource: .endpointSlices, requests: 1_000)
    let upstream = try EvilUpstream()
    var setup = LiveServer.Setup()
    setup.readiness = .answers
    setup.options = "startup_timeout 200ms\nfallthrough"
    setup.lines = "forward . \(upstream.text)"
    let server = try LiveServer(api, setup)
    try #require(waitUntil(.seconds(60)) { api.watchCount(.services) > 0 })
    for name in [LiveWorld.name("tea"), LiveWorld.name("cake"), "1.1.96.10.in-addr.arpa."] {
      let message = try server.ask(name)
      #expect(message.responseCode == 2)
      #expect(UpstreamServer.extendedErrors(message) == [14])
    }
    #expect(server.readyStatus == 503)
    // Names outside of the zones are served meanwhile.
    #expect(try server.ask("ok.test.").isGood)
    let hasServices = waitUntil(.seconds(60)) {
      server.sample("swiftlet_kubernetes_synced{resource=\"services\"}") == 1
    }
    #expect(hasServices)
    #expect(server.sample("swiftlet_kubernetes_synced{resource=\"endpointslices\"}") == 0)
    api.faults.clear()
    api.dropConnections()
    try server.expect(LiveWorld.name("tea"), becomes: "10.96.1.1")
    #expect(waitUntil(.seconds(60)) { server.readyStatus == 200 })
  }
}
