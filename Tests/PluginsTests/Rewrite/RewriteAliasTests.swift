import DNSWire
import PluginChain
import Testing

/// Aliases whose targets the server looks up itself, and those that a rule lets lead elsewhere.
@Suite struct RewriteAliasTests {
  /// Rules, a world of names, a question, what is asked below and what the client gets.
  struct Row: Sendable, CustomTestStringConvertible {
    let rules: String
    let world: [String: FakeReply]
    var type = RRType.a
    var code = ResponseCode.noError
    let asked: [String]
    let answer: [String]

    var testDescription: String { rules.debugDescription }
  }

  private static func open(_ owner: String, _ target: String) -> FakeReply {
    FakeReply(answer: [.cname(owner, 5, target)], hasOpenAlias: true)
  }

  private static func address(_ owner: String) -> FakeReply {
    FakeReply(answer: [.a(owner, 9)])
  }

  private static let denied = FakeReply(
    code: .nameError, authority: [.soa("test.", 60, minimum: 30)])

  /// All ask for `x.test.`.
  static let followed: [Row] = [
    // The client's name is rewritten, the target is not.
    Row(
      rules: "rewrite name x.test b.test",
      world: ["b.test.": open("b.test.", "c.test."), "c.test.": address("c.test.")],
      asked: ["b.test. A for x.test.", "c.test. A"],
      answer: ["x.test. 5 CNAME c.test.", "c.test. 9 A 192.0.2.1"]),
    // The target is; its answer comes back under the target's name.
    Row(
      rules: "rewrite name a.test b.test",
      world: ["x.test.": open("x.test.", "A.test."), "b.test.": address("b.test.")],
      asked: ["x.test. A", "b.test. A for A.test."],
      answer: ["x.test. 5 CNAME A.test.", "A.test. 9 A 192.0.2.1"]),
    // Without `answer auto` too: the alias would lead nowhere.
    Row(
      rules: "rewrite name prefix a b",
      world: ["x.test.": open("x.test.", "a.test."), "b.test.": address("b.test.")],
      asked: ["x.test. A", "b.test. A for a.test."],
      answer: ["x.test. 5 CNAME a.test.", "a.test. 9 A 192.0.2.1"]),
    // Both, and one more alias in the second answer.
    Row(
      rules: "rewrite name suffix .test .example answer auto",
      world: [
        "x.example.": open("x.example.", "a.test."), "a.example.": open("a.example.", "z.example."),
        "z.example.": address("z.example."),
      ],
      asked: ["x.example. A for x.test.", "a.example. A for a.test.", "z.example. A for z.test."],
      answer: ["x.test. 5 CNAME a.test.", "a.test. 5 CNAME z.test.", "z.test. 9 A 192.0.2.1"]),
    // Targets are looked up as they are; the client sees other values.
    Row(
      rules: #"rewrite name regex ^x\.test y.test answer name ^c\.test t.test "#
        + #"value ^c\.test t.test"#,
      world: ["y.test.": open("y.test.", "c.test."), "c.test.": address("c.test.")],
      asked: ["y.test. A for x.test.", "c.test. A"],
      answer: ["y.test. 5 CNAME t.test.", "t.test. 9 A 192.0.2.1"]),
    // A loop through a rewritten name ends.
    Row(
      rules: "rewrite name a.test x.test",
      world: ["x.test.": open("x.test.", "a.test.")],
      asked: ["x.test. A", "x.test. A for a.test."],
      answer: ["x.test. 5 CNAME a.test.", "a.test. 5 CNAME a.test."]),
    // The code and SOA of the last name.
    Row(
      rules: "rewrite continue name a.test b.test\nrewrite rcode b.test NXDOMAIN NOERROR",
      world: ["x.test.": open("x.test.", "a.test."), "b.test.": denied],
      asked: ["x.test. A", "b.test. A for a.test."], answer: ["x.test. 5 CNAME a.test."]),
    // TTLs by the name that is asked for.
    Row(
      rules: "rewrite ttl a.test 77",
      world: ["x.test.": open("x.test.", "a.test."), "a.test.": address("a.test.")],
      asked: ["x.test. A", "a.test. A"],
      answer: ["x.test. 5 CNAME a.test.", "a.test. 77 A 192.0.2.1"]),
  ]

