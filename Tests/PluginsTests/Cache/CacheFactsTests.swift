import DNSWire
import PluginChain
import Plugins
import Testing

/// What is said of entries, and that nothing changes by it.
@Suite struct CacheFactsTests {
  private static let name = "www.example."

  private static func bench(_ directive: String = "cache") throws -> CacheBench {
    try CacheBench(directive) { name, _, _ in
      "\(name)" == Self.name
        ? FakeReply(answer: [.a(Self.name, 100), .a(Self.name, 100, 2)])
        : FakeReply(
          code: .nameError, authority: [.soa("example.", 60, minimum: 60)])
    }
  }

  @Test func `an entry has an age and an end`() throws {
    var bench = try Self.bench()
    #expect(try bench.facts(Self.name) == ["no entry for this question"])
    bench.touch(Self.name)
    bench.pass(seconds: 40)
    #expect(
      try bench.facts("WWW.example.")
        == ["an answer, 2 records, kept 40 s ago", "60 s left: answered from it"])
    #expect(try bench.facts(Self.name, .aaaa) == ["no entry for this question"])
    #expect(try bench.facts(Self.name, .any).isEmpty, "never kept")
    bench.pass(seconds: 70)
    #expect(
      try bench.facts(Self.name).last
        == "stale since 10 s, to be used for 3590 s more: used when no upstream answers")
    bench.pass(seconds: 3_600)
    #expect(try bench.facts(Self.name) == ["no entry for this question"])
  }

  @Test func `a denial is for all types`() throws {
    var bench = try Self.bench()
    bench.touch("no.example.")
    let facts = try bench.facts("no.example.", .txt)
    #expect(facts.first == "a denial, NXDOMAIN, 1 records, kept 0 s ago, for all types")
  }

  @Test func `immediate says that it answers from what is stale`() throws {
    var bench = try Self.bench("cache {\n serve_stale\n}")
    bench.touch(Self.name)
    bench.pass(seconds: 101)
    let facts = try bench.facts(Self.name)
    #expect(facts.last?.hasSuffix("answered from it, and asked again") == true)
  }

  @Test func `zones that it does not keep are none of its business`() throws {
    let bench = try Self.bench("cache example.net")
    #expect(try bench.facts(Self.name).isEmpty)
  }

  @Test func `a rehearsal gets the entry and changes nothing`() throws {
    var bench = try Self.bench("cache {\n prefetch 1 10m 90%\n}")
    bench.exchange.isRehearsal = true
    bench.touch(Self.name)
    bench.exchange.isRehearsal = false
    #expect(bench.upstream.count == 1, "below is asked, as nothing is kept")
    #expect(try bench.facts(Self.name) == ["no entry for this question"], "nor is it now")
    bench.touch(Self.name)
    bench.pass(seconds: 50)
    let requests = bench.metric("coredns_cache_requests_total")
    bench.exchange.isRehearsal = true
    for _ in 0..<3 {
      #expect(try bench.ask(Self.name).answer.first == "www.example. 50 A 192.0.2.1")
      let wantsRefresh = bench.exchange.refreshHeight != 0
      #expect(!wantsRefresh)
    }
    bench.exchange.isRehearsal = false
    #expect(bench.upstream.count == 2)
    #expect(bench.metric("coredns_cache_requests_total") == requests)
    bench.touch(Self.name)
    let wantsRefresh = bench.exchange.refreshHeight != 0
    #expect(wantsRefresh, "the first real question is the first that counts")
  }

  @Test func `a rehearsal asks below where a query would`() throws {
    var bench = try Self.bench()
    bench.touch(Self.name)
    bench.pass(seconds: 101)
    bench.exchange.isRehearsal = true
    bench.touch(Self.name)
    #expect(bench.upstream.count == 2)
    #expect(try bench.facts(Self.name).last?.hasPrefix("stale since 1 s") == true)
  }
}
