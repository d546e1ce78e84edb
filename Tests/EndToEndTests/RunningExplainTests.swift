import Foundation
import Glibc
import TestSupport
import Testing

/// The running server explains what it serves at the time.
@Suite(.timeLimit(.minutes(10))) struct RunningExplainTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(ManifestWorld(addresses: ["tea": "10.96.1.1"]).text, to: "world.yaml")
  }

  private func corefile(_ port: UInt16, _ more: String) -> String {
    """
    .:\(port) {
        errors
        kubernetes cluster.local {
            manifests \(folder.path("world.yaml"))
        }
    \(more)
    }

    """
  }

  private func server(_ more: String) throws -> StatusServer {
    let server = try StatusServer(folder: folder) { corefile($0, more) }
    try #require(server.isServing)
    return server
  }

  private func lines(_ result: CommandResult) -> [String] {
    #expect(result.end == .exit(0), "\(result.standardError)")
    return result.standardOutput.split(separator: "\n").map {
      String($0.drop { $0 == " " })
    }
  }

  // MARK: - What is served

  @Test func `a change of the cluster is seen, and one of the Corefile`() throws {
    let server = try server("")
    let name = ManifestWorld.name("pot")
    #expect(
      try lines(server.explain(name)).contains("Service pot: does not exist in namespace shop"))
    try folder.write(
      ManifestWorld(addresses: ["tea": "10.96.1.1", "pot": "10.96.1.2"]).text, to: "world.yaml")
    let isSeen = waitUntil(.seconds(60)) {
      (try? server.explain(name).standardOutput.contains("10.96.1.2")) == true
    }
    #expect(isSeen)
    let explained = try lines(server.explain(name))
    #expect(explained.contains("Service pot: cluster IP 10.96.1.2, ports http/tcp"))
    #expect(explained.contains("answer: NOERROR by kubernetes"))

    #expect(try lines(server.explain("www.example.")).contains("answer: SERVFAIL by the server"))
    try folder.write(corefile(server.daemon.port, "    whoami"), to: "Corefile")
    server.daemon.send(signal: SIGUSR1)
    let isServed = waitUntil(.seconds(60)) {
      (try? server.explain("www.example.").standardOutput.contains("whoami  <- answers")) == true
    }
    #expect(isServed, "\(server.daemon.output)")
  }

  @Test func `the search path of a Pod's namespace is walked`() throws {
    let server = try server("")
    let explained = try lines(server.explain("tea", "--namespace", "shop"))
    #expect(
      explained.contains(
        "tea.shop.svc.cluster.local. NOERROR by kubernetes, the resolver stops here"))
    #expect(explained.contains("tea.svc.cluster.local. NXDOMAIN by kubernetes, not asked"))
  }

  // MARK: - Upstreams and cache

  @Test func `an upstream is really asked, and then the cache answers`() throws {
    let upstream = try EvilUpstream()
    let server = try server("    cache\n    forward . \(upstream.text)")
    let first = try lines(server.explain("ok.live.test."))
    #expect(first.contains("answer: forward would be asked"))
    #expect(first.contains("no entry for this question"))
    let asked = try #require(first.first { $0.hasPrefix("asked ") }, "\(first)")
    #expect(asked.hasPrefix("asked 127.0.0.1:\(server.daemon.port) over UDP: NOERROR in "))
    #expect(asked.hasSuffix(" ms"))
    #expect(upstream.received(for: "ok.live.test.").count == 1)
    let second = try lines(server.explain("ok.live.test."))
    #expect(second.contains("answer: NOERROR by cache"))
    #expect(second.contains { $0.hasPrefix("an answer, ") && $0.contains(" kept ") })
    #expect(second.contains { $0.hasSuffix("s left: answered from it") })
    #expect(!second.contains { $0.hasPrefix("asked ") })
    #expect(upstream.received(for: "ok.live.test.").count == 1, "not asked again")
    var number = 0
    let isKnown = waitUntil(.seconds(60)) {
      number += 1
      let lines = (try? lines(server.explain("ok.more\(number).test."))) ?? []
      return lines.contains {
        $0.hasPrefix("\(upstream.text): up; last reply ") && $0.contains("NOERROR in ")
      }
    }
    #expect(isKnown)
  }

  @Test func `what is cut over UDP is asked over TCP`() throws {
    let upstream = try EvilUpstream()
    let server = try server("    forward . \(upstream.text)")
    let object = try JSONSerialization.jsonObject(
      with: Data(
        server.explain("tc.live.test.", "--format", "json").standardOutput.utf8))
    let asked = try #require((object as? [String: Any])?["asked"] as? [String: Any])
    #expect(asked["transport"] as? String == "TCP", "\(asked)")
  }

  @Test func `a dead upstream is shown, with the error`() throws {
    let upstream = try EvilUpstream()
    upstream.stop()
    let server = try server("    forward . \(upstream.text)")
    let explained = try lines(server.explain("ok.dead.test."))
    #expect(explained.contains { $0.hasPrefix("asked ") && $0.contains(": SERVFAIL in ") })
    #expect(explained.contains { $0.hasPrefix("error 2") })
    let isDown = waitUntil(.seconds(60)) {
      let lines = (try? lines(server.explain("ok.dead.test."))) ?? []
      return lines.contains {
        $0.hasPrefix("\(upstream.text): down") && $0.contains("no reply yet; last failure ")
      }
    }
    #expect(isDown)
    #expect(try server.failures().contains { $0["name"] as? String == "ok.dead.test." })
  }

  @Test func `one is explained at a time, and a silent upstream holds nobody up for long`() throws {
    let upstream = try EvilUpstream { _ in [] }
    let server = try server("    forward . \(upstream.text)")
    let waiting = try ChildProcess(
      executable: SwiftletBinary.path(),
      arguments: ["explain", "--running", server.address, "slow.test."], folder: folder.path,
      standardOutput: folder.path("first.txt"), standardError: folder.path("error.txt"))
    #expect(waitUntil(.seconds(60)) { !upstream.received(for: "slow.test.").isEmpty })
    #expect(try server.page("/explain?name=\(ManifestWorld.name("tea"))").status == 429)
    #expect(try server.page("/failures").status == 200, "other pages are there meanwhile")
    #expect(waiting.waitForEnd(.seconds(30)) == .exit(0))
    let first = folder.read("first.txt")
    #expect(first.contains("over UDP: SERVFAIL in "), "\(first)")
    #expect(try server.page("/explain?name=\(ManifestWorld.name("tea"))").status == 200)
  }

  @Test func `a name that a resolver does not come to is not told to an upstream`() throws {
    let upstream = try EvilUpstream()
    let server = try server("    forward . \(upstream.text)")
    let explained = try lines(server.explain("tea.shop"))
    #expect(
      explained.contains("not asked: a resolver stops before it, on its search path"),
      "\(explained)")
    #expect(upstream.received(for: "tea.shop.").isEmpty)
  }

  @Test func `looking leaves no traces but those of the question that is asked`() throws {
    let upstream = try EvilUpstream()
    let metrics = try freePort()
    let server = try server(
      "    log\n    prometheus 127.0.0.1:\(metrics)\n    cache\n    forward . \(upstream.text)")
    for _ in 0..<5 { _ = try server.explain("tea.shop", "--namespace", "shop") }
    _ = try server.explain(ManifestWorld.name("none"))
    let page = try HTTPPage.wait(for: "/metrics", port: metrics).body
    // The one that the test's own start asked.
    let requests = page.split(separator: "\n").filter {
      $0.hasPrefix("coredns_dns_requests_total{") || $0.hasPrefix("coredns_cache_requests_total{")
    }
    let sum = requests.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
      .reduce(0, +)
    #expect(sum <= 2, "\(requests)")
    #expect(!server.daemon.output.contains("tea.shop"))
    _ = try server.explain("ok.trace.test.")
    #expect(waitUntil(.seconds(60)) { server.daemon.output.contains("\"A IN ok.trace.test. udp") })
  }

  // MARK: - The command

  @Test func `where nothing listens there is one line and status 1`() throws {
    let port = try freePort()
    let result = try CommandResult.run(
      ["explain", "-running", "127.0.0.1:\(port)", "www.example."], in: folder)
    #expect(result.end == .exit(1))
    #expect(result.standardOutput.isEmpty)
    #expect(result.errorLines.count == 1, "\(result.errorLines)")
    #expect(result.standardError.contains("nothing answers at 127.0.0.1:\(port)"))
  }

  @Test func `what the server does not understand is status 1 with its words`() throws {
    let server = try server("")
    let result = try server.explain("a.example.", "-dns.port", "9")
    #expect(result.end == .exit(1))
    #expect(result.standardError.contains("no server block is on port 9"), "\(result)")
  }

  @Test(arguments: [
    ["explain"], ["explain", "--running"], ["explain", "a", "A", "b"],
    ["explain", "--running", "127.0.0.1:9", "a", "A", "b"],
    ["explain", "--running", "-conf", "Corefile", "a"],
  ])
  func `words that mean nothing are refused`(words: [String]) throws {
    let result = try CommandResult.run(words, in: folder)
    #expect(result.end != .exit(0))
    #expect(result.standardOutput.isEmpty)
    #expect(!result.standardError.isEmpty)
  }

  @Test func `offline it says that it does not ask`() throws {
    let file = try folder.write(corefile(53, "    forward . 192.0.2.1"), to: "Corefile")
    let result = try CommandResult.run(
      ["explain", "-conf", file, "--ask", "www.example."], in: folder)
    #expect(lines(result).contains { $0.hasPrefix("not asked: no server runs here") })
    #expect(lines(result).contains("192.0.2.1:53: not asked yet"))
  }
}
