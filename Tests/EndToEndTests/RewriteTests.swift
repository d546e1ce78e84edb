import TestSupport
import Testing

/// *rewrite* over the cluster and over NSD with *cache*, asked with dig.
@Suite struct RewriteTests {
  private static let rules = """
    rewrite continue ttl suffix .ttl.test 77
    rewrite continue rcode suffix .soft.test NXDOMAIN NOERROR
    rewrite continue type MX TXT
    rewrite name Api.test kubernetes.default.svc.cluster.local
    rewrite name suffix .in.test .default.svc.cluster.local answer auto
    rewrite name suffix .ttl.test .default.svc.cluster.local answer auto
    rewrite name suffix .soft.test .example.com answer auto
    rewrite stop {
        name regex ^([a-z0-9]+)\\.web\\.test\\.$ {1}.example.com
        answer name ^([a-z0-9]+)\\.example\\.com\\.$ {1}.web.test
        answer value ^([a-z0-9]+)\\.example\\.com\\.$ {1}.web.test
    }
    rewrite name prefix plain www
    rewrite name broken.test broken..test
    rewrite cname nowhere.example.com kubernetes.default.svc.cluster.local
    cache
    """

  private static let server = Result {
    let upstream = try AuthoritativeServer.shared()
    return try UpstreamServer(
      rules + "\nforward . \(upstream.text)",
      world: UpstreamServer.externalName("out", "www.web.test")
        + UpstreamServer.externalName("alias", "kubernetes.in.test"))
  }

  private func dig(_ words: String) throws -> DigRun {
    let run = try DigRun(words, port: try Self.server.get().daemon.port)
    // dig says so when question and reply do not fit, or something is malformed.
    for mark in ["mismatch", "Warning", "Got bad packet", "malformed", "no servers"] {
      #expect(!run.output.contains(mark), "\(words): \(run.output)")
    }
    return run
  }

  /// What dig is told, the status, and the records without TTL and class.
  struct Row: Sendable, CustomTestStringConvertible {
    let words: String
    let status: String
    let records: [String]

    init(_ words: String, _ status: String = "NOERROR", _ records: String...) {
      (self.words, self.status, self.records) = (words, status, records)
    }

    var testDescription: String { words }
  }

