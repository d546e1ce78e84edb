import APISimulator
import TestSupport
import Testing

/// A server that starts while the API server is away answers from what it saved before.
@Suite struct SnapshotTests {
  /// What a Pod keeps over restarts, and how the binary runs in it.
  private struct Site {
    let api: APIServer
    let folder: TemporaryFolder
    let metrics: UInt16

    init() async throws {
      let world = World()
      world.put(.namespace("shop"))
      world.put(.service("shop", "tea", SimulatedService(clusterIPs: ["10.96.1.1"])))
      world.put(.pod("shop", "tea-1", SimulatedPod(addresses: ["10.244.0.9"])))
      (api, folder, metrics) = (
        try await APIServer(world: world), try TemporaryFolder(), try freePort()
      )
      try folder.write(
        try Kubeconfig.text(url: api.url, authorityFile: nil, token: "token-1"), to: "kubeconfig")
    }

    func start(_ options: String = "", readiness: Daemon.Readiness = .synced) throws -> Daemon {
      try Daemon(folder: folder, readiness: readiness) { port in
        """
        .:\(port) {
            errors
            prometheus 127.0.0.1:\(metrics)
            kubernetes cluster.local {
                kubeconfig \(folder.path("kubeconfig"))
                snapshot \(folder.path("snapshot"))
                pods verified
                fallthrough
                startup_timeout 1s
                \(options)
            }
            whoami
        }
        """
      }
    }

    /// The value of a sample; `nil` without one.
    func sample(_ start: String) -> Double? {
      let page = (try? HTTPPage.wait(for: "/metrics", port: metrics).body) ?? ""
      let line = page.split(separator: "\n").first { $0.hasPrefix("swiftlet_kubernetes_" + start) }
      return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }

    /// The data of an answer, or the response code; and the code of an extended error.
    func answer(_ daemon: Daemon, _ name: String) throws -> (data: [String], error: UInt16?) {
      let reply = try ParsedMessage(
        daemon.client.udp(Query(name + ".cluster.local.", .a, payloadSize: 1232).bytes))
      let option = reply.edns?.options.first { $0.code == 15 }
      let error = option.flatMap { option in
        option.data.count < 2 ? nil : UInt16(option.data[0]) << 8 | UInt16(option.data[1])
      }
      let data = reply.records(in: .answer).map(\.data)
      return (reply.responseCode == 0 ? data : ["code \(reply.responseCode)"], error)
    }
  }

  private func end(_ daemon: Daemon) throws {
    daemon.send(signal: 15)
    try #require(waitUntil(.seconds(60)) { daemon.end != nil }, "\(daemon.output)")
  }

  @Test func `a restart during an outage answers, and says that it is stale`() async throws {
    let site = try await Site()
    let first = try site.start()
    #expect(try site.answer(first, "tea.shop.svc") == (["10.96.1.1"], nil))
    #expect(site.sample("snapshot_loads_total{result=\"missing\"") == 1)
    #expect(site.sample("objects{resource=\"services\"") == 1)
    #expect((site.sample("object_bytes{resource=\"pods\"") ?? 0) > 16)
    #expect((site.sample("store_bytes") ?? 0) > 100)
    #expect((site.sample("edits_total") ?? 0) > 0)
    #expect(waitUntil(.seconds(60)) { site.sample("snapshot_saves_total") == 1 })
    try end(first)
    try await site.api.close()

    let second = try site.start()
    #expect(try site.answer(second, "tea.shop.svc") == (["10.96.1.1"], 3))
    #expect(try site.answer(second, "10-244-0-9.shop.pod") == (["10.244.0.9"], 3))
    #expect(try site.answer(second, "shop.svc") == ([], 3))
    #expect(try site.answer(second, "coffee.shop.svc").error == nil, "it falls through")
    #expect(site.sample("snapshot_age_seconds") != nil)
    #expect(site.sample("snapshot_loads_total{result=\"loaded\"") == 1)
    #expect(second.output.contains("answering from the snapshot"))

    site.api.world.put(.service("shop", "tea", SimulatedService(clusterIPs: ["10.96.1.2"])))
    try await site.api.open()
    #expect(
      try waitUntil(.seconds(60)) {
        try site.answer(second, "tea.shop.svc") == (["10.96.1.2"], nil)
      }, "\(second.output)")
    #expect(site.sample("snapshot_age_seconds") == nil)
    try end(second)

    // Other options keep other objects.
    try await site.api.close()
    let third = try site.start("endpoint_pod_names", readiness: .answers)
    #expect(try site.answer(third, "tea.shop.svc") == (["code 2"], 14))
    #expect(third.output.contains("it was saved with other options"))
    #expect(site.sample("snapshot_loads_total{result=\"refused\"") == 1)
    try end(third)
    try await site.api.stop()
  }

  @Test func `names of pods wait for the pods, and nothing else does`() async throws {
    let site = try await Site()
    site.api.access.forbid(.pods)
    let daemon = try site.start()
    #expect(try site.answer(daemon, "tea.shop.svc") == (["10.96.1.1"], nil))
    #expect(try site.answer(daemon, "10-244-0-9.shop.pod") == (["code 2"], 14))
    #expect(try site.answer(daemon, "a.b.c.pod") == (["code 2"], 14))
    #expect(try site.answer(daemon, "shop.pod") == ([], nil))
    #expect(try site.answer(daemon, "pod") == ([], nil))
    #expect(try site.answer(daemon, "xpod.svc").error == nil, "it falls through")
    site.api.access.allow(.pods)
    #expect(
      try waitUntil(.seconds(60)) {
        try site.answer(daemon, "10-244-0-9.shop.pod") == (["10.244.0.9"], nil)
      })
    try end(daemon)
    try await site.api.stop()
  }
}