  private static let full = FakeReply(
    answer: [.cname("x.test.", 5, "def.test."), .a("def.test.", 5)])
  private static let chain = FakeReply(
    answer: [
      .cname("x.test.", 5, "one.test."), .cname("one.test.", 6, "two.prod."),
      .cname("two.prod.", 7, "end.prod.net."), .a("end.prod.net.", 8),
    ],
    authority: [.ns("prod.net.", 9, "ns.prod.net.")], additional: [.a("ns.prod.net.", 9)])

  static let redirected: [Row] = [
    Row(
      rules: "rewrite cname exact Def.Test XYZ.test",
      world: ["x.test.": full, "xyz.test.": address("xyz.test.")],
      asked: ["x.test. A", "xyz.test. A"],
      answer: ["x.test. 5 CNAME xyz.test.", "xyz.test. 9 A 192.0.2.1"]),
    Row(
      rules: "rewrite cname prefix de a.b",
      world: ["x.test.": full, "a.bf.test.": address("a.bf.test.")],
      asked: ["x.test. A", "a.bf.test. A"],
      answer: ["x.test. 5 CNAME a.bf.test.", "a.bf.test. 9 A 192.0.2.1"]),
    Row(
      rules: "rewrite cname substring ef.t zzz.www.t",
      world: ["x.test.": full, "dzzz.www.test.": address("dzzz.www.test.")],
      asked: ["x.test. A", "dzzz.www.test. A"],
      answer: ["x.test. 5 CNAME dzzz.www.test.", "dzzz.www.test. 9 A 192.0.2.1"]),
    Row(
      rules: #"rewrite cname regex (.*)\.(.*)\. {2}.{1}"#,
      world: ["x.test.": full, "test.def.": address("test.def.")],
      asked: ["x.test. A", "test.def. A"],
      answer: ["x.test. 5 CNAME test.def.", "test.def. 9 A 192.0.2.1"]),
    // In the middle of a chain: what stood behind is gone.
    Row(
      rules: "rewrite cname suffix prod. staging",
      world: [
        "x.test.": chain,
        "two.staging.": FakeReply(
          answer: [.cname("two.staging.", 3, "end.staging.net."), .a("end.staging.net.", 4)]),
      ],
      asked: ["x.test. A", "two.staging. A"],
      answer: [
        "x.test. 5 CNAME one.test.", "one.test. 6 CNAME two.staging.",
        "two.staging. 3 CNAME end.staging.net.", "end.staging.net. 4 A 192.0.2.1",
      ]),
    Row(
      rules: "rewrite cname other.test xyz.test", world: ["x.test.": full],
      asked: ["x.test. A"], answer: ["x.test. 5 CNAME def.test.", "def.test. 5 A 192.0.2.1"]),
    // To itself: nothing to do.
    Row(
      rules: "rewrite cname def.test def.test", world: ["x.test.": full],
      asked: ["x.test. A"], answer: ["x.test. 5 CNAME def.test.", "def.test. 5 A 192.0.2.1"]),
    // The target's own alias, in turn.
    Row(
      rules: "rewrite continue cname def.test xyz.test\nrewrite cname ghi.test end.test",
      world: [
        "x.test.": full, "xyz.test.": FakeReply(answer: [.cname("xyz.test.", 6, "ghi.test.")]),
        "end.test.": address("end.test."),
      ],
      asked: ["x.test. A", "xyz.test. A", "end.test. A"],
      answer: [
        "x.test. 5 CNAME xyz.test.", "xyz.test. 6 CNAME end.test.", "end.test. 9 A 192.0.2.1",
      ]),
    // Circles end.
    Row(
      rules: "rewrite cname def.test x.test", world: ["x.test.": full], asked: ["x.test. A"],
      answer: ["x.test. 5 CNAME x.test."]),
    Row(
      rules: "rewrite continue cname a.test b.test\nrewrite cname b.test a.test",
      world: [
        "x.test.": FakeReply(answer: [.cname("x.test.", 5, "a.test.")]),
        "b.test.": FakeReply(answer: [.cname("b.test.", 5, "b.test.")]),
        "a.test.": FakeReply(answer: [.cname("a.test.", 5, "a.test.")]),
      ],
      asked: ["x.test. A", "b.test. A", "a.test. A"],
      answer: ["x.test. 5 CNAME b.test.", "b.test. 5 CNAME a.test.", "a.test. 5 CNAME b.test."]),
    // The code is the last name's.
    Row(
      rules: "rewrite cname def.test gone.test", world: ["x.test.": full, "gone.test.": denied],
      code: .nameError, asked: ["x.test. A", "gone.test. A"],
      answer: ["x.test. 5 CNAME gone.test."]),
    Row(
      rules: "rewrite cname def.test gone.test",
      world: [
        "x.test.": FakeReply(code: .nameError, answer: [.cname("x.test.", 5, "def.test.")]),
        "gone.test.": address("gone.test."),
      ],
      asked: ["x.test. A", "gone.test. A"],
      answer: ["x.test. 5 CNAME gone.test.", "gone.test. 9 A 192.0.2.1"]),
    Row(
      rules: "rewrite cname def.test gone.test",
      world: ["x.test.": full, "gone.test.": .failure], code: .serverFailure,
      asked: ["x.test. A", "gone.test. A"], answer: []),
    Row(
      rules: "rewrite cname def.test gone.test",
      world: ["x.test.": full, "gone.test.": FakeReply(code: .refused)],
      asked: ["x.test. A", "gone.test. A"], answer: ["x.test. 5 CNAME gone.test."]),
    // Who asks for the alias gets no more.
    Row(
      rules: "rewrite cname def.test xyz.test",
      world: ["x.test.": FakeReply(answer: [.cname("x.test.", 5, "def.test.")])], type: .cname,
      asked: ["x.test. CNAME"], answer: ["x.test. 5 CNAME xyz.test."]),
    // With another question.
    Row(
      rules: "rewrite continue name x.test y.test\nrewrite cname def.test xyz.test",
      world: [
        "y.test.": FakeReply(answer: [.cname("y.test.", 5, "def.test."), .a("def.test.", 5)]),
        "xyz.test.": address("xyz.test."),
      ],
      asked: ["y.test. A for x.test.", "xyz.test. A"],
      answer: ["x.test. 5 CNAME xyz.test.", "xyz.test. 9 A 192.0.2.1"]),
  ]

