import DNSWire
import PluginChain
import Plugins
import Testing

/// Entries that have expired (RFC 8767).
@Suite struct CacheStaleTests {
  static let name = "www.example."
  static let fresh = ["www.example. 10 A 192.0.2.1"]
  static let stale = ["www.example. 30 A 192.0.2.1"]

  /// A bench whose entry expired one second ago; the upstream answers by `script` from now on.
  private static func expired(
    _ directive: String, _ script: @escaping FakeUpstream.Script
  ) throws -> CacheBench {
    var bench = try CacheBench(directive) { _, _, _ in FakeReply(answer: [.a(name, 10)]) }
    _ = try bench.ask(ask)
    bench.pass(seconds: 11)
    bench.upstream.become(script)
    return bench
  }

  /// With EDNS, so that errors are told.
  static let ask = Ask(name, .a, .tcp, payload: 1232)

  private static let newer = FakeReply(answer: [.a(name, 10, 2)])

  // MARK: - immediate

  @Test func `immediate answers at once and asks for a refresh once`() throws {
    var bench = try Self.expired("cache {\n serve_stale\n}") { _, _, _ in Self.newer }
    let reply = try #require(try bench.ask(Self.ask))
    #expect(reply.answer == Self.stale)
    #expect(reply.extendedError == 3)
    #expect(bench.upstream.count == 1)
    let height = bench.exchange.refreshHeight
    #expect(height == 2)
    #expect(try bench.ask(Self.ask)?.answer == Self.stale)
    let again = bench.exchange.refreshHeight
    #expect(again == 0, "one refresh at a time")
    bench.exchange.refreshHeight = height
    try bench.mustRefresh()
    let after = try #require(try bench.ask(Self.ask))
    #expect(after.answer == ["www.example. 10 A 192.0.2.2"])
    #expect(after.extendedError == nil)
    #expect(bench.upstream.count == 2)
    #expect(bench.metric("coredns_cache_served_stale_total") == 2)
    #expect(bench.metric("coredns_cache_prefetch_total") == 1)
  }

  @Test func `a refresh that never came back is given up`() throws {
    var bench = try Self.expired("cache {\n serve_stale\n}") { _, _, _ in Self.newer }
    _ = try bench.ask(Self.ask)
    bench.pass(seconds: 9.9)
    _ = try bench.ask(Self.ask)
    let early = bench.exchange.refreshHeight
    #expect(early == 0)
    bench.pass(seconds: 0.2)
    _ = try bench.ask(Self.ask)
    let late = bench.exchange.refreshHeight
    #expect(late == 2)
  }

  @Test(arguments: [("serve_stale", 30.0), ("serve_stale 1h immediate 30s 2m", 120)])
  func `after a failed refresh nobody asks for a while`(option: String, seconds: Double) throws {
    var bench = try Self.expired("cache {\n \(option)\n}") { _, _, _ in .failure }
    _ = try bench.ask(Self.ask)
    try bench.mustRefresh()
    for (pause, isDue) in [(seconds - 0.1, false), (0.2, true)] {
      bench.pass(seconds: pause)
      #expect(try bench.ask(Self.ask)?.answer == Self.stale)
      let height = bench.exchange.refreshHeight
      #expect((height != 0) == isDue)
    }
    #expect(bench.upstream.count == 2)
  }

  @Test(arguments: [
    ("serve_stale", 3599.0, 1), ("serve_stale", 3600, 2), ("serve_stale 10s", 9.9, 1),
    ("serve_stale 10s", 10, 2), ("serve_stale 0s", 0.5, 2),
  ])
  func `an entry is stale for so long`(option: String, seconds: Double, count: Int) throws {
    var bench = try Self.expired("cache {\n \(option)\n}") { _, _, _ in Self.newer }
    bench.pass(seconds: seconds - 1)
    let reply = try #require(try bench.ask(Self.ask))
    #expect(bench.upstream.count == count)
    #expect(reply.extendedError == (count == 1 ? 3 : nil))
  }

  @Test(arguments: [("0s", 0), ("1s", 1), ("2m", 120)])
  func `the TTL of stale records can be chosen`(text: String, ttl: Int) throws {
    var bench = try Self.expired("cache {\n serve_stale 1h immediate \(text)\n keepttl\n}") {
      _, _, _ in Self.newer
    }
    #expect(try bench.ask(Self.ask)?.answer == ["www.example. \(ttl) A 192.0.2.1"])
  }

  // MARK: - verify

  @Test func `verify asks first, and an answer is the answer`() throws {
    var bench = try Self.expired("cache {\n serve_stale 1h verify\n}") { _, _, _ in Self.newer }
    let reply = try #require(try bench.ask(Self.ask))
    #expect(reply.answer == ["www.example. 10 A 192.0.2.2"])
    #expect(reply.extendedError == nil)
    let hurryAt = bench.exchange.hurryAt
    #expect(hurryAt == .max, "no limit was set")
  }

