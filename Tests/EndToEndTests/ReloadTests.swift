import Glibc
import Synchronization
import TestSupport
import Testing

/// The bare binary goes over to a changed Corefile.
@Suite(.timeLimit(.minutes(10))) struct ReloadTests {
  private let metrics: UInt16
  private let folder: TemporaryFolder

  init() throws {
    metrics = try freePort()
    folder = try TemporaryFolder()
    try folder.write(ManifestWorld(addresses: ["tea": "10.96.1.1"]).text, to: "world.yaml")
  }

  /// A Corefile; `extra` goes in before the end of its block.
  private func corefile(_ port: UInt16, _ extra: String = "reload 2s 0s") -> String {
    """
    .:\(port) {
        prometheus 127.0.0.1:\(metrics)
        kubernetes cluster.local {
            manifests \(folder.path("world.yaml"))
        }
        \(extra)
    }

    """
  }

  private func started(_ extra: String = "reload 2s 0s") throws -> Daemon {
    try Daemon(folder: folder) { corefile($0, extra) }
  }

  private func sample(_ name: String) throws -> String? {
    let page = try HTTPPage.wait(for: "/metrics", port: metrics)
    return page.body.split(separator: "\n").first { $0.hasPrefix(name) }
      .flatMap { $0.split(separator: " ").last.map(String.init) }
  }

  private func answers(_ client: DNSClient) throws -> Bool {
    let reply = try client.udp(Query(ManifestWorld.name("tea"), .a).bytes)
    return try ParsedMessage(reply).records.map(\.data) == ["10.96.1.1"]
  }

  // MARK: - Served

  @Test func `a new block is served, and what stays keeps its counters`() throws {
    let daemon = try started()
    for _ in 0..<5 { #expect(try answers(daemon.client)) }
    let other = try freePort()
    try folder.write(
      corefile(daemon.port) + ".:\(other) {\n    whoami\n}\n", to: "Corefile")
    let isServed = waitUntil(.seconds(60)) {
      (try? DNSClient(port: other).udp(Query("whoami.example.", .a).bytes, timeout: .seconds(1)))
        != nil
    }
    #expect(isServed, "\(daemon.output)")
    #expect(try answers(daemon.client))
    let count = try sample("coredns_dns_requests_total{")
    #expect(Int(count ?? "") ?? 0 >= 6, "counters go on: \(count ?? "none")")
    #expect(try sample("coredns_reload_failed_total") == "0")
    // The objects are those from before: nothing was loaded again.
    try folder.write(corefile(daemon.port), to: "Corefile")
    let isGone = waitUntil(.seconds(60)) {
      (try? DNSClient(port: other).tcp(Query("whoami.example.", .a).bytes, timeout: .seconds(1)))
        == nil
    }
    #expect(isGone, "\(daemon.output)")
    #expect(try answers(daemon.client))
  }

  @Test func `a Corefile with errors is told and changes nothing`() throws {
    let daemon = try started()
    let digest = try sample("coredns_reload_version_info")
    try folder.write(corefile(daemon.port, "reload 2s 0s\n    cash"), to: "Corefile")
    #expect(waitUntil(.seconds(60)) { daemon.output.contains("there is no plugin \"cash\"") })
    #expect(daemon.output.contains(":7:5: error: "))
    #expect(waitUntil(.seconds(60)) { (try? sample("coredns_reload_failed_total")) == "1" })
    #expect(try answers(daemon.client))
    #expect(try sample("coredns_reload_version_info") == digest)
    // The same text again is no news.
    try folder.write(corefile(daemon.port, "reload 2s 0s\n    cash"), to: "Corefile")
    try folder.write(corefile(daemon.port, "reload 2s 0s\n    whoami"), to: "Corefile")
    #expect(waitUntil(.seconds(60)) { daemon.output.contains("serving the Corefile") })
    #expect(try sample("coredns_reload_failed_total") == "1")
  }

  @Test func `a port that is taken is tried again until it is free`() throws {
    let daemon = try started()
    let holder = try OccupiedPort()
    let port = holder.port
    try folder.write(
      corefile(daemon.port) + ".:\(port) {\n    bind 127.0.0.1\n    whoami\n}\n", to: "Corefile")
    #expect(waitUntil(.seconds(60)) { daemon.output.contains("is not served: listen") })
    #expect(try answers(daemon.client))
    _ = consume holder
    let isServed = waitUntil(.seconds(40)) {
      (try? DNSClient(port: port).udp(Query("whoami.example.", .a).bytes, timeout: .seconds(1)))
        != nil
    }
    #expect(isServed, "\(daemon.output)")
  }

  @Test func `SIGUSR1 reloads where nothing is followed`() throws {
    let daemon = try started("")
    let other = try freePort()
    try folder.write(
      corefile(daemon.port, "") + ".:\(other) {\n    whoami\n}\n", to: "Corefile")
    daemon.send(signal: SIGUSR1)
    let isServed = waitUntil(.seconds(60)) {
      (try? DNSClient(port: other).udp(Query("whoami.example.", .a).bytes, timeout: .seconds(1)))
        != nil
    }
    #expect(isServed, "\(daemon.output)")
    // SIGHUP and SIGUSR2 are nothing to it.
    daemon.send(signal: SIGHUP)
    daemon.send(signal: SIGUSR2)
    #expect(try answers(daemon.client))
    daemon.send(signal: SIGTERM)
    #expect(daemon.waitForEnd() == .exit(0))
  }

  @Test func `SIGUSR1 counts from the moment the server says that it is there`() throws {
    let daemon = try Daemon(folder: folder, readiness: .started) { corefile($0) }
    let isThere = waitUntil(.seconds(60), every: .milliseconds(1)) {
      daemon.output.contains("Swiftlet-")
    }
    try #require(isThere, "\(daemon.output)")
    daemon.send(signal: SIGUSR1)
    let isServed = waitUntil(.seconds(60)) { daemon.output.contains("serving the Corefile") }
    #expect(isServed, "\(daemon.output)")
    // Its parts run once: the page is there, and goes on.
    #expect(try sample("coredns_reload_failed_total") == "0", "\(daemon.output)")
    #expect(try answers(daemon.client))
  }

  // MARK: - Under load

  @Test func `no query is lost over twenty reloads`() throws {
    let daemon = try started()
    let queries = (0..<300).map { number in
      Query(ManifestWorld.name("tea"), .a, id: UInt16(number + 1)).bytes
    }
    var lost = 0
    for round in 0..<20 {
      let end = daemon.output.ranges(of: "serving the Corefile").count
      try folder.write(
        corefile(daemon.port, "reload 2s 0s\n    loadbalance\n    # \(round)"), to: "Corefile")
      daemon.send(signal: SIGUSR1)
      let isOver = waitUntil(.seconds(20), every: .milliseconds(1)) {
        lost += (try? QueryBurst.ask(queries, of: daemon.client).count { $0 == nil }) ?? 300
        return daemon.output.ranges(of: "serving the Corefile").count > end
      }
      #expect(isOver, "\(daemon.output)")
    }
    #expect(lost == 0)
  }
}
