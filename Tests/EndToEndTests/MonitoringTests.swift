import APISimulator
import Foundation
import TestSupport
import Testing

/// Dashboards, alerts and rules find what they ask for on the page of the bare binary.
@Suite struct MonitoringTests {
  /// What coredns-mixin's dashboard and alerts ask for, a widely used set for CoreDNS.
  static let mixinNames: Set = [
    "coredns_build_info", "coredns_panics_total", "coredns_dns_responses_total",
    "coredns_forward_responses_total", "coredns_dns_request_duration_seconds_bucket",
    "coredns_forward_request_duration_seconds_bucket", "coredns_dns_requests_total",
    "coredns_forward_requests_total", "coredns_kubernetes_dns_programming_duration_seconds_bucket",
    "coredns_plugin_enabled", "coredns_dns_request_size_bytes_bucket",
    "coredns_dns_response_size_bytes_bucket", "coredns_cache_hits_total",
    "coredns_cache_misses_total", "coredns_cache_entries", "process_resident_memory_bytes",
    "process_cpu_seconds_total", "go_goroutines", "coredns_forward_healthcheck_failures_total",
    "coredns_forward_healthcheck_broken_total",
  ]
  /// Of them, what needs the live API: manifests have no time at which something changed.
  private static let liveNames: Set = ["coredns_kubernetes_dns_programming_duration_seconds_bucket"]

  private static let page = Result { try readPage() }

  /// The names of all samples after some queries.
  private static func names() throws -> Set<String> {
    let lines = try page.get().split(separator: "\n").filter { !$0.hasPrefix("#") }
    return Set(lines.map { String($0.prefix { $0 != "{" && $0 != " " }) })
  }

  private static func readPage() throws -> String {
    let upstream = try EvilUpstream()
    let (port, health) = (try freePort(), try freePort())
    let lines = """
      prometheus 127.0.0.1:\(port) {
          runtime_metrics
      }
      health 127.0.0.1:\(health)
      cache
      loop
      local
      forward . \(upstream.text)
      """
    let server = try UpstreamServer(lines)
    var text = ""
    var number = 0
    // The workers' numbers of upstreams are published once in a second.
    let isCounted = waitUntil(.seconds(60)) {
      number += 1
      _ = try? server.ask("ok.page\(number).test.")
      _ = try? server.ask(UpstreamServer.clusterName)
      text = (try? HTTPPage.get("/metrics", port: port).body) ?? ""
      return text.contains("coredns_forward_responses_total{")
    }
    try #require(isCounted, "\(text)")
    return text
  }

  @Test func `what the mixin for CoreDNS asks for is there`() throws {
    let missing = Self.mixinNames.subtracting(Self.liveNames).subtracting(try Self.names())
    #expect(missing.isEmpty)
  }

  @Test func `and what a live cluster alone has`() async throws {
    let server = try LiveServer(try await LiveServer.api())
    var slice = SimulatedObject.slice(
      "shop", "db-1", of: "db", SimulatedSlice([SimulatedEndpoint("10.244.0.7")]))
    slice.annotations["endpoints.kubernetes.io/last-change-trigger-time"] = Date().ISO8601Format()
    server.api.world.put(slice)
    let kind = "{service_kind=\"headless_with_selector\""
    for name in Self.liveNames {
      #expect(waitUntil(.seconds(60)) { server.sample(name + kind) != nil }, "\(name)")
    }
  }

  @Test(arguments: ["dashboard.json", "rules.yaml"])
  func `our own ask for nothing else`(file: String) throws {
    let text = try #require(Fixture.repositoryText("docs/monitoring/\(file)"))
    // A name that a rule records has colons around it.
    let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != ":" }
    let prefixes = ["coredns_", "swiftlet_", "process_", "go_"]
    let asked = Set(words.map(String.init)).filter { word in
      prefixes.contains { word.hasPrefix($0) && word != $0 }
    }
    #expect(asked.count > 10)
    #expect(asked.subtracting(try Self.names()).isEmpty)
  }

  @Test func `the dashboard is JSON, with a question in every panel`() throws {
    struct Dashboard: Decodable {
      struct Panel: Decodable {
        struct Target: Decodable {
          let expr: String
        }
        let id: Int
        let title: String
        let targets: [Target]
      }
      let panels: [Panel]
    }
    let text = try #require(Fixture.repositoryText("docs/monitoring/dashboard.json"))
    let dashboard = try JSONDecoder().decode(Dashboard.self, from: Data(text.utf8))
    #expect(dashboard.panels.count > 10)
    #expect(Set(dashboard.panels.map(\.id)).count == dashboard.panels.count)
    for panel in dashboard.panels {
      #expect(!panel.targets.isEmpty && panel.targets.allSatisfy { !$0.expr.isEmpty })
    }
  }

  /// `promtool` comes with Debian's package `prometheus`.
  @Test func `the rules are what Prometheus wants`() throws {
    let folder = try TemporaryFolder()
    let rules = Fixture.repositoryRoot.appendingPathComponent("docs/monitoring/rules.yaml").path
    let check = try ChildProcess(
      executable: "/bin/sh", arguments: ["-c", "promtool check rules '\(rules)'"],
      folder: folder.path, standardOutput: folder.path("check.txt"),
      standardError: folder.path("problems.txt"))
    #expect(check.waitForEnd(.seconds(60)) == .exit(0))
    #expect(folder.read("problems.txt") == "")
    #expect(folder.read("check.txt").contains("SUCCESS"))
  }

  @Test func `the whole page is what Prometheus wants`() throws {
    let folder = try TemporaryFolder()
    try folder.write(try Self.page.get(), to: "page.txt")
    let check = try ChildProcess(
      executable: "/bin/sh", arguments: ["-c", "promtool check metrics <page.txt"],
      folder: folder.path, standardOutput: folder.path("check.txt"),
      standardError: folder.path("problems.txt"))
    #expect(check.waitForEnd(.seconds(60)) == .exit(0))
    #expect(folder.read("check.txt") + folder.read("problems.txt") == "")
  }
}
