import Corefile
import PluginChain
import Plugins
import Testing

/// The words of the directive.
@Suite struct PrometheusDirectiveTests {
  @Test(arguments: [
    SetUpCase("prometheus"), SetUpCase("prometheus :9153"), SetUpCase("prometheus [::1]:9153 {\n}"),
    SetUpCase(
      "prometheus 9153", "2:12: error: found \"9153\", expected ADDRESS:PORT or :PORT"),
    SetUpCase("prometheus :9153 :9154", "2:18: error: "),
    SetUpCase(
      "prometheus {\n runtime_metrics all\n}",
      "3:18: error: found \"all\", but runtime_metrics takes no arguments"),
    SetUpCase("prometheus {\n runtime_metrics\n}"),
    SetUpCase("prometheus :9153 {\n  tls web.yaml\n}"),
    SetUpCase("prometheus {\n  tls\n}", "3:3: error: found no arguments..."),
    SetUpCase("prometheus {\n  tls a b\n}", "3:9: error: ..."),
    SetUpCase("prometheus {\n tsl x\n}", "3:2: error: ...did you mean \"tls\""),
    SetUpCase("prometheus\nprometheus", "3:1: error: prometheus stands twice"),
  ])
  func `arguments and options`(row: SetUpCase) {
    #expect(row.differences() == [])
  }

  @Test func `one endpoint an address, for all server blocks`() {
    let setup = SetUpCorefile(
      """
      a.example:53 {
        prometheus
      }
      b.example:53 {
        prometheus 127.0.0.1:9153
      }
      c.example:53 {
        prometheus 127.0.0.1:9154
      }
      """
    ).setup
    #expect(setup.prometheusEndpoints().map(\.name) == ["prometheus", "prometheus"])
    #expect(SetUpCorefile(".:53 {\n whoami\n}\n").setup.prometheusEndpoints().isEmpty)
  }

  @Test func `plugins of the block are enabled, by their names of today`() {
    let setup = SetUpCorefile(
      ".:5353 {\n prometheus\n errors\n bind 127.0.0.1\n dnstap\n proxy . 192.0.2.1\n}\n"
    ).setup
    let samples = setup.metrics.first { $0.name == "coredns_plugin_enabled" }?.read() ?? []
    let texts = samples.map { $0.labels.map(\.value).joined(separator: " ") }
    #expect(
      texts == ["bind", "prometheus", "errors", "forward"].map { "dns://:5353 .  \($0)" })
    #expect(samples.allSatisfy { $0.value == 1 })
  }

  @Test func `the label server has the port that is listened on`() {
    let log = RecordingLog()
    var setup = ServerSetup(workerCount: 1, log: log)
    setup.defaultPort = 5_300
    let text = "a.example {\n prometheus\n}\nb.example:54 {\n prometheus\n}\n"
    let parsed = parseCorefile(text, file: "Corefile", environment: [:], files: DiskFiles())
    _ = setUpBlocks(parsed, &setup)
    let samples = setup.metrics.filter { $0.name == "coredns_plugin_enabled" }.flatMap { $0.read() }
    let servers = samples.compactMap { $0.labels.first { $0.name == "server" }?.value }
    #expect(servers == ["dns://:5300", "dns://:54"])
  }

  @Test func `every plugin has a number of its own`() {
    #expect(pluginOrder.count < QueryLayout.pluginCountMax)
  }

  /// Plugins are known by their names in the Corefile, wherever they stand in the chain.
  @Test func `the name of the plugin that answered`() async throws {
    let server = try await TestServer(
      """
      .:53 {
        prometheus
        log
        local
        loadbalance
        whoami
      }
      """)
    _ = try server.reply("localhost.")
    _ = try server.reply("example.")
    let samples =
      server.corefile.setup.metrics
      .first { $0.name == "coredns_dns_responses_total" }?.read() ?? []
    let plugins = samples.compactMap { sample in
      sample.labels.first { $0.name == "plugin" }?.value
    }
    #expect(plugins.sorted() == ["local", "whoami"])
  }

  /// The server asks for the target itself; the client asked once.
  @Test func `an alias is one query`() async throws {
    let server = try await TestServer(
      """
      .:53 {
        prometheus
        kubernetes cluster.local {
          manifests MANIFESTS
        }
      }
      """,
      manifests: [
        Manifest.service("shop/web", "10.96.0.1"),
        Manifest.alias("shop/alias", to: "web.shop.svc.cluster.local"),
      ])
    let reply = try server.reply("alias.shop.svc.cluster.local.")
    #expect(reply.answer.count == 2)
    let samples =
      server.corefile.setup.metrics
      .first { $0.name == "coredns_dns_requests_total" }?.read() ?? []
    #expect(samples.map(\.value) == [1])
  }
}
