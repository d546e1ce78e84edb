import TestSupport
import Testing

/// The metrics of the bare binary, read as Prometheus does.
@Suite struct PrometheusTests {
  private let upstream: EvilUpstream
  private let daemon: Daemon
  private let port: UInt16

  init() throws {
    let (upstream, port) = (try EvilUpstream(), try freePort())
    let folder = try TemporaryFolder()
    let world = try folder.write(
      ManifestWorld(addresses: ["tea": "10.96.1.1"]).text, to: "world.yaml")
    daemon = try Daemon(folder: folder) { dnsPort in
      """
      .:\(dnsPort) {
          errors
          prometheus 127.0.0.1:\(port)
          cache
          kubernetes cluster.local {
              manifests \(world)
          }
          loop
          forward . \(upstream.text)
      }
      example.org:\(dnsPort) {
          prometheus 127.0.0.1:\(port)
          whoami
      }

      """
    }
    self.upstream = upstream
    self.port = port
    // It answers queries a moment before.
    let isListening = waitUntil(.seconds(60)) { Self.canConnect(to: port) }
    try #require(isListening, "nobody listens on port \(port)")
  }

  private static func canConnect(to port: UInt16) -> Bool {
    (try? TCPConnection(to: DNSClient(port: port))) != nil
  }

  private func ask(_ name: String, _ type: Query.Kind, byTCP: Bool = false) throws {
    let query = Query(name, type, payloadSize: 1232).bytes
    _ = byTCP ? try daemon.client.tcp(query) : try daemon.client.udp(query)
  }

  /// The page's lines; fails the test when there is no page.
  private func scrape() throws -> [String] {
    let page = try HTTPPage.wait(for: "/metrics", port: port)
    try #require(page.status == 200, "\(page.body.prefix(200))")
    return page.body.split(separator: "\n").map(String.init)
  }

  /// The sum of the series that begin with `name` and have all of `labels`.
  private func sum(_ name: String, _ labels: String...) throws -> Double {
    try scrape().filter { line in
      line.hasPrefix(name + "{") && labels.allSatisfy { line.contains($0) }
    }.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
  }

  @Test func `queries are counted by zone, transport, type and code`() throws {
    // Each from a port of its own: every worker has some of them.
    for _ in 0..<50 { try ask(ManifestWorld.name("tea"), .aaaa) }
    for _ in 0..<7 { try ask(ManifestWorld.name("tea"), .aaaa, byTCP: true) }
    for _ in 0..<5 { try ask(ManifestWorld.name("cake"), .txt) }
    for _ in 0..<3 { try ask("a.example.org.", .aaaa) }
    let requests = "coredns_dns_requests_total"
    #expect(try sum(requests, "zone=\".\"", "proto=\"udp\"", "type=\"AAAA\"") == 50)
    #expect(try sum(requests, "zone=\".\"", "proto=\"tcp\"", "type=\"AAAA\"") == 7)
    #expect(try sum(requests, "type=\"TXT\"", "family=\"1\"") == 5)
    #expect(try sum(requests, "zone=\"example.org.\"") == 3)
    let replies = "coredns_dns_responses_total"
    #expect(try sum(replies, "rcode=\"NXDOMAIN\"", "plugin=\"kubernetes\"") == 5)
    #expect(try sum(replies, "zone=\"example.org.\"", "plugin=\"whoami\"") == 3)
    let times = "coredns_dns_request_duration_seconds"
    #expect(try sum(times + "_count", "zone=\"example.org.\"") == 3)
    #expect(try sum(times + "_bucket", "zone=\"example.org.\"", "le=\"+Inf\"") == 3)
    #expect(try sum(times + "_sum", "zone=\"example.org.\"") > 0)
  }

  @Test func `upstreams and the cache are counted`() throws {
    for _ in 0..<4 { try ask("ok.metrics.test.", .a) }
    #expect(try sum("coredns_dns_responses_total", "plugin=\"cache\"") == 3)
    #expect(try sum("coredns_dns_responses_total", "plugin=\"forward\"") == 1)
    #expect(try sum("coredns_cache_hits_total", "type=\"success\"") == 3)
    // The workers' numbers of upstreams are published once in a second.
    let labels = "to=\"\(upstream.text)\""
    var number = 0
    let isCounted = try waitUntil(.seconds(60)) {
      number += 1
      try ask("ok.metrics\(number).test.", .a)
      return try sum(
        "coredns_proxy_request_duration_seconds_count", labels, "rcode=\"NOERROR\"") >= 1
    }
    #expect(isCounted)
  }

  @Test func `the label server has the port of the flag`() throws {
    let (dns, metrics, folder) = (try freePort(), try freePort(), try TemporaryFolder())
    let text = ". {\n prometheus 127.0.0.1:\(metrics)\n whoami\n}\n"
    let file = try folder.write(text, to: "Corefile")
    let server = try Daemon(
      folder: folder, port: dns, readiness: .answers,
      commandLine: ["-conf", file, "-dns.port", "\(dns)"])
    let isUp = waitUntil(.seconds(60)) { Self.canConnect(to: metrics) }
    try #require(isUp, "\(server.output)")
    let page = try HTTPPage.wait(for: "/metrics", port: metrics).body
    #expect(page.contains("server=\"dns://:\(dns)\""))
    #expect(!page.contains("server=\"dns://:53\""))
  }

  @Test func `queries that no server block is for are counted as dropped`() throws {
    let (metrics, folder) = (try freePort(), try TemporaryFolder())
    let server = try Daemon(folder: folder, readiness: .answers) { port in
      """
      example.org:\(port) {
          bind 127.0.0.1
          prometheus 127.0.0.1:\(metrics)
          whoami
      }
      example.net:\(port) {
          bind 127.0.0.2
          prometheus 127.0.0.1:\(metrics)
          whoami
      }

      """
    }
    let isUp = waitUntil(.seconds(60)) { Self.canConnect(to: metrics) }
    try #require(isUp, "\(server.output)")
    func counted(_ labels: String) throws -> Double {
      let page = try HTTPPage.wait(for: "/metrics", port: metrics).body
      return page.split(separator: "\n").filter {
        $0.hasPrefix("coredns_dns_responses_total{") && $0.contains(labels)
      }.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }
    let before = try counted("zone=\"dropped\"")
    for _ in 0..<20 {
      let reply = try ParsedMessage(server.client.udp(Query("example.net.", .a).bytes))
      #expect(reply.responseCode == 5)
    }
    #expect(try counted("zone=\"dropped\"") == before + 20)
    #expect(try counted("rcode=\"REFUSED\"") == before + 20)
    #expect(try counted("zone=\"example.net.\"") == 0)
  }

  /// `promtool` comes with Debian's package `prometheus`.
  @Test func `the page is what Prometheus wants`() throws {
    try ask(ManifestWorld.name("tea"), .a)
    try ask("ok.page.test.", .a)
    let folder = daemon.folder
    try folder.write(scrape().joined(separator: "\n") + "\n", to: "page.txt")
    let check = try ChildProcess(
      executable: "/bin/sh", arguments: ["-c", "promtool check metrics <page.txt"],
      folder: folder.path, standardOutput: folder.path("check.txt"),
      standardError: folder.path("problems.txt"))
    #expect(check.waitForEnd(.seconds(60)) == .exit(0))
    #expect(folder.read("check.txt") + folder.read("problems.txt") == "")
  }
}