  private static let address = UpstreamServer.clusterAddress
  static let rows = [
    // The cluster.
    Row("api.test A", "NOERROR", "api.test. A \(address)"),
    Row("API.Test A", "NOERROR", "API.Test. A \(address)"),
    Row("+noedns api.test A", "NOERROR", "api.test. A \(address)"),
    Row("+tcp api.test A", "NOERROR", "api.test. A \(address)"),
    Row("kubernetes.in.test A", "NOERROR", "kubernetes.in.test. A \(address)"),
    Row(
      "+additional _https._tcp.kubernetes.in.test SRV", "NOERROR",
      "_https._tcp.kubernetes.in.test. SRV 0 100 443 kubernetes.in.test.",
      "kubernetes.in.test. A \(address)"),
    Row("nothing.in.test A", "NXDOMAIN"), Row("api.test AAAA"),
    Row("kubernetes.ttl.test A", "NOERROR", "kubernetes.ttl.test. A \(address)"),
    // NSD.
    Row("www.web.test A", "NOERROR", "www.web.test. A 192.0.2.10"),
    Row("WWW.web.test AAAA", "NOERROR", "WWW.web.test. AAAA 2001:db8::10"),
    Row("+dnssec www.web.test A", "NOERROR", "www.web.test. A 192.0.2.10"),
    Row(
      "chain1.web.test A", "NOERROR", "chain1.web.test. CNAME chain2.web.test.",
      "chain2.web.test. CNAME chain3.web.test.", "chain3.web.test. CNAME www.web.test.",
      "www.web.test. A 192.0.2.10"),
    Row("nope.web.test A", "NXDOMAIN"), Row("www.web.test SRV"),
    Row(
      "svc.web.test SRV", "NOERROR", "svc.web.test. SRV 10 20 8080 www.web.test."),
    Row("nope.soft.test A"),
    Row("plain.example.com A", "NOERROR", "www.example.com. A 192.0.2.10"),
    Row(
      "txt.example.com MX", "NOERROR",
      #"txt.example.com. TXT "hello" "world; with \"quotes\"""#),
    Row("broken.test A", "SERVFAIL"),
    // Out of the cluster and into it.
    Row(
      "out.default.svc.cluster.local A", "NOERROR",
      "out.default.svc.cluster.local. CNAME www.web.test.", "www.web.test. A 192.0.2.10"),
    Row(
      "out.in.test A", "NOERROR", "out.in.test. CNAME www.web.test.",
      "www.web.test. A 192.0.2.10"),
    Row(
      "alias.in.test A", "NOERROR", "alias.in.test. CNAME kubernetes.in.test.",
      "kubernetes.in.test. A \(address)"),
    Row(
      "dangling.example.com A", "NOERROR",
      "dangling.example.com. CNAME \(UpstreamServer.clusterName)",
      "\(UpstreamServer.clusterName) A \(address)"),
  ]

  @Test(arguments: rows)
  func `what dig shows`(row: Row) throws {
    // The second time *cache* has what NSD said.
    for _ in 0..<2 {
      let all = try dig("+noadditional +noauthority \(row.words)")
      #expect(all.status == row.status)
      #expect(all.plainRecords == row.records)
    }
  }

  @Test func `TTLs`() throws {
    #expect(
      try dig("kubernetes.ttl.test A").records == ["kubernetes.ttl.test. 77 IN A \(Self.address)"])
    #expect(
      try dig("kubernetes.in.test A").records == ["kubernetes.in.test. 5 IN A \(Self.address)"])
  }

  @Test func `negative answers have their SOA`() throws {
    let inside = try dig("nothing.in.test A")
    #expect(inside.plainRecords.count == 1)
    #expect(inside.plainRecords.first?.hasPrefix("cluster.local. SOA ") == true)
    #expect(inside.flags.contains("aa"))
    let outside = try dig("nope.web.test A")
    #expect(outside.plainRecords.first?.hasPrefix("example.com. SOA ns1.") == true)
  }

  @Test func `large answers are cut for UDP, and whole over TCP`() throws {
    let cut = try dig("+ignore +noedns big.web.test TXT")
    #expect(cut.flags.contains("tc") && cut.records.isEmpty && cut.status == "NOERROR")
    let whole = try dig("+noauthority +noadditional +noedns big.web.test TXT")
    #expect(whole.records.count == 1 && whole.records.first?.hasPrefix("big.web.test.") == true)
  }

  @Test func `the reason of a failure is in OPT`() throws {
    let run = try dig("broken.test A")
    #expect(run.output.contains("rewriting makes an invalid name of this name"))
  }

  // MARK: - Caching

  @Test func `what is kept, and asked again, is the rewritten name`() throws {
    let upstream = try EvilUpstream { asked in
      [.send(asked.empty.with { $0.answer = [RecordDraft.address(ttl: 1)] })]
    }
    let server = try UpstreamServer(
      """
      log
      rewrite name suffix .front.test .back.test answer auto
      cache {
          serve_stale 1h immediate
      }
      forward . \(upstream.text)
      """)
    let asked = ["a.front.test.", "A.FRONT.test.", "a.back.test."]
    // Each reply past the TTL is from *cache*, and lets it ask again.
    let isAskedAgain = try waitUntil(.seconds(60)) {
      for name in asked {
        let reply = try server.ask(name)
        #expect(reply.questions.map(\.name) == [name])
        #expect(reply.records(in: .answer).map(\.owner) == [name])
        #expect(reply.addresses == ["192.0.2.80"])
      }
      return upstream.received(for: "a.back.test.").count >= 4
    }
    #expect(isAskedAgain)
    #expect(upstream.received(for: "a.front.test.").isEmpty)
    #expect(server.daemon.output.contains("\"A IN a.front.test. udp"))
  }

  @Test func `upstreams that fail leave the client its question`() throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer(
      """
      rewrite name suffix .front.test .test answer auto
      cancel 500ms
      forward . \(upstream.text)
      """)
    for (name, code) in [
      ("servfail.front.test.", 2), ("silent.front.test.", 2), ("refused.front.test.", 5),
      ("ok.front.test.", 0), ("nx.front.test.", 3),
    ] as [(String, UInt16)] {
      let reply = try server.ask(name)
      #expect(reply.responseCode == code && reply.questions.map(\.name) == [name])
    }
  }

  @Test func `upstreams get options`() throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer(
      """
      rewrite continue edns0 local set 0xffee {client_ip} revert
      rewrite edns0 subnet set 24 56
      forward . \(upstream.text)
      """)
    #expect(try server.ask("ok.test.").isGood)
    let plain = try ParsedMessage(server.client.udp(Query("ok.plain.test.", .a).bytes))
    #expect(plain.isGood && plain.edns == nil)
    for name in ["ok.test.", "ok.plain.test."] {
      let options = try #require(upstream.received(for: name).first?.message.edns?.options)
      #expect(options.map(\.code) == [0xFFEE, 8])
      #expect(options.map(\.data) == [[127, 0, 0, 1], [0, 1, 24, 0, 127, 0, 0]])
    }
  }
}
