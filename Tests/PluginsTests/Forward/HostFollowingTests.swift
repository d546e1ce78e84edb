import DNSWire
import PluginChain
import Plugins
import TestSupport
import Testing
import Upstreams

/// Upstreams by host name: asking for addresses, and asking again.
@Suite struct HostFollowingTests {
  private static let host = "dns.example."

  /// A run with a name server that says `first` of A and NODATA of AAAA, unless `prepared` says
  /// more.
  private static func run(
    _ targets: String, _ first: FakeNameServer.Answer,
    _ change: (inout UpstreamFollower.Settings) -> Void = { _ in },
    _ body: (FollowerRun, FakeNameServer) async throws -> Void
  ) async throws {
    let server = try FakeNameServer()
    defer { server.stop() }
    server.set(host, .a, first)
    server.set(host, .aaaa, .code(0))
    let run = try FollowerRun(targets, "resolver \(server.text)", change)
    try await body(run, server)
  }

  /// Lookups follow each other at once.
  private static func hurried(_ settings: inout UpstreamFollower.Settings) {
    settings.hostBounds = 1_000_000...1_000_000
  }

  @Test func `all addresses of both families are upstreams`() async throws {
    try await Self.run("192.0.2.9 dns.example:54", .addresses(["192.0.2.2", "192.0.2.1"], ttl: 9)) {
      run, server in
      server.set(Self.host, .aaaa, .addresses(["2001:db8::1"], ttl: 9))
      #expect(run.upstreams == ["192.0.2.9:53"])
      try await run.follower.prepare(.serve)
      #expect(
        run.upstreams == ["192.0.2.9:53", "192.0.2.1:54", "192.0.2.2:54", "[2001:db8::1]:54"])
      #expect(run.log.lines.isEmpty)
    }
  }

  @Test func `the name of a TLS host is the name in its certificate`() async throws {
    try await Self.run("tls://dns.example", .addresses(["192.0.2.1"], ttl: 9)) { run, _ in
      try await run.follower.prepare(.serve)
      let upstreams = run.follower.directory.current().upstreams
      #expect(upstreams.map(\.text) == ["tls://192.0.2.1:853"])
      #expect(upstreams.map(\.transport) == [.tls(serverName: "dns.example")])
    }
  }

  @Test(arguments: [
    (
      FakeNameServer.Answer.alias("a.example.", ttl: 9, ["192.0.2.5"], targetTTL: 9), "192.0.2.5:53"
    ),
    (.long(["192.0.2.6"], ttl: 9), "192.0.2.6:53"),
    (.forged(["192.0.2.66"], then: ["192.0.2.7"]), "192.0.2.7:53"),
  ])
  func `an answer is believed`(answer: FakeNameServer.Answer, upstream: String) async throws {
    try await Self.run("dns.example", answer) { run, _ in
      try await run.follower.prepare(.serve)
      #expect(run.upstreams == [upstream])
    }
  }

  @Test func `localhost is asked of nobody`() async throws {
    let run = try FollowerRun("localhost:54")
    try await run.follower.prepare(.serve)
    #expect(run.upstreams == ["127.0.0.1:54", "[::1]:54"])
  }

  @Test func `a server that does not answer is followed by the next`() async throws {
    let (silent, server) = (try FakeNameServer(), try FakeNameServer())
    defer {
      silent.stop()
      server.stop()
    }
    silent.set(Self.host, .a, .silent)
    silent.set(Self.host, .aaaa, .code(2))
    server.set(Self.host, .a, .addresses(["192.0.2.1"], ttl: 9))
    server.set(Self.host, .aaaa, .addresses(["2001:db8::1"], ttl: 9))
    let run = try FollowerRun("dns.example", "resolver \(silent.text) \(server.text)")
    try await run.follower.prepare(.serve)
    #expect(run.upstreams == ["192.0.2.1:53", "[2001:db8::1]:53"])
    #expect(silent.count(Self.host, .a) >= 1 && silent.count(Self.host, .aaaa) >= 1)
  }

  // MARK: - Starting

  @Test(arguments: [
    (FakeNameServer.Answer.code(3), "it has no address"), (.code(0), "it has no address"),
    (.code(2), "SERVER: SERVFAIL"), (.code(5), "SERVER: REFUSED"), (.silent, "SERVER: no reply"),
    (.alias("a.example.", ttl: 9, [], targetTTL: 9), "it has no address"),
    (.alias("dns.example.", ttl: 9, [], targetTTL: 9), "SERVER: more than 8 aliases"),
  ])
  func `a host without address ends the start`(
    answer: FakeNameServer.Answer, reason: String
  ) async throws {
    try await Self.run("dns.example:54", answer, { $0.startLimit = 3_000_000_000 }) { run, server in
      let words = reason.replacing("SERVER", with: server.text)
      let message = "Corefile:2:11: error: dns.example:54: \(words)"
      #expect(await run.startFailure() == message)
      #expect(server.count(Self.host, .a) > 0)
      #expect(run.follower.directory.generation == 0)
    }
  }

  @Test func `the start waits for a host`() async throws {
    // Each lookup asks twice.
    let answer = FakeNameServer.Answer.late(4, ["192.0.2.1"])
    try await Self.run("dns.example", answer, { $0.startLimit = 60_000_000_000 }) { run, server in
      try await run.follower.prepare(.serve)
      #expect(run.upstreams == ["192.0.2.1:53"])
      #expect(server.count(Self.host, .a) >= 5)
    }
  }

  @Test func `without a name server nothing is found`() async throws {
    let run = try FollowerRun("dns.example") { $0.startLimit = 1 }
    let message = "Corefile:2:11: error: dns.example: there is no name server to ask"
    #expect(await run.startFailure() == message)
  }

  @Test func `other upstreams let the start go on, and the host joins them`() async throws {
    let limit: (inout UpstreamFollower.Settings) -> Void = { $0.startLimit = 3_000_000_000 }
    try await Self.run("192.0.2.9 dns.example", .code(2), limit) { run, server in
      try await run.following {
        #expect(run.upstreams == ["192.0.2.9:53"])
        #expect(
          run.log.lines == [
            "[WARNING] plugin/forward: dns.example: \(server.text): SERVFAIL; starting without it, "
              + "it is tried again"
          ])
        server.set(Self.host, .a, .addresses(["192.0.2.1"], ttl: 9))
        await run.expect(["192.0.2.9:53", "192.0.2.1:53"])
        await run.expectLine("[INFO] plugin/forward: dns.example. is now at 192.0.2.1")
        #expect(run.log.lines.count == 2)
      }
    }
  }

  // MARK: - Following

  @Test func `a host is looked up again`() async throws {
    try await Self.run("dns.example", .addresses(["192.0.2.1"], ttl: 0), Self.hurried) {
      run, server in
      try await run.following {
        let isAsked = await eventually { server.count(Self.host, .a) > 3 }
        #expect(isAsked && run.follower.directory.generation == 1 && run.log.lines.isEmpty)
        // The order of an answer means nothing.
        server.set(Self.host, .a, .addresses(["192.0.2.2", "192.0.2.1"], ttl: 0))
        await run.expect(["192.0.2.1:53", "192.0.2.2:53"])
        server.set(Self.host, .aaaa, .addresses(["2001:db8::1"], ttl: 0))
        await run.expect(["192.0.2.1:53", "192.0.2.2:53", "[2001:db8::1]:53"])
        server.set(Self.host, .a, .code(0))
        await run.expect(["[2001:db8::1]:53"])
        #expect(run.follower.directory.generation == 4)
        #expect(run.log.lines.last == "[INFO] plugin/forward: dns.example. is now at 2001:db8::1")
      }
    }
  }

  @Test(arguments: [
    (FakeNameServer.Answer.code(2), "SERVER: SERVFAIL"), (.code(3), "it has no address"),
  ])
  func `a host that is not found keeps its addresses`(
    answer: FakeNameServer.Answer, reason: String
  ) async throws {
    try await Self.run("dns.example", .addresses(["192.0.2.1"], ttl: 0), Self.hurried) {
      run, server in
      try await run.following {
        server.set(Self.host, .a, answer)
        let words = reason.replacing("SERVER", with: server.text)
        await run.expectLine(
          "[WARNING] plugin/forward: dns.example.: \(words); the addresses it had stay")
        #expect(run.upstreams == ["192.0.2.1:53"])
        server.set(Self.host, .a, .addresses(["192.0.2.1"], ttl: 0))
        await run.expectLine("[INFO] plugin/forward: dns.example. is found again")
        #expect(run.log.lines.count == 2 && run.follower.directory.generation == 1)
      }
    }
  }

  @Test func `a family that cannot be told keeps its addresses`() async throws {
    try await Self.run("dns.example", .addresses(["192.0.2.1"], ttl: 0), Self.hurried) {
      run, server in
      server.set(Self.host, .aaaa, .addresses(["2001:db8::1"], ttl: 0))
      try await run.following {
        #expect(run.upstreams == ["192.0.2.1:53", "[2001:db8::1]:53"])
        server.set(Self.host, .aaaa, .code(2))
        server.set(Self.host, .a, .addresses(["192.0.2.2"], ttl: 0))
        await run.expect(["192.0.2.2:53", "[2001:db8::1]:53"])
      }
    }
  }

  @Test func `the end does not wait for a silent server`() async throws {
    try await Self.run("dns.example", .addresses(["192.0.2.1"], ttl: 0), Self.hurried) {
      run, server in
      try await run.following {
        server.set(Self.host, .a, .silent)
        let count = server.count(Self.host, .a)
        let isAsked = await eventually { server.count(Self.host, .a) > count }
        #expect(isAsked)
      }
    }
  }
}
