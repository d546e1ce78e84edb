import DNSWire
import PluginChain
import Plugins
import Synchronization
import TestSupport
import Testing

/// The storage: against a dictionary, at its bounds, under many threads, and with hashes that say
/// nothing.
@Suite struct CacheStoreTests {
  // MARK: - Model

  /// What a plain dictionary knows of a question.
  private struct Known {
    let answer: [String]
    let code: ResponseCode
    let until: UInt64
  }

  /// Answers, NODATA and NXDOMAIN at random; the data tells how often was asked.
  private static func reply(_ name: String, _ type: RRType, _ draw: Int) -> FakeReply {
    let ttl = UInt32(5 + draw % 40)
    switch draw % 5 {
    case 0: return .noData(ttl)
    case 1: return .nameError(ttl)
    default:
      let last = UInt8(truncatingIfNeeded: draw)
      return FakeReply(answer: [type == .a ? .a(name, ttl, last) : .aaaa(name, ttl, last)])
    }
  }

  @Test(arguments: [("cache", 60), ("cache {\n success 40\n denial 10\n}", 200)])
  func `the store does what a dictionary does`(directive: String, nameCount: Int) throws {
    let isSmall = nameCount > 100
    let directive = directive + (isSmall ? "" : " {\n serve_stale 0s\n}")
    var generator = SeededGenerator(seed: 11)
    var bench = try CacheBench(
      isSmall ? directive.replacing("\n}", with: "\n serve_stale 0s\n}") : directive
    ) { _, _, _ in nil }
    // By name and type; the NXDOMAINs by name alone.
    var known: [String: Known] = [:]
    var hits = 0
    for _ in 0..<6_000 {
      bench.pass(seconds: Double(Int.random(in: 0..<1500, using: &generator)) / 1000)
      let name = "n\(Int.random(in: 0..<nameCount, using: &generator)).example."
      let type: RRType = Bool.random(using: &generator) ? .a : .aaaa
      let draw = Int.random(in: 0..<1_000_000, using: &generator)
      bench.upstream.become { name, type, _ in Self.reply(name, type, draw) }
      let asked = bench.upstream.count
      let reply = try bench.ask(name, type)
      let expected = [known[name], known["\(name) \(type)"]].compactMap { $0 }
        .first { $0.until > bench.now }
      if bench.upstream.count == asked {
        hits += 1
        let entry = try #require(expected, "an entry that should not be there")
        #expect(reply.code == entry.code)
        #expect(reply.answer.map(Self.withoutTTL) == entry.answer)
        let left = (entry.until - bench.now + 999_999_999) / 1_000_000_000
        let records = reply.answer + reply.authority
        #expect(records.allSatisfy { $0.split(separator: " ")[1] == "\(left)" })
      } else {
        if !isSmall { #expect(expected == nil, "\(name) \(type) should be there") }
        Self.learn(&known, name, type, draw, now: bench.now)
      }
      if isSmall {
        #expect((bench.metric("coredns_cache_entries", "success") ?? 99) <= 40)
        #expect((bench.metric("coredns_cache_entries", "denial") ?? 99) <= 10)
      }
    }
    #expect(hits > (isSmall ? 200 : 1200), "\(hits) hits")
  }

  private static func withoutTTL(_ line: String) -> String {
    let parts = line.split(separator: " ")
    return parts.enumerated().filter { $0.offset != 1 }.map(\.element).joined(separator: " ")
  }

  private static func learn(
    _ known: inout [String: Known], _ name: String, _ type: RRType, _ draw: Int, now: UInt64
  ) {
    let until = now + UInt64(5 + draw % 40) * 1_000_000_000
    let code: ResponseCode = draw % 5 == 1 ? .nameError : .noError
    if code == .nameError {
      known[name] = Known(answer: [], code: code, until: until)
      known["\(name) A"] = nil
      known["\(name) AAAA"] = nil
      return
    }
    let last = UInt8(truncatingIfNeeded: draw)
    let data =
      type == .a
      ? "192.0.2.\(last)"
      : IPAddress(v6High: 0x2001_0DB8_0000_0000, low: UInt64(last)).description
    known[name] = nil
    known["\(name) \(type)"] = Known(
      answer: draw % 5 == 0 ? [] : ["\(name) \(type) \(data)"], code: code, until: until)
  }

  // MARK: - Bounds

  @Test(arguments: [1, 2, 31, 32, 33, 100, 1000, 5000], [false, true])
  func `a capacity is kept to exactly`(capacity: Int, isLarge: Bool) throws {
    var bench = try CacheBench("cache {\n success \(capacity)\n denial \(capacity)\n}") {
      name, _, _ in
      FakeReply(
        answer: [.txt(name, 300, 200)]
          + (isLarge ? (0..<10).map { _ in .txt(name, 300, 250) } : []))
    }
    let octetCountMax = Double(max(32, capacity) * 1024)
    var most = 0.0
    for index in 0..<(capacity + min(capacity, 500) + 50) {
      bench.touch("n\(index).example.", .txt)
      guard index < 200 || index.isMultiple(of: 31) else { continue }
      let entries = bench.metric("coredns_cache_entries", "success") ?? .infinity
      most = max(most, entries)
      #expect(entries <= Double(capacity))
      let octets = bench.metric("swiftlet_cache_octets", "success") ?? .infinity
      #expect(octets <= octetCountMax)
      // What just came in is there.
      if index.isMultiple(of: 4) {
        let asked = bench.upstream.count
        bench.touch("n\(index).example.", .txt)
        #expect(bench.upstream.count == asked)
      }
    }
    if isLarge {
      #expect(most >= min(Double(capacity), (octetCountMax / 3200).rounded(.down)))
    } else {
      #expect(most == Double(capacity), "small entries are bounded by their number")
      #expect(
        bench.metric("coredns_cache_evictions_total", "success") == Double(min(capacity, 500) + 50))
    }
  }

