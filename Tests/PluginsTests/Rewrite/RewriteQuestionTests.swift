import DNSWire
import PluginChain
import Testing

/// What rules make of questions, and that the client's comes back.
@Suite struct RewriteQuestionTests {
  /// Rules, a question, and what is asked below for it.
  struct Row: Sendable, CustomTestStringConvertible {
    let rules: String
    let name: String
    let type: RRType
    let below: String

    init(_ rules: String, _ name: String, _ below: String) {
      self.init(rules, name, .a, below)
    }

    init(_ rules: String, _ name: String, _ type: RRType, _ below: String) {
      (self.rules, self.name, self.type, self.below) = (rules, name, type, below)
    }

    var testDescription: String { "\(rules.debugDescription) \(name) \(type)" }
  }

  static let names: [Row] = [
    // Without a kind, and exact: the whole name.
    Row("rewrite name example.net example.org", "example.net", "example.org. A for example.net."),
    Row("rewrite name Example.NET. Example.ORG.", "eXample.net", "example.org. A for eXample.net."),
    Row("rewrite name exact a.b c.d", "a.b", "c.d. A for a.b."),
    Row("rewrite name example.net example.org", "www.example.net", "www.example.net. A"),
    Row("rewrite name example.net example.org", "example.net.test", "example.net.test. A"),
    Row("rewrite name . root.test", ".", "root.test. A for ."),
    Row("rewrite name a.test .", "a.test", ". A for a.test."),
    // Prefixes end with a label.
    Row(
      "rewrite name prefix foo bar", "foo.example.com", "bar.example.com. A for foo.example.com."),
    Row(
      "rewrite name prefix foo. bar.", "foo.test.com", "bar.test.com. A for foo.test.com."),
    Row("rewrite name prefix foo bar", "coredns.foo", "coredns.foo. A"),
    Row("rewrite name prefix foo bar", "foot.example.com", "foot.example.com. A"),
    // Suffixes need not begin with one.
    Row(
      "rewrite name suffix com org", "foo.example.com", "foo.example.org. A for foo.example.com."),
    Row(
      "rewrite name suffix .com .org", "foo.test.com", "foo.test.org. A for foo.test.com."),
    Row("rewrite name suffix com org", "com.coredns", "com.coredns. A"),
    Row("rewrite name suffix om rg", "a.com", "a.crg. A for a.com."),
    Row(
      "rewrite name suffix .ingress.coredns.rocks nginx.coredns.rocks",
      "coredns.ingress.coredns.rocks",
      "corednsnginx.coredns.rocks. A for "
        + "coredns.ingress.coredns.rocks."),
    Row(
      "rewrite name suffix .schmoogle.com. .google.com.", "www.Schmoogle.com",
      "www.google.com. A for www.Schmoogle.com."),
    // Parts, each time they stand there.
    Row(
      "rewrite name substring service.us-west-1.example.org service.us-west-1.consul",
      "ftp.service.us-west-1.example.org",
      "ftp.service.us-west-1.consul. A for ftp.service.us-west-1.example.org."),
    Row("rewrite name substring a b", "a.a.test", "b.b.test. A for a.a.test."),
    Row("rewrite name substring service svc", "com.coredns", "com.coredns. A"),
    // Expressions see lower case and the final dot.
    Row(
      "rewrite name regex (.*)-(us-west-1)\\.example\\.org {1}.service.{2}.consul",
      "ftp-US-west-1.example.org",
      "ftp.service.us-west-1.consul. A for ftp-US-west-1.example.org."),
    Row(
      "rewrite name regex ^(.*)\\.example\\.org\\.$ {1}.test", "a.b.example.org",
      "a.b.test. A for a.b.example.org."),
    Row("rewrite name regex ^(a)|(b)$ x{1}{2}.test", "a.test", "xa.test. A for a.test."),
    Row("rewrite name regex a {0}.{name}.test", "a.test", "a.{name}.test. A for a.test."),
    Row(
      "rewrite name regex ^(\\w+)\\.(\\w+)\\. {2}.{1}", "one.two.test",
      "two.one. A for one.two.test."),
    Row("rewrite name regex [0-9] x", "none.test", "none.test. A"),
    // What is no letter stands as `\\DDD` or behind `\\`.
    Row("rewrite name regex ^a\\\\\\.b\\. c.", "a\\.b.test", "c. A for a\\.b.test."),
    Row(
      "rewrite name regex ^\\\\000\\\\255\\.test c", "\\000\\255.test",
      "c. A for \\000\\255.test."),
    Row("rewrite name suffix .test \\000.test", "a.test", "a\\000.test. A for a.test."),
  ]