  @Test(arguments: followed + redirected)
  func `targets`(row: Row) throws {
    let bench = try RewriteBench(row.rules, ownZones: ["."]) { name, _, _ in
      row.world[name.lowercased()] ?? FakeReply(code: .nameError)
    }
    let reply = try bench.reply("x.test", row.type)
    #expect(bench.sightings.texts == row.asked)
    #expect(reply.answer == row.answer)
    #expect(reply.code == row.code)
    #expect(bench.question == "x.test. \(row.type)")
  }

  @Test(arguments: followed + redirected)
  func `targets with a wait at each question`(row: Row) throws {
    let bench = try RewriteBench(row.rules, ownZones: ["."]) { name, _, count in
      // Twice: as it comes and as it goes on.
      guard !count.isMultiple(of: 2) else { return nil }
      return row.world[name.lowercased()] ?? FakeReply(code: .nameError)
    }
    #expect(bench.octets(for: Ask("x.test", row.type, .tcp)) == nil)
    var reply: Reply?
    for _ in 0..<row.asked.count where reply == nil { reply = try bench.resume() }
    #expect(bench.sightings.texts == row.asked)
    #expect(try #require(reply).answer == row.answer)
    #expect(reply?.code == row.code)
    #expect(bench.question == "x.test. \(row.type)")
  }

  @Test func `an alias without its target says so when it was cut`() throws {
    let bench = try RewriteBench("rewrite cname def.test xyz.test") { _, _, _ in
      FakeReply(answer: [.cname("x.test.", 5, "def.test.")], isTruncated: true)
    }
    let reply = try bench.reply(Ask("x.test"))
    #expect(reply.isTruncated && reply.answer == ["x.test. 5 CNAME xyz.test."])
    #expect(bench.sightings.texts == ["x.test. A"])
  }
}
