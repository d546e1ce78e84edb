import DNSWire
import PluginChain
import Testing

/// What becomes of records, TTLs and response codes on the way up.
@Suite struct RewriteAnswerTests {
  /// Rules, a question, what is answered below, and what the client gets: records of all sections.
  struct Row: Sendable, CustomTestStringConvertible {
    let rules: String
    let name: String
    let type: RRType
    let below: FakeReply
    let records: [String]

    init(
      _ rules: String, _ name: String, of type: RRType = .a, _ answer: [FakeRecord],
      authority: [FakeRecord] = [], additional: [FakeRecord] = [], _ records: String...
    ) {
      (self.rules, self.name, self.type, self.records) = (rules, name, type, records)
      below = FakeReply(answer: answer, authority: authority, additional: additional)
    }

    var testDescription: String { "\(rules.debugDescription) \(name) \(type)" }
  }

  static let owners: [Row] = [
    // Exact rules turn themselves back, in the client's case; others do when they are told to.
    Row("rewrite name a.test b.test", "A.tesT", [.a("b.test.", 5)], "A.tesT. 5 A 192.0.2.1"),
    Row(
      "rewrite name exact a.test b.test answer auto", "a.test", [.a("b.test.", 5)],
      "a.test. 5 A 192.0.2.1"),
    Row("rewrite name prefix a b", "a.test", [.a("b.test.", 5)], "b.test. 5 A 192.0.2.1"),
    Row(
      "rewrite name prefix a b answer auto", "a.test", [.a("b.test.", 5)],
      "a.test. 5 A 192.0.2.1"),
    Row("rewrite name suffix .com .org", "a.com", [.a("a.org.", 5)], "a.org. 5 A 192.0.2.1"),
    Row(
      "rewrite name suffix .com .org answer auto", "a.com", [.a("a.org.", 5), .a("b.org.", 5)],
      "a.com. 5 A 192.0.2.1", "b.com. 5 A 192.0.2.1"),
    Row(
      "rewrite name suffix .in.coredns.rocks nginx.coredns.rocks answer auto",
      "coredns.in.coredns.rocks", [.a("corednsnginx.coredns.rocks.", 5)],
      "coredns.in.coredns.rocks. 5 A 192.0.2.1"),
    Row(
      "rewrite name substring a b answer auto", "a.test", [.a("b.test.", 5)],
      "a.test. 5 A 192.0.2.1"),
    Row(
      "rewrite name regex (.*).coredns.rocks {1}.coredns.maps", "foo.coredns.rocks",
      [.a("foo.coredns.maps.", 5)], "foo.coredns.maps. 5 A 192.0.2.1"),
    Row(
      "rewrite name regex (.*).coredns.rocks {1}.coredns.maps answer auto", "foo.coredns.rocks",
      [.a("foo.coredns.maps.", 5)], "foo.coredns.rocks. 5 A 192.0.2.1"),
    Row(
      "rewrite name regex (.*).coredns.rocks {1}.coredns.maps answer name (.*).coredns.maps "
        + "{1}.coredns.works", "foo.coredns.rocks", [.a("foo.coredns.maps.", 5)],
      "foo.coredns.works. 5 A 192.0.2.1"),
    // Names below the rewritten one go with it, others stay.
    Row(
      "rewrite name a.test b.test", "a.test", [.a("b.test.", 5)],
      additional: [.a("www.b.test.", 5), .a("xb.test.", 5), .a("test.", 5)],
      "a.test. 5 A 192.0.2.1", "www.a.test. 5 A 192.0.2.1", "xb.test. 5 A 192.0.2.1",
      "test. 5 A 192.0.2.1"),
    // In any case.
    Row("rewrite name a.test b.test", "a.test", [.a("B.TEST.", 5)], "a.test. 5 A 192.0.2.1"),
    Row(
      "rewrite name suffix .com .org answer auto", "a.com", [.a("A.ORG.", 5)],
      "a.com. 5 A 192.0.2.1"),
    // A change that would make a name too long is not made.
    Row(
      "rewrite name suffix .\(String(repeating: "a", count: 60)) .b answer auto",
      "x.\(String(repeating: "a", count: 60))",
      [.a("\(String(repeating: "c.", count: 110))b.", 5)],
      "\(String(repeating: "c.", count: 110))b. 5 A 192.0.2.1"),
    // Several, the last first.
    Row(
      "rewrite continue name a.test b.test\nrewrite name b.test c.test", "a.test",
      [.a("c.test.", 5)], "a.test. 5 A 192.0.2.1"),
    Row(
      "rewrite continue name suffix .uk .us answer auto\n"
        + "rewrite name suffix .us .local answer auto", "a.uk",
      [.a("a.local.", 5), .a("b.us.", 5)],
      "a.uk. 5 A 192.0.2.1", "b.uk. 5 A 192.0.2.1"),
    Row(
      "rewrite name regex a b answer name x y answer name y z", "a.test",
      [.a("y.test.", 5), .a("x.test.", 5)], "z. 5 A 192.0.2.1", "y. 5 A 192.0.2.1"),
    // Types and classes leave names alone.
    Row("rewrite type ANY HINFO", "a.test", of: .any, [.a("a.test.", 5)], "a.test. 5 A 192.0.2.1"),
    // The root.
    Row("rewrite name a.test .", "a.test", [.a(".", 5)], "a.test. 5 A 192.0.2.1"),
    Row("rewrite name . b.test", ".", [.a("b.test.", 5)], ". 5 A 192.0.2.1"),
  ]

