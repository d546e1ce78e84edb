import APISimulator
import TestSupport
import Testing

/// `dump` and `check` of a Corefile that follows an API server.
@Suite struct LiveDumpTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func corefile(_ api: APIServer) throws -> String {
    try folder.write(
      """
      .:53 {
          kubernetes cluster.local in-addr.arpa {
              \(try LiveServer.source(api, folder))
              pods verified
              ttl 30
          }
      }

      """, to: "Corefile")
  }

  @Test func `a dump has the records of the cluster`() async throws {
    let api = try await LiveServer.api()
    let result = try CommandResult.run(["dump", "-conf", try corefile(api)], in: folder)
    #expect(result.end == .exit(0), "\(result.standardError)")
    let lines = result.standardOutput.split(separator: "\n")
      .map { $0.split { $0 == " " || $0 == "\t" }.joined(separator: " ") }
    for line in [
      "tea.shop.svc.cluster.local. 30 IN A 10.96.1.1",
      "db-0.db.shop.svc.cluster.local. 30 IN A 10.244.0.1",
      "db.shop.svc.cluster.local. 30 IN A 10.244.0.2",
      "docs.shop.svc.cluster.local. 30 IN CNAME tea.shop.svc.cluster.local.",
      "1.1.96.10.in-addr.arpa. 30 IN PTR tea.shop.svc.cluster.local.",
      "10-244-0-9.shop.pod.cluster.local. 30 IN A 10.244.0.9",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
    #expect(!result.standardOutput.contains("10.244.0.3"))
    #expect(api.log.violations.isEmpty)
    #expect(api.watchCount() == 0 || waitUntil(.seconds(60)) { api.watchCount() == 0 })
  }

  @Test func `a dump of a cluster that is away is an error`() async throws {
    let api = try await LiveServer.api()
    try await api.close()
    let result = try CommandResult.run(["dump", "-conf", try corefile(api)], in: folder)
    #expect(result.end == .exit(1))
    #expect(result.standardOutput.isEmpty)
    let line = try #require(result.errorLines.last)
    #expect(line.contains("plugin/kubernetes: the objects cannot be had: "), "\(line)")
    #expect(line.contains("127.0.0.1:\(api.port)"), "\(line)")
  }

  @Test func `a dump without leave to list Pods is an error`() async throws {
    let api = try await LiveServer.api()
    api.access.forbid(.pods)
    let result = try CommandResult.run(["dump", "-conf", try corefile(api)], in: folder)
    #expect(result.end == .exit(1))
    #expect(result.standardError.contains("not allowed to list pods"), "\(result.standardError)")
  }

  @Test func `check asks nobody`() async throws {
    let api = try await LiveServer.api()
    let result = try CommandResult.run(["check", try corefile(api)], in: folder)
    #expect(result.end == .exit(0), "\(result.standardError)")
    try folder.write("not a kubeconfig", to: "kubeconfig")
    _ = try CommandResult.run(["check", try corefile(api)], in: folder)
    #expect(api.log.requestCount == 0 && api.connectionCount == 0)
  }
}
