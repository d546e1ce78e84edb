import Foundation
import TestSupport
import Testing

/// What a reload hands over, and what it does not let go of, in the bare binary.
@Suite(.timeLimit(.minutes(10))) struct ReloadHandoverTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func started(_ corefile: @escaping (UInt16) -> String) throws -> Daemon {
    try Daemon(folder: folder, readiness: .answers, corefile: corefile)
  }

  /// Writes a Corefile and waits until it is served.
  private func serve(_ corefile: String, by daemon: Daemon) throws {
    let count = served(daemon)
    try folder.write(corefile, to: "Corefile")
    #expect(waitUntil(.seconds(60)) { served(daemon) > count }, "\(daemon.output)")
  }

  private func served(_ daemon: Daemon) -> Int {
    daemon.output.ranges(of: "serving the Corefile").count
  }

  private func code(_ daemon: Daemon, _ name: String) throws -> UInt16 {
    let reply = try daemon.client.udp(Query(name, .a).bytes, timeout: .seconds(10))
    return try ParsedMessage(reply).responseCode
  }

  @Test func `an equal line in a new block has a life of its own`() throws {
    let upstream = try EvilUpstream()
    func block(_ zone: String, _ port: UInt16) -> String {
      "\(zone):\(port) {\n reload 2s 0s\n forward . \(upstream.text)\n}\n"
    }
    let daemon = try started { block("one.test", $0) }
    #expect(try code(daemon, "ok.a.one.test.") == 0)
    try serve(block("one.test", daemon.port) + block("two.test", daemon.port), by: daemon)
    #expect(try code(daemon, "ok.a.two.test.") == 0)
    #expect(try code(daemon, "ok.b.one.test.") == 0)
    // The first of them goes, the second stays.
    try serve(block("two.test", daemon.port), by: daemon)
    #expect(try code(daemon, "ok.c.two.test.") == 0)
    #expect(try code(daemon, "ok.c.one.test.") == 5)
    try serve(block("two.test", daemon.port) + block("one.test", daemon.port), by: daemon)
    #expect(try code(daemon, "ok.d.one.test.") == 0)
    #expect(try code(daemon, "ok.d.two.test.") == 0)
  }

  @Test func `an equal hosts line in a new block is read too`() throws {
    let file = try folder.write("192.0.2.7 a.one.test a.two.test\n", to: "hosts")
    func block(_ zone: String, _ port: UInt16) -> String {
      "\(zone):\(port) {\n reload 2s 0s\n hosts \(file) . {\n  ttl 60\n }\n}\n"
    }
    let daemon = try started { block("one.test", $0) }
    #expect(try code(daemon, "a.one.test.") == 0)
    for _ in 0..<2 {
      try serve(block("one.test", daemon.port) + block("two.test", daemon.port), by: daemon)
      #expect(try code(daemon, "a.two.test.") == 0)
      #expect(try code(daemon, "a.one.test.") == 0)
      try serve(block("one.test", daemon.port), by: daemon)
      #expect(try code(daemon, "a.one.test.") == 0)
    }
  }

  @Test func `a page over HTTP moves to another address of its port, and back when that fails`()
    throws
  {
    let metrics = try freePort()
    func corefile(_ host: String, _ port: UInt16, _ more: String = "") -> String {
      ".:\(port) {\n reload 2s 0s\n prometheus \(host):\(metrics)\n whoami\n}\n\(more)"
    }
    func isThere() -> Bool { (try? HTTPPage.get("/metrics", port: metrics).status) == 200 }
    let daemon = try started { corefile("", $0) }
    #expect(waitUntil(.seconds(60)) { isThere() })
    let holder = try OccupiedPort()
    let other = ".:\(holder.port) {\n bind 127.0.0.1\n whoami\n}\n"
    try folder.write(corefile("127.0.0.1", daemon.port, other), to: "Corefile")
    #expect(waitUntil(.seconds(60)) { daemon.output.contains("is not served: listen") })
    #expect(waitUntil(.seconds(60)) { isThere() }, "\(daemon.output)")
    _ = consume holder
    #expect(waitUntil(.seconds(60)) { served(daemon) == 1 }, "\(daemon.output)")
    #expect(waitUntil(.seconds(60)) { isThere() })
  }

  @Test func `what is ready is not replaced by what is not`() throws {
    let world = try folder.write(ManifestWorld(addresses: ["tea": "10.96.1.1"]).text, to: "a.yaml")
    let nobody = try OccupiedPort()
    func corefile(_ port: UInt16, _ source: String) -> String {
      ".:\(port) {\n reload 2s 0s\n kubernetes cluster.local {\n  \(source)\n }\n}\n"
    }
    let daemon = try Daemon(folder: folder) { corefile($0, "manifests \(world)") }
    // Nobody accepts there.
    let silent = "endpoint http://127.0.0.1:\(nobody.port)\n  startup_timeout 1s"
    try folder.write(corefile(daemon.port, silent), to: "Corefile")
    #expect(waitUntil(.seconds(90)) { daemon.output.contains("kubernetes is not ready") })
    #expect(try code(daemon, ManifestWorld.name("tea")) == 0)
    try serve(corefile(daemon.port, "manifests \(world)\n  ttl 7"), by: daemon)
    #expect(try code(daemon, ManifestWorld.name("tea")) == 0)
  }

  @Test func `a Corefile that is gone for a while is waited for`() throws {
    let port = try freePort()
    let text = ". {\n reload 2s 0s\n any\n}\n"
    try folder.write(text, to: "Corefile")
    let daemon = try Daemon(
      folder: folder, port: port, readiness: .answers, commandLine: ["-dns.port", "\(port)"])
    #expect(try code(daemon, "example.org.") == 2)
    try FileManager.default.removeItem(atPath: folder.path("Corefile"))
    daemon.send(signal: SIGUSR1)
    #expect(waitUntil(.seconds(60)) { daemon.output.contains("plugin/reload: Corefile: ") })
    // Without a file CoreDNS's built-in one would be served, with whoami.
    #expect(try code(daemon, "example.org.") == 2)
    try serve(". {\n reload 2s 0s\n whoami\n}\n", by: daemon)
    #expect(try code(daemon, "example.org.") == 0)
  }

  @Test func `loops are looked for by the new set-up`() throws {
    let metrics = try freePort()
    func corefile(_ port: UInt16, _ more: String) -> String {
      """
      .:\(port) {
          reload 2s 0s
          prometheus 127.0.0.1:\(metrics)
          \(more)
          forward . 127.0.0.1:\(port)
      }

      """
    }
    func returned() -> Double {
      let page = (try? HTTPPage.get("/metrics", port: metrics).body) ?? ""
      let line = page.split(separator: "\n").first {
        $0.hasPrefix("swiftlet_loop_probes_returned_total{")
      }
      return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) } ?? 0
    }
    // Without loop a query would go round until all who wait are too many.
    let daemon = try started { corefile($0, "loop") }
    #expect(waitUntil(.seconds(60)) { daemon.output.contains("Loop detected") })
    try serve(corefile(daemon.port, "loop\n    bufsize 1232"), by: daemon)
    let before = returned()
    #expect(waitUntil(.seconds(60)) { returned() > before }, "\(daemon.output)")
    #expect(try code(daemon, "www.example.org.") == 2)
  }
}