  private static let soa = FakeRecord.soa("my.cluster.local.", 60, minimum: 30)

  /// CoreDNS's table of values.
  private static let values = [
    (
      RRType.srv, FakeRecord.srv("my.cluster.local.", 5, 100, "srv1.my.cluster.local."),
      "SRV 0 100 100 srv1.my.domain.uk."
    ),
    (.any, .cname("my.cluster.local.", 5, "cname.cluster.local."), "CNAME cname.domain.uk."),
    (.any, .dname("my.cluster.local.", 5, "dname.cluster.local."), "DNAME dname.domain.uk."),
    (.mx, .mx("my.cluster.local.", 5, 1, "mx1.cluster.local."), "MX 1 mx1.domain.uk."),
    (.any, .ns("my.cluster.local.", 5, "ns1.cluster.local."), "NS ns1.domain.uk."),
    (.any, .naptr("my.cluster.local.", 5, "_sip.cluster.local."), "NAPTR 1 2 _sip.domain.uk."),
    (.ptr, .ptr("my.cluster.local.", 5, "host.cluster.local."), "PTR host.domain.uk."),
  ]

  private static let valueRules = [
    #"rewrite name regex (.*)\.domain\.uk {1}.cluster.local answer name (.*)\.cluster\.local "#
      + #"{1}.domain.uk answer value (.*)\.cluster\.local {1}.domain.uk"#,
    #"rewrite continue name regex (.*)\.domain\.uk {1}.cluster.local answer name "#
      + #"(.*)\.cluster\.local {1}.domain.uk value (.*)\.cluster\.local {1}.domain.uk"#,
    #"rewrite name suffix .domain.uk .cluster.local answer auto answer value "#
      + #"(.*)\.cluster\.local {1}.domain.uk"#,
    "rewrite continue name suffix .domain.uk .domain.us answer auto\n"
      + "rewrite stop name suffix .domain.us .cluster.local answer auto",
  ]

  static let targets: [Row] = valueRules.flatMap { rules in
    values.map { type, record, text in
      Row(
        rules, "my.domain.uk", of: type, [record], additional: [.a("x.cluster.local.", 5)],
        "my.domain.uk. 5 \(text)", "x.domain.uk. 5 A 192.0.2.1")
    }
  }