  @Test(arguments: [ResponseCode.serverFailure, .refused, .notImplemented], [true, false])
  func `verify answers from the entry when asking fails`(
    code: ResponseCode, isKeepable: Bool
  ) throws {
    for directive in ["cache", "cache {\n serve_stale 1h verify 1s\n}"] {
      var bench = try Self.expired(directive) { _, _, _ in
        FakeReply(code: code, isKeepable: isKeepable)
      }
      let reply = try #require(try bench.ask(Self.ask))
      #expect(reply.code == .noError)
      #expect(reply.answer == Self.stale)
      #expect(reply.extendedError == 3)
      let isKeepable = bench.exchange.isKeepable
      #expect(!isKeepable, "stale is never kept as fresh")
      // For a while nobody is asked.
      #expect(try bench.ask(Self.ask)?.answer == Self.stale)
      #expect(bench.upstream.count == 2)
      bench.pass(seconds: 31)
      bench.upstream.become { _, _, _ in Self.newer }
      #expect(try bench.ask(Self.ask)?.answer == ["www.example. 10 A 192.0.2.2"])
    }
  }

  @Test(arguments: [("cache", 1.8), ("cache {\n serve_stale 1h verify 100ms\n}", 0.1)])
  func `a client whose patience is over gets the entry`(
    directive: String, seconds: Double
  ) throws {
    var bench = try Self.expired(directive) { _, _, _ in nil }
    let none = try bench.ask(Self.ask)
    #expect(none == nil)
    let (hurryAt, hurryHeight) = (bench.exchange.hurryAt, bench.exchange.hurryHeight)
    #expect(hurryAt == bench.now + UInt64(seconds * 1_000_000_000))
    #expect(hurryHeight == 2)
    bench.pass(seconds: seconds)
    let reply = try #require(try bench.hurry())
    #expect(reply.answer == Self.stale)
    #expect(reply.extendedError == 3)
    // Now the entry is used at once.
    #expect(try bench.ask(Self.ask)?.answer == Self.stale)
    #expect(bench.upstream.count == 2)
  }

  @Test func `what comes after the client was answered is kept`() throws {
    var bench = try Self.expired("cache") { _, _, _ in nil }
    _ = try bench.ask(Self.ask)
    bench.upstream.become { _, _, _ in Self.newer }
    bench.exchange.isRefresh = true
    _ = try bench.resume()
    #expect(try bench.ask(Self.ask)?.answer == ["www.example. 10 A 192.0.2.2"])
    #expect(bench.upstream.count == 3)
  }

  @Test func `a query without an entry is in no hurry`() throws {
    var bench = try CacheBench { _, _, _ in nil }
    _ = try bench.ask(Self.ask)
    let hurryAt = bench.exchange.hurryAt
    #expect(hurryAt == .max)
  }

  // MARK: - Denials

  @Test func `a stale denial says so`() throws {
    for (reply, error) in [(FakeReply.nameError(10), UInt16(19)), (.noData(10), 3)] {
      var bench = try CacheBench { _, _, _ in reply }
      _ = try bench.ask(Self.ask)
      bench.pass(seconds: 11)
      bench.upstream.become { _, _, _ in .failure }
      let stale = try #require(try bench.ask(Self.ask))
      #expect(stale.code == reply.code)
      #expect(stale.extendedError == error)
      #expect(stale.authority.first?.hasPrefix("example. 30 SOA") == true)
    }
  }

  @Test func `a failure does not push an answer out`() throws {
    var bench = try CacheBench("cache {\n prefetch 1 1m 90%\n}") { _, _, _ in
      FakeReply(answer: [.a(Self.name, 10)])
    }
    _ = try bench.ask(Self.ask)
    bench.pass(seconds: 5)
    _ = try bench.ask(Self.ask)
    bench.upstream.become { _, _, _ in .failure }
    try bench.mustRefresh()
    let reply = try #require(try bench.ask(Self.ask))
    #expect(reply.answer == ["www.example. 5 A 192.0.2.1"])
    #expect(bench.metric("coredns_cache_entries", "denial") == 0)
  }

  // MARK: - prefer_positive

  @Test(arguments: [FakeReply.nameError(), .noData(), FakeReply()], ["immediate", "verify"])
  func `prefer_positive lets an answer outlive its denial`(
    denial: FakeReply, mode: String
  ) throws {
    let directive =
      "cache {\n serve_stale 1h \(mode)\n serve_stale_policy prefer_positive\n}"
    var bench = try Self.expired(directive) { _, _, _ in denial }
    for _ in 0..<3 {
      let isDenied = denial.authority.isEmpty && mode == "verify"
      #expect(try bench.ask(Self.ask)?.answer == (isDenied ? [] : Self.stale))
      _ = bench.refresh()
      bench.pass(seconds: 31)
    }
    bench.upstream.become { _, _, _ in Self.newer }
    _ = try bench.ask(Self.ask)
    _ = bench.refresh()
    #expect(try bench.ask(Self.ask)?.answer == ["www.example. 10 A 192.0.2.2"])
  }

  @Test func `prefer_positive leaves denials alone where there is no answer`() throws {
    let directive = "cache {\n serve_stale 1h verify\n serve_stale_policy prefer_positive\n}"
    var bench = try CacheBench(directive) { _, _, _ in .nameError() }
    for _ in 0..<2 { #expect(try bench.ask(Self.ask)?.code == .nameError) }
    #expect(bench.upstream.count == 1)
    #expect(bench.metric("coredns_cache_hits_total", "denial") == 1)
  }

  @Test func `without the policy a denial counts`() throws {
    var bench = try Self.expired("cache {\n serve_stale\n}") { _, _, _ in .noData() }
    #expect(try bench.ask(Self.ask)?.answer == Self.stale)
    try bench.mustRefresh()
    #expect(try bench.ask(Self.ask)?.answer == [])
    #expect(bench.upstream.count == 2)
  }
}
