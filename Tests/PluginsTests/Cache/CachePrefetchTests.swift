import DNSWire
import PluginChain
import Plugins
import Testing

/// `prefetch`: entries asked for often are refreshed shortly before they expire.
@Suite struct CachePrefetchTests {
  static let name = "www.example."

  /// Asks at these seconds; whether each question wants a refresh.
  static let rows: [(directive: String, at: [Double], wants: [Bool])] = [
    // 100 s: the last 10 %.
    ("prefetch 2", [40, 60, 89.9, 90], [false, false, false, true]),
    ("prefetch 2", [40, 60, 95, 96, 99], [false, false, true, false, false]),
    ("prefetch 5", [40, 60, 95, 96, 97, 98], [false, false, false, false, true, false]),
    ("prefetch 3 1m", [10, 75, 95, 96], [false, false, false, true]),
    ("prefetch 3 5s", [90, 96, 97, 98], [false, false, false, true]),
    ("prefetch 1 1m 50%", [49, 50], [false, true]),
    ("prefetch 1 1m 90%", [9.9, 10], [false, true]),
    ("prefetch 0", [10, 95, 99], [false, false, false]),
    ("keepttl", [10, 95, 99], [false, false, false]),
  ]

  @Test(arguments: rows)
  func `a refresh is wanted in the last part of the time`(
    directive: String, at: [Double], wants: [Bool]
  ) throws {
    var bench = try CacheBench("cache {\n \(directive)\n}") { _, _, _ in
      FakeReply(answer: [.a(Self.name, 100)])
    }
    let start = bench.now
    _ = try bench.ask(Self.name)
    for (second, isWanted) in zip(at, wants) {
      bench.now = start + UInt64(second * 1_000_000_000)
      _ = try bench.ask(Self.name)
      let height = bench.exchange.refreshHeight
      #expect((height > 0) == isWanted, "after \(second) s")
    }
    #expect(bench.upstream.count == 1)
  }

  @Test func `a refreshed entry is new, and goes on counting`() throws {
    var bench = try CacheBench("cache {\n prefetch 3\n}") { _, _, count in
      FakeReply(answer: [.a(Self.name, 100, UInt8(count + 1))])
    }
    _ = try bench.ask(Self.name)
    for second in [50.0, 45, 1] {
      bench.pass(seconds: second)
      _ = try bench.ask(Self.name)
    }
    try bench.mustRefresh()
    #expect(bench.upstream.count == 2)
    bench.pass(seconds: 59)
    #expect(try bench.ask(Self.name).answer == ["www.example. 41 A 192.0.2.2"])
    bench.pass(seconds: 35)
    _ = try bench.ask(Self.name)
    try bench.mustRefresh()
    #expect(bench.upstream.count == 3)
    #expect(bench.metric("coredns_cache_prefetch_total") == 2)
  }
}