  static let others: [Row] = [
    // The mailbox of SOA stays, and so does what is not a name.
    Row(
      "rewrite name suffix .test .example answer auto", "a.test", [],
      authority: [.soa("example.", 60, minimum: 30), .soa("b.example.", 60, minimum: 30)],
      "example. 60 SOA ns.test. host.example. 7200 1800 86400 30",
      "b.test. 60 SOA ns.test. host.example. 7200 1800 86400 30"),
    Row(
      "rewrite name a.test b.test", "a.test", of: .txt, [.txt("b.test.", 5, 3)],
      "a.test. 5 TXT aaa"),
    // Exact rules map the name in values, too; `answer value` alone leaves owners.
    Row(
      "rewrite name a.test b.test", "a.test", of: .mx, [.mx("b.test.", 5, 1, "mx.b.test.")],
      "a.test. 5 MX 1 mx.a.test."),
    // A value that cannot be stays.
    Row(
      #"rewrite name regex a\.(.*)\. b.{1} answer value b(.*) c{1}"#, "a.test", of: .mx,
      [.mx("b.test.", 5, 1, "b.test.")], "b.test. 5 MX 1 b.test."),
    Row(
      #"rewrite name regex a b.test answer value mx\.(.*)\. {1}"#, "a.test", of: .mx,
      [.mx("b.test.", 5, 1, "mx.b.test."), .mx("b.test.", 5, 2, "b.test.")],
      "b.test. 5 MX 1 b.test.", "b.test. 5 MX 2 b.test."),
    // The manual's example: `answer name auto` is read as `answer auto`.
    Row(
      "rewrite stop {\nname suffix .arpa .arpa\nanswer name auto\n"
        + "answer value (.*)\\.service\\.consul\\. {1}.coredns.rocks.\n}",
      "30.30.30.10.in-addr.arpa", of: .ptr,
      [.ptr("30.30.30.10.in-addr.arpa.", 60, "ftp-us-west-1.service.consul.")],
      "30.30.30.10.in-addr.arpa. 60 PTR ftp-us-west-1.coredns.rocks."),
  ]

  static let ttls: [Row] = [
    Row(
      "rewrite ttl a.test 30", "a.test", [.a("a.test.", 5), .a("a.test.", 300, 2)],
      authority: [.ns("test.", 7, "ns.test.")], additional: [.a("ns.test.", 9)],
      "a.test. 30 A 192.0.2.1", "a.test. 30 A 192.0.2.2", "test. 30 NS ns.test.",
      "ns.test. 30 A 192.0.2.1"),
    Row(
      "rewrite ttl exact a.test 30-", "a.test", [.a("a.test.", 5), .a("a.test.", 300, 2)],
      "a.test. 30 A 192.0.2.1", "a.test. 300 A 192.0.2.2"),
    Row(
      "rewrite ttl prefix a -30", "a.test", [.a("a.test.", 5), .a("a.test.", 300, 2)],
      "a.test. 5 A 192.0.2.1", "a.test. 30 A 192.0.2.2"),
    Row(
      "rewrite ttl suffix .test 30-60", "a.test",
      [.a("a.test.", 5), .a("a.test.", 40, 2), .a("a.test.", 300, 3)], "a.test. 30 A 192.0.2.1",
      "a.test. 40 A 192.0.2.2", "a.test. 60 A 192.0.2.3"),
    Row("rewrite ttl regex ^a 0", "a.test", [.a("a.test.", 5)], "a.test. 0 A 192.0.2.1"),
    Row(
      "rewrite ttl a.test 4294967295", "a.test", [.a("a.test.", 5)],
      "a.test. 2147483647 A 192.0.2.1"),
    Row("rewrite ttl b.test 30", "a.test", [.a("a.test.", 5)], "a.test. 5 A 192.0.2.1"),
    Row(
      "rewrite continue ttl a.test 100\nrewrite ttl a.test 30", "a.test", [.a("a.test.", 5)],
      "a.test. 100 A 192.0.2.1"),
    // With another question, too.
    Row(
      "rewrite continue name a.test b.test\nrewrite ttl b.test 30", "a.test",
      [.a("b.test.", 5)], "a.test. 30 A 192.0.2.1"),
    Row(
      "rewrite continue name a.test b.test\nrewrite ttl a.test 30", "a.test",
      [.a("b.test.", 5)], "a.test. 5 A 192.0.2.1"),
  ]

  @Test(arguments: owners + targets + others + ttls)
  func `what the client gets`(row: Row) throws {
    let bench = try RewriteBench(row.rules) { _, _, _ in row.below }
    let reply = try bench.reply(row.name, row.type)
    #expect(reply.answer + reply.authority + reply.additional == row.records)
    #expect(reply.answer.count == row.below.answer.count)
    #expect(!reply.isTruncated && reply.code == .noError)
    #expect(reply.question == DomainName(text: row.name)?.description)
  }