  @Test func `what expired goes first`() throws {
    var bench = try CacheBench("cache {\n success 20\n}") { name, _, _ in
      FakeReply(answer: [.a(name, name.hasPrefix("short") ? 10 : 1000)])
    }
    for index in 0..<10 {
      bench.touch("short\(index).example.")
      bench.touch("long\(index).example.")
    }
    bench.pass(seconds: 11)
    for index in 0..<10 { bench.touch("other\(index).example.") }
    let asked = bench.upstream.count
    for index in 0..<10 {
      bench.touch("long\(index).example.")
      bench.touch("other\(index).example.")
    }
    #expect(bench.upstream.count == asked)
  }

  @Test func `what is asked for stays`() throws {
    var bench = try CacheBench("cache {\n success 30\n}") { name, _, _ in
      FakeReply(answer: [.a(name, 1000)])
    }
    for index in 0..<1000 {
      bench.touch("hot.example.")
      bench.touch("n\(index).example.")
    }
    #expect(bench.upstream.count == 1001)
  }

  @Test func `a name with very many types does not take the rest along`() throws {
    var bench = try CacheBench("cache {\n success 2000\n}") { name, type, _ in
      FakeReply(answer: [type == .a ? .a(name, 1000) : .txt(name, 1000, 1)])
    }
    bench.upstream.become { name, _, _ in FakeReply(authority: [.soa("example.", 60, minimum: 60)])
    }
    for number in UInt16(1000)..<3000 {
      bench.touch("many.example.", RRType(rawValue: number))
    }
    #expect(bench.metric("coredns_cache_entries", "denial") == 2000)
    let asked = bench.upstream.count
    for number in UInt16(1000)..<3000 {
      bench.touch("many.example.", RRType(rawValue: number))
    }
    #expect(bench.upstream.count == asked)
  }

  // MARK: - Threads

  /// One worker's work: looks names up in a shared store, and keeps what it does not find. Returns
  /// what went wrong.
  private static func work(_ store: CacheStore, seed: UInt64, capacity: Int) throws -> [String] {
    // Its own cache keeps nothing, so each question makes a reply to keep in the shared one.
    var bench = try CacheBench("cache {\n success 0\n}") { name, _, _ in
      FakeReply(answer: [.a(name, 300, UInt8(name.utf8.dropFirst(1).prefix(2).reduce(0, ^)))])
    }
    var generator = SeededGenerator(seed: seed)
    var wrong: [String] = []
    for _ in 0..<1500 {
      bench.touch("n\(Int.random(in: 10..<99, using: &generator)).example.")
      let written = bench.exchange.reply.withOctets { octets in octets[octets.count - 1] }
      let key = store.key(bench.exchange)
      if case .hit = store.answer(&bench.exchange, key) {
        let found = bench.exchange.reply.withOctets { octets in octets[octets.count - 1] }
        if found != written { wrong.append("\(found) for \(written)") }
      } else if let digest = ReplyDigest(bench.exchange) {
        _ = store.keep(
          &bench.exchange, digest, .answer, key, nanoseconds: 300_000_000_000, isOnlyNews: false)
      }
      let count = store.success.entryCount
      // What is being reserved counts for a moment.
      if count > capacity + 4 { wrong.append("\(count) entries") }
    }
    return wrong
  }

  @Test(arguments: [5, 64, 9984])
  func `many threads share a store`(capacity: Int) async throws {
    var policy = CachePolicy()
    policy.success.capacity = capacity
    let store = CacheStore(policy)
    let wrong = try await withThrowingTaskGroup(of: [String].self) { group in
      for seed in UInt64(0)..<4 {
        group.addTask { try Self.work(store, seed: seed, capacity: capacity) }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(wrong == [])
    #expect(store.success.entryCount == min(capacity, 89))
    #expect(store.success.octetCount > 0)
  }

  // MARK: - Collisions

  private struct Missing: Error {}

  @Test func `names with the same hash are not mixed up`() throws {
    let store = CacheStore(CachePolicy())
    let names = (0..<50).map { "n\($0).example." }
    var bench = try CacheBench { name, _, _ in FakeReply(answer: [.a(name, 300)]) }
    func key(_ type: UInt16 = 1) -> CacheKey { CacheKey(hash: 42, type: type, bits: 0) }
    for name in names {
      _ = try bench.ask(name)
      let before = store.answer(&bench.exchange, key())
      #expect(before == .miss)
      _ = try bench.ask(name)
      guard let digest = ReplyDigest(bench.exchange) else { throw Missing() }
      let kept = store.keep(
        &bench.exchange, digest, .answer, key(), nanoseconds: 300_000_000_000, isOnlyNews: false)
      #expect(kept.isIn)
    }
    for name in names + names.reversed() {
      _ = try bench.ask(name)
      let finding = store.answer(&bench.exchange, key())
      #expect(finding == .hit(.success, wantsRefresh: false))
      let octets = bench.exchange.reply.withOctets { octets in (0..<octets.count).map { octets[$0] }
      }
      #expect(octets.count == 12 + name.utf8.count + 1 + 4 + 16)
      let other = store.answer(&bench.exchange, key(28))
      #expect(other == .miss)
    }
  }
}
