import DNSWire
import PluginChain
import Plugins
import Testing

/// What is kept, for how long, and how it comes back.
@Suite struct CacheReplyTests {
  static let name = "www.example."

  /// A reply of three sections, with an alias and compressed names.
  static let full = FakeReply(
    answer: [
      .cname(name, 300, "web.example."), .a("web.example.", 200, 1), .a("web.example.", 200, 2),
    ],
    authority: [.ns("example.", 400, "ns.example.")],
    additional: [.a("ns.example.", 500, 53)])

  @Test func `a hit is the reply that was kept`() throws {
    var bench = try CacheBench { _, _, _ in Self.full }
    let first = try bench.ask(Self.name)
    let second = try bench.ask(Self.name)
    #expect(bench.upstream.count == 1)
    #expect(second.octets == first.octets)
    #expect(
      second.answer == [
        "www.example. 200 CNAME web.example.", "web.example. 200 A 192.0.2.1",
        "web.example. 200 A 192.0.2.2",
      ])
    #expect(second.authority == ["example. 200 NS ns.example."])
    #expect(second.additional == ["ns.example. 200 A 192.0.2.53"])
    #expect(second.flags == "qr rd ra")
    let isKeepable = bench.exchange.isKeepable
    #expect(!isKeepable, "what comes from memory is not kept again")
  }

  @Test func `the question comes back in the client's case`() throws {
    var bench = try CacheBench { _, _, _ in Self.full }
    _ = try bench.ask(Self.name)
    let reply = try bench.ask("WwW.eXample.")
    #expect(bench.upstream.count == 1)
    #expect(reply.question == "WwW.eXample.")
    #expect(reply.answer.first?.hasPrefix("WwW.eXample. 200 CNAME") == true)
  }

  // MARK: - Time

  /// TTL of the record, the directive, the TTL of the first reply and that after 2.5 s.
  static let times: [(ttl: UInt32, directive: String, first: UInt32, later: UInt32?)] = [
    (300, "cache", 300, 298), (300, "cache 30", 30, 28), (7200, "cache", 3600, 3598),
    (7200, "cache 7200", 7200, 7198), (1, "cache", 5, 3), (5, "cache", 5, 3),
    (1, "cache {\n success 100 10 2\n}", 2, nil), (1, "cache {\n success 100 10 0\n}", 1, nil),
    (300, "cache 2", 2, nil), (0, "cache", 0, nil), (0x8000_0000, "cache", 0x8000_0000, nil),
    (0x7FFF_FFFF, "cache", 3600, 3598), (300, "cache {\n keepttl\n}", 300, 300),
    (300, "cache 30 {\n keepttl\n}", 30, 30), (300, "cache {\n success 0\n}", 300, nil),
  ]

  @Test(arguments: times)
  func `a reply is kept for its TTL within bounds`(
    ttl: UInt32, directive: String, first: UInt32, later: UInt32?
  ) throws {
    var bench = try CacheBench(directive) { _, _, _ in
      FakeReply(answer: [.a(Self.name, ttl)])
    }
    #expect(try bench.ask(Self.name).answer == ["www.example. \(first) A 192.0.2.1"])
    bench.pass(seconds: 2.5)
    let reply = try bench.ask(Self.name)
    #expect(bench.upstream.count == (later == nil ? 2 : 1))
    #expect(reply.answer == ["www.example. \(later ?? first) A 192.0.2.1"])
  }

  @Test func `a TTL counts down to one and then the entry is gone`() throws {
    var bench = try CacheBench { _, _, _ in FakeReply(answer: [.a(Self.name, 10)]) }
    let start = bench.now
    var seen: [String] = []
    let billion: UInt64 = 1_000_000_000
    for (offset, count) in [
      (0, 1), (1, 1), (billion - 1, 1), (billion, 1), (billion + 1, 1), (9 * billion - 1, 1),
      (9 * billion, 1), (10 * billion - 1, 1), (10 * billion, 2), (20 * billion - 1, 2),
    ] {
      bench.now = start + offset
      seen += try bench.ask(Self.name).answer
      #expect(bench.upstream.count == count, "after \(offset) ns")
    }
    let ttls = seen.compactMap { Int($0.split(separator: " ")[1]) }
    #expect(ttls == [10, 10, 10, 9, 9, 2, 1, 1, 10, 1])
  }

  /// SOA TTL and MINIMUM, the directive, and the seconds the denial is kept.
  static let denials: [(ttl: UInt32, minimum: UInt32, directive: String, kept: UInt32)] = [
    (3600, 60, "cache", 60), (30, 60, "cache", 30), (7200, 7200, "cache", 1800),
    (7200, 7200, "cache 3000", 3000), (3600, 1, "cache", 5), (1, 3600, "cache", 5),
    (3600, 60, "cache {\n denial 100 20\n}", 20), (3600, 1, "cache {\n denial 100 20 10\n}", 10),
    (3600, 0, "cache", 0), (0, 3600, "cache", 0), (3600, 60, "cache {\n denial 0\n}", 0),
  ]

  @Test(arguments: denials, [ResponseCode.nameError, .noError])
  func `a denial is kept as its SOA says`(
    row: (ttl: UInt32, minimum: UInt32, directive: String, kept: UInt32), code: ResponseCode
  ) throws {
    var bench = try CacheBench(row.directive) { _, _, _ in
      FakeReply(code: code, authority: [.soa("example.", row.ttl, minimum: row.minimum)])
    }
    _ = try bench.ask(Self.name)
    bench.pass(seconds: max(0, Double(row.kept) - 0.001))
    if row.kept > 0 {
      let reply = try bench.ask(Self.name)
      #expect(bench.upstream.count == 1)
      #expect(reply.code == code)
      #expect(reply.authority.first?.hasPrefix("example. 1 SOA") == true)
      bench.pass(seconds: 0.001)
    }
    _ = try bench.ask(Self.name)
    #expect(bench.upstream.count == 2)
  }

  // MARK: - What is not kept

  static let unkept: [(name: String, type: RRType, reply: FakeReply)] = [
    ("REFUSED", .a, FakeReply(code: .refused)), ("FORMERR", .a, FakeReply(code: .formatError)),
    ("NOTIMP", .a, FakeReply(code: .notImplemented)),
    ("from memory", .a, FakeReply(answer: [.a(name, 300)], isKeepable: false)),
    (
      "a cluster's NXDOMAIN", .a,
      {
        var reply = FakeReply.nameError()
        reply.isKeepable = false
        return reply
      }()
    ),
    ("truncated", .a, FakeReply(answer: [.a(name, 300)], isTruncated: true)),
    ("ANY", .any, FakeReply(answer: [.a(name, 300)])),
    ("type 128", RRType(rawValue: 128), FakeReply(answer: [.a(name, 300)])),
    ("type 254", RRType(rawValue: 254), FakeReply(answer: [.a(name, 300)])),
    ("OPT", .opt, FakeReply(answer: [.a(name, 300)])),
    ("NXDOMAIN without SOA", .a, FakeReply(code: .nameError)),
    ("NODATA without SOA", .a, FakeReply()),
    ("a referral", .a, FakeReply(authority: [.ns("example.", 300, "ns.example.")])),
    ("an alias to nothing", .a, FakeReply(answer: [.cname(name, 300, "web.example.")])),
    ("SERVFAIL of our own", .a, FakeReply(code: .serverFailure, isKeepable: false)),
  ]

  @Test(arguments: unkept)
  func `some replies are never kept`(name: String, type: RRType, reply: FakeReply) throws {
    var bench = try CacheBench { _, _, _ in reply }
    let first = try bench.ask(Self.name, type)
    let second = try bench.ask(Self.name, type)
    #expect(bench.upstream.count == 2, "\(name)")
    #expect(first.octets == second.octets)
    #expect(bench.metric("coredns_cache_entries", "success") == 0)
    #expect(bench.metric("coredns_cache_entries", "denial") == 0)
  }

  @Test(arguments: [
    ("cache", 5.0), ("cache {\n servfail 1m\n}", 60), ("cache {\n servfail 0\n}", 0),
  ])
  func `SERVFAIL is kept for a while`(directive: String, seconds: Double) throws {
    var bench = try CacheBench(directive) { _, _, _ in .failure }
    #expect(try bench.ask(Self.name).code == .serverFailure)
    bench.pass(seconds: max(0, seconds - 0.001))
    #expect(try bench.ask(Self.name).code == .serverFailure)
    #expect(bench.upstream.count == (seconds > 0 ? 1 : 2))
    bench.pass(seconds: 0.001)
    let asked = bench.upstream.count
    _ = try bench.ask(Self.name)
    #expect(bench.upstream.count == asked + 1)
  }

  @Test func `a failure without recursion says nothing about questions with it`() throws {
    var bench = try CacheBench { _, _, _ in .failure }
    var ask = Ask(Self.name, .a, .tcp)
    ask.flags = 0
    _ = try bench.ask(ask)
    _ = try bench.ask(ask)
    #expect(bench.upstream.count == 2)
  }

  // MARK: - Keys

  @Test func `DO and CD and types have entries of their own`() throws {
    var bench = try CacheBench { _, type, count in
      FakeReply(
        answer: [
          type == .aaaa ? .aaaa(Self.name, 300, UInt8(count)) : .a(Self.name, 300, UInt8(count))
        ])
    }
    var asks: [Ask] = []
    for type in [RRType.a, .aaaa] {
      for isOK in [false, true] {
        for flags in [HeaderFlag.recursionDesired, 0x0110] {
          var ask = Ask(Self.name, type, .tcp, payload: 1232)
          ask.dnssecOK = isOK
          ask.flags = flags
          asks.append(ask)
        }
      }
    }
    var answers: [[String]] = []
    for round in 0..<2 {
      for (index, ask) in asks.enumerated() {
        let reply = try #require(try bench.ask(ask))
        if round == 0 {
          answers.append(reply.answer)
        } else {
          #expect(reply.answer == answers[index])
        }
      }
    }
    #expect(bench.upstream.count == 8)
    #expect(Set(answers).count == 8)
    // Without EDNS is as without DO.
    _ = try bench.ask(Self.name)
    #expect(bench.upstream.count == 8)
  }

  @Test func `AD is for those who understand it`() throws {
    var bench = try CacheBench { _, _, _ in
      FakeReply(answer: [.a(Self.name, 300)], isAuthentic: true)
    }
    _ = try bench.ask(Self.name)
    var ask = Ask(Self.name, .a, .tcp)
    for (flags, isSet) in [(UInt16(0x0100), false), (0x0120, true)] {
      ask.flags = flags
      let reply = try #require(try bench.ask(ask))
      #expect((reply.header.flags & HeaderFlag.authenticData != 0) == isSet)
    }
    #expect(bench.upstream.count == 1)
  }

  // MARK: - Zones

  @Test(arguments: [
    ("cache example.", "www.example.", 1), ("cache example.", "www.example.org.", 2),
    ("cache example. org.", "www.example.org.", 1),
    ("cache {\n disable success\n}", "www.example.", 2),
    ("cache {\n disable success org.\n}", "www.example.", 1),
    ("cache {\n disable success org. example.\n}", "www.example.", 2),
    ("cache {\n disable denial\n}", "www.example.", 1),
    ("cache {\n disable denial\n}", "nx.example.", 2),
    ("cache {\n disable denial org.\n}", "nx.example.", 1),
    ("cache {\n disable success\n}", "nx.example.", 1),
  ])
  func `only the names of its zones are kept`(
    directive: String, name: String, count: Int
  ) throws {
    var bench = try CacheBench(directive) { asked, _, _ in
      asked.hasPrefix("nx") ? .nameError() : FakeReply(answer: [.a(asked, 300)])
    }
    _ = try bench.ask(name)
    _ = try bench.ask(name)
    #expect(bench.upstream.count == count)
  }

  @Test func `aliases whose target is open are asked about again soon`() throws {
    var bench = try CacheBench { _, _, _ in
      FakeReply(answer: [.cname(Self.name, 300, "db.cluster.local.")], hasOpenAlias: true)
    }
    _ = try bench.ask(Self.name)
    let target = bench.exchange.aliasTarget
    #expect(target == WireLimits.headerOctetCount + 13 + 4 + 12)
    _ = try bench.ask(Self.name)
    #expect(bench.upstream.count == 1)
    let targetOfHit = bench.exchange.aliasTarget
    #expect(targetOfHit == target)
    bench.pass(seconds: 5)
    _ = try bench.ask(Self.name)
    #expect(bench.upstream.count == 2)
  }

  // MARK: - Metrics

  @Test func `what happens is counted`() throws {
    var bench = try CacheBench("cache example.") { name, _, _ in
      name.hasPrefix("nx") ? .nameError() : FakeReply(answer: [.a(name, 300)])
    }
    for name in ["a.example.", "a.example.", "nx.example.", "nx.example.", "nx.example.", "org."] {
      _ = try bench.ask(name)
    }
    #expect(bench.metric("coredns_cache_requests_total") == 5)
    #expect(bench.metric("coredns_cache_misses_total") == 2)
    #expect(bench.metric("coredns_cache_hits_total", "success") == 1)
    #expect(bench.metric("coredns_cache_hits_total", "denial") == 2)
    #expect(bench.metric("coredns_cache_entries", "success") == 1)
    #expect(bench.metric("coredns_cache_entries", "denial") == 1)
    #expect(bench.metric("coredns_cache_evictions_total", "denial") == 0)
    #expect((bench.metric("swiftlet_cache_octets", "success") ?? 0) > 100)
    #expect(
      bench.labels("coredns_cache_entries") == [
        "server=dns://:53", "type=success", "zones=example.", "view=",
      ])
    #expect(
      bench.labels("coredns_cache_requests_total") == [
        "server=dns://:53", "zones=example.", "view=",
      ])
  }
}