  // MARK: - Response codes

  /// Rules, the code below, whether the client has OPT, and the code that it gets.
  static let codes: [(rules: String, below: UInt16, hasOPT: Bool, code: UInt16)] = [
    ("rewrite rcode a.test SERVFAIL NOERROR", 2, false, 0),
    ("rewrite rcode a.test servfail noerror", 2, false, 0),
    ("rewrite rcode a.test 2 0", 2, true, 0),
    ("rewrite rcode a.test SERVFAIL NOERROR", 3, false, 3),
    ("rewrite rcode b.test SERVFAIL NOERROR", 2, false, 2),
    ("rewrite rcode regex ^a NXDOMAIN REFUSED", 3, false, 5),
    ("rewrite rcode suffix test. NOERROR 10", 0, false, 10),
    ("rewrite rcode substring test NOERROR NOTAUTH", 0, false, 9),
    ("rewrite rcode prefix a NXDOMAIN NOERROR", 3, false, 0),
    // A code that needs OPT is not given without: its lower half would be another one.
    ("rewrite rcode a.test SERVFAIL BADCOOKIE", 2, false, 2),
    ("rewrite rcode a.test SERVFAIL BADCOOKIE", 2, true, 7),
    (
      "rewrite continue rcode a.test NXDOMAIN NOERROR\nrewrite rcode a.test SERVFAIL NXDOMAIN", 2,
      false, 0
    ),
    ("rewrite continue name a.test b.test\nrewrite rcode b.test SERVFAIL NOERROR", 2, false, 0),
  ]

  @Test(arguments: codes)
  func `response codes`(rules: String, below: UInt16, hasOPT: Bool, code: UInt16) throws {
    let bench = try RewriteBench(rules) { _, _, _ in
      FakeReply(code: ResponseCode(rawValue: below))
    }
    let reply = try bench.reply(Ask("a.test", .a, .udp, payload: hasOPT ? 1232 : nil))
    #expect(reply.code.rawValue == code)
    #expect(reply.question == "a.test.")
  }

  @Test func `a query that nobody answers has its code rewritten, too`() throws {
    let rules = "rewrite continue name a.test b.test\nrewrite rcode b.test SERVFAIL NXDOMAIN"
    let bench = try RewriteBench("log\n" + rules) { _, _, _ in nil }
    // The upstream waits, and then nobody has a reply.
    #expect(bench.octets(for: Ask("A.test")) == nil)
    #expect(bench.hasOriginal)
    bench.upstream.become { _, _, _ in FakeReply(code: .serverFailure) }
    let reply = try #require(try bench.resume())
    #expect(reply.code == .nameError && reply.question == "A.test.")
    #expect(bench.log.lines.count == 1)
    #expect(bench.log.lines.first?.contains("\"A IN a.test. udp") == true, "\(bench.log.lines)")
    #expect(bench.log.lines.first?.contains("NXDOMAIN") == true)
  }

  @Test func `a changed name is not authentic, a TTL may be`() throws {
    for (rules, isAuthentic) in [
      ("rewrite ttl a.test 30", true), ("rewrite name a.test b.test", false),
    ] {
      let bench = try RewriteBench(rules) { name, _, _ in
        FakeReply(answer: [.a(name, 5)], isAuthentic: true)
      }
      let reply = try bench.reply("a.test")
      #expect((reply.header.flags & HeaderFlag.authenticData != 0) == isAuthentic)
    }
  }

  @Test func `observers see the client's question`() throws {
    let bench = try RewriteBench(
      "log\nrewrite continue type TXT A\nrewrite name a.test b.test"
    ) { name, _, _ in FakeReply(answer: [.a(name, 5)]) }
    #expect(try bench.reply("a.test", .txt).answer == ["a.test. 5 A 192.0.2.1"])
    #expect(bench.sightings.texts == ["b.test. A for a.test."])
    #expect(bench.log.lines.first?.contains("\"TXT IN a.test. tcp") == true, "\(bench.log.lines)")
  }
}