  static let several: [Row] = [
    // The first that is for a name ends the list, unless it says otherwise.
    Row(
      "rewrite name a.test b.test\nrewrite name b.test c.test", "a.test", "b.test. A for a.test."),
    Row(
      "rewrite stop name a.test b.test\nrewrite name b.test c.test", "a.test",
      "b.test. A for a.test."),
    Row(
      "rewrite continue name a.test b.test\nrewrite name b.test c.test", "a.test",
      "c.test. A for a.test."),
    Row(
      "rewrite CONTINUE Name EXACT a.test b.test\nrewrite STOP name b.test c.test", "a.test",
      "c.test. A for a.test."),
    Row(
      "rewrite name x.test b.test\nrewrite name a.test c.test", "a.test", "c.test. A for a.test."),
    Row("rewrite ttl a.test 30\nrewrite name a.test b.test", "a.test", "a.test. A"),
    Row(
      "rewrite continue ttl a.test 30\nrewrite name a.test b.test", "a.test",
      "b.test. A for a.test."),
    Row("rewrite rcode a.test SERVFAIL NOERROR\nrewrite name a.test b.test", "a.test", "a.test. A"),
    Row("rewrite cname x.test y.test\nrewrite name a.test b.test", "a.test", "a.test. A"),
    Row(
      "rewrite continue cname x.test y.test\nrewrite name a.test b.test", "a.test",
      "b.test. A for a.test."),
    // Each is tried once: no loop.
    Row(
      "rewrite continue name a.test b.test\nrewrite continue name b.test a.test", "a.test",
      "a.test. A"),
    Row("rewrite continue name suffix .test .test.test", "a.test", "a.test.test. A for a.test."),
    // In blocks.
    Row("rewrite {\n name a.test b.test\n}", "a.test", "b.test. A for a.test."),
    Row(
      "rewrite stop {\n name regex (.*)\\.in\\.test {1}.out.test\n answer auto\n}", "a.in.test",
      "a.out.test. A for a.in.test."),
    Row("rewrite name {\n a.test\n b.test\n}", "a.test", "b.test. A for a.test."),
  ]

  static let questions: [Row] = [
    Row("rewrite type ANY HINFO", "a.test", .any, "a.test. HINFO"),
    Row("rewrite type any hinfo", "a.test", .a, "a.test. A"),
    Row("rewrite continue type A AAAA\nrewrite type AAAA A", "a.test", .a, "a.test. A"),
    Row("rewrite type A TYPE65280", "a.test", .a, "a.test. TYPE65280"),
    Row(
      "rewrite continue type A TXT\nrewrite name a.test b.test", "a.test", .a,
      "b.test. TXT for a.test."),
  ]

  @Test(arguments: names + several + questions)
  func `what is asked below, and the client's question comes back`(row: Row) throws {
    let bench = try RewriteBench(row.rules) { _, _, _ in FakeReply() }
    let reply = try bench.reply(row.name, row.type)
    #expect(bench.sightings.texts == [row.below])
    #expect(reply.code == .noError && reply.flags == "qr rd ra")
    let ask = Ask(row.name, row.type, .tcp)
    #expect(Array(reply.octets[12...]) == Array(ask.octets[12...]), "the question, as it came")
    #expect(bench.question == "\(DomainName(text: row.name)?.lowercased ?? .root) \(row.type)")
    #expect(!bench.hasOriginal)
  }

  // MARK: - Classes

  @Test func `class CH may become IN, and nothing else of CH passes`() throws {
    let bench = try RewriteBench("rewrite class CH IN\nrewrite type TXT A") { _, _, _ in
      FakeReply(answer: [.a("version.bind.", 5)])
    }
    var ask = Ask("version.bind", .a, .tcp)
    ask.classCode = .chaos
    let reply = try bench.reply(ask)
    #expect(bench.sightings.texts == ["version.bind. A"])
    #expect(Array(reply.octets[12..<(12 + 14 + 4)]) == Array(ask.octets[12...]))
    #expect(reply.answer == ["version.bind. 5 A 192.0.2.1"])
    ask.classCode = RRClass(rawValue: 4)
    #expect(try bench.reply(ask).code == .refused)
    let plain = try RewriteBench("rewrite type TXT A") { _, _, _ in FakeReply() }
    ask.classCode = .chaos
    #expect(try plain.reply(ask).code == .refused)
    let other = try RewriteBench("rewrite continue class CH IN\nrewrite class IN CH") { _, _, _ in
      FakeReply()
    }
    let refused = try other.reply(ask)
    #expect(refused.code == .refused && other.sightings.texts.isEmpty)
    #expect(Array(refused.octets[12...]) == Array(ask.octets[12...]))
  }

  // MARK: - Names that are none

  static let invalid: [(rules: String, name: String)] = [
    ("rewrite name example.org. example..org.", "example.org"),
    ("rewrite name suffix .test .\(String(repeating: "a", count: 64)).test", "a.test"),
    ("rewrite name prefix a. .", "a.test"),
    ("rewrite name substring a \(String(repeating: "b", count: 40))", "a.aa.aa.aa.aa.aa.test"),
    // The group has the final dot, and the replacement gets one.
    ("rewrite name regex (a.*) {1}", "a.test"),
    (
      "rewrite name suffix .a. .a.\(String(repeating: "b", count: 10))",
      String(repeating: "a.", count: 127)
    ),
    ("rewrite continue name a.test b.test\nrewrite name b.test c..test", "a.test"),
  ]

  @Test(arguments: invalid)
  func `a name that cannot be is SERVFAIL with a reason`(rules: String, name: String) throws {
    let bench = try RewriteBench("errors\n" + rules) { _, _, _ in FakeReply() }
    let ask = Ask(name, .a, .udp, payload: 1232)
    let reply = try bench.reply(ask)
    #expect(reply.code == .serverFailure && reply.extendedError == 0)
    #expect(reply.question == DomainName(text: name)?.description)
    #expect(bench.sightings.texts.isEmpty)
    let text = DomainName(text: name)?.description ?? ""
    #expect(
      bench.log.lines == [
        "[ERROR] plugin/errors: 2 \(text) A: rewriting makes an invalid name of this name"
      ])
    #expect(try bench.reply(".").code == .noError, "the next query is another one")
  }
}
