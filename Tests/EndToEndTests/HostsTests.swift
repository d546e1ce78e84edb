import Foundation
import TestSupport
import Testing

/// The bare binary with `hosts`, as k3s deploys it, asked by dig(1).
@Suite(.timeLimit(.minutes(10))) struct HostsTests {
  private let folder: TemporaryFolder
  private let metrics: UInt16

  init() throws {
    folder = try TemporaryFolder()
    metrics = try freePort()
    try folder.write(ManifestWorld(addresses: ["tea": "10.96.1.1"]).text, to: "world.yaml")
  }

  /// k3s's Corefile, in short; `hosts` is the directive's block.
  private func corefile(_ port: UInt16, _ hosts: String) -> String {
    """
    .:\(port) {
        kubernetes cluster.local in-addr.arpa ip6.arpa {
            manifests \(folder.path("world.yaml"))
            fallthrough in-addr.arpa ip6.arpa
        }
        hosts \(folder.path("NodeHosts")) {
            \(hosts)
        }
        prometheus 127.0.0.1:\(metrics)
        cache 30
        loop
        reload 2s 0s
        loadbalance
    }

    """
  }

  private func started(_ hosts: String = "ttl 60\nreload 1h\nfallthrough") throws -> Daemon {
    try Daemon(folder: folder) { corefile($0, hosts) }
  }

  /// What `dig` prints for these words.
  private func dig(_ daemon: Daemon, _ words: String) throws -> String {
    let process = try ChildProcess(
      executable: "/usr/bin/env",
      arguments: ["dig", "@127.0.0.1", "-p", "\(daemon.port)", "+tries=1", "+time=20"]
        + words.split(separator: " ").map(String.init),
      folder: folder.path, standardOutput: folder.path("dig.txt"),
      standardError: folder.path("dig-errors.txt"))
    #expect(process.waitForEnd(.seconds(60)) == .exit(0), "\(folder.read("dig-errors.txt"))")
    return folder.read("dig.txt")
  }

  private func short(_ daemon: Daemon, _ words: String) throws -> [String] {
    try dig(daemon, "+short \(words)").split(separator: "\n").map(String.init).sorted()
  }

  private func sample(_ name: String) throws -> String? {
    try HTTPPage.wait(for: "/metrics", port: metrics).body.split(separator: "\n")
      .first { $0.hasPrefix(name) }?.split(separator: " ").last.map(String.init)
  }

  @Test func `names, addresses and what does not fit a datagram`() throws {
    let many = (1...100).map { "10.0.0.\($0) many.example\n" }.joined()
    try folder.write(
      "192.168.1.5 Node-1 node-1.lan # server\nfd00::5 node-1\n\(many)", to: "NodeHosts")
    let daemon = try started()
    #expect(try short(daemon, "node-1 A") == ["192.168.1.5"])
    #expect(try short(daemon, "NODE-1.lan. A") == ["192.168.1.5"])
    #expect(try short(daemon, "node-1 AAAA") == ["fd00::5"])
    #expect(try short(daemon, "-x 192.168.1.5") == ["node-1.", "node-1.lan."])
    #expect(try short(daemon, "-x fd00::5") == ["node-1."])
    // The first datagram is truncated: dig asks again over TCP.
    #expect(try short(daemon, "+noedns many.example A").count == 100)
    let text = try dig(daemon, "node-1 TXT")
    #expect(text.contains("status: NOERROR") && text.contains("flags: qr aa rd;"))
    #expect(text.contains("ANSWER: 0, AUTHORITY: 0"))
    #expect(try dig(daemon, "node-1 A").contains("node-1.\t\t\t60\tIN\tA\t192.168.1.5"))
    #expect(try short(daemon, "\(ManifestWorld.name("tea")) A") == ["10.96.1.1"])
  }

  @Test func `the file is changed while it is served`() throws {
    try folder.write("192.168.1.5 node-1\n", to: "NodeHosts")
    let daemon = try started()
    #expect(try short(daemon, "node-1 A") == ["192.168.1.5"])
    let label = "coredns_hosts_entries{hostsfile=\"\(folder.path("NodeHosts"))\"}"
    #expect(try sample(label) == "2")
    let before = try #require(Double(sample("coredns_hosts_reload_timestamp_seconds") ?? ""))
    // A node more: long before the interval has passed, and no query is lost on the way.
    try folder.replace("NodeHosts", with: "192.168.1.5 node-1\n192.168.1.6 node-2\n")
    var lostCount = 0
    let isThere = try waitUntil(.seconds(60)) {
      lostCount += try short(daemon, "node-1 A") == ["192.168.1.5"] ? 0 : 1
      return try short(daemon, "node-2 A") == ["192.168.1.6"]
    }
    #expect(isThere, "\(daemon.output)")
    #expect(lostCount == 0)
    #expect(try sample(label) == "4")
    let after = try #require(Double(sample("coredns_hosts_reload_timestamp_seconds") ?? ""))
    #expect(after >= before)
    // A file that goes is told and leaves the entries.
    try FileManager.default.removeItem(atPath: folder.path("NodeHosts"))
    #expect(waitUntil(.seconds(60)) { daemon.output.contains("its entries stay") })
    #expect(try short(daemon, "node-2 A") == ["192.168.1.6"])
  }

  @Test func `a reload of the Corefile keeps or changes the entries as it says`() throws {
    try folder.write("192.168.1.5 node-1\n", to: "NodeHosts")
    let daemon = try started()
    let same = corefile(daemon.port, "ttl 60\nreload 1h\nfallthrough")
    try folder.replace("Corefile", with: same.replacing("cache 30", with: "cache 60"))
    #expect(waitUntil(.seconds(60)) { daemon.output.contains("serving the Corefile") })
    #expect(try short(daemon, "node-1 A") == ["192.168.1.5"])
    // The thread that follows the file is still the one from before.
    try folder.replace("NodeHosts", with: "192.168.1.7 node-1\n")
    #expect(try waitUntil(.seconds(60)) { try short(daemon, "node-1 A") == ["192.168.1.7"] })
    try folder.replace(
      "Corefile", with: corefile(daemon.port, "ttl 7\n192.168.49.1 host.minikube.internal"))
    #expect(
      try waitUntil(.seconds(60)) {
        try short(daemon, "host.minikube.internal A") == ["192.168.49.1"]
      })
    #expect(try dig(daemon, "node-1 A").contains("node-1.\t\t\t7\tIN\tA\t192.168.1.7"))
    try folder.replace("NodeHosts", with: "192.168.1.8 node-1\n")
    #expect(try waitUntil(.seconds(60)) { try short(daemon, "node-1 A") == ["192.168.1.8"] })
    // Without `fallthrough` other names fail.
    #expect(try dig(daemon, "none.example A").contains("status: SERVFAIL"))
  }
}
