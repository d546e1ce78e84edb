import DNSWire
import Testing

/// The answer section of a copied reply: the question's chain of aliases, and nothing else.
@Suite struct ReplyChainTests {
  /// What upstream sends in its answer section, what is kept of it, and where the chain ends.
  struct Row: CustomTestStringConvertible, Sendable {
    let name: String
    var asked = question()
    var dnssecOK = false
    let answer: [[UInt8]]
    let kept: [String]
    let ending: ChainEnding
    var testDescription: String { name }
  }

  private static let (a, b, c) = (questionPointer, wire("b.example"), wire("c.example"))

  static let plain: [Row] = [
    Row(
      name: "addresses in upstream's order", answer: [address(last: 9), address(last: 3)],
      kept: ["a.example. 60 A 192.0.2.9", "a.example. 60 A 192.0.2.3"], ending: .answered),
    Row(name: "nothing", answer: [], kept: [], ending: .unanswered),
    Row(
      name: "another name's address", answer: [address(), address(wire("victim.example"))],
      kept: ["a.example. 60 A 192.0.2.1"], ending: .answered),
    Row(
      name: "a name above and one below",
      answer: [address(wire("example")), address([1, 0x62] + a)], kept: [], ending: .unanswered),
    Row(
      name: "another type", answer: [record(owner: a, type: 28, Array(repeating: 1, count: 16))],
      kept: [], ending: .unanswered),
    Row(
      name: "an owner in another case", answer: [address(wire("A.eXaMPLE"))],
      kept: ["a.example. 60 A 192.0.2.1"], ending: .answered),
    Row(
      name: "duplicates", answer: [address(), address()],
      kept: ["a.example. 60 A 192.0.2.1", "a.example. 60 A 192.0.2.1"], ending: .answered),
    Row(
      name: "the root", asked: question("", type: 2),
      answer: [named([0], wire("ns.example"), type: 2)], kept: [". 60 NS ns.example."],
      ending: .answered),
    Row(
      name: "a name that ends alike", answer: [address(wire("xa.example"))], kept: [],
      ending: .unanswered),
    Row(
      name: "data and an alias at one name", answer: [named(b), address()],
      kept: ["a.example. 60 A 192.0.2.1"], ending: .answered),
  ]

  static let aliases: [Row] = [
    Row(
      name: "an alias and its target", answer: [named(b), address(b)],
      kept: ["a.example. 60 CNAME b.example.", "b.example. 60 A 192.0.2.1"], ending: .answered),
    Row(
      name: "backwards", answer: [address(c), named(b, c), named(b)],
      kept: [
        "a.example. 60 CNAME b.example.", "b.example. 60 CNAME c.example.",
        "c.example. 60 A 192.0.2.1",
      ], ending: .answered),
    Row(
      name: "with poison between",
      answer: [address(wire("x.example")), named(b), named(c, b), address(b), address(c)],
      kept: ["a.example. 60 CNAME b.example.", "b.example. 60 A 192.0.2.1"], ending: .answered),
    Row(
      name: "not answered", answer: [named(b)], kept: ["a.example. 60 CNAME b.example."],
      ending: .aliased),
    Row(
      name: "two aliases at one name: the first counts",
      answer: [named(b), named(c), address(b), address(c, last: 2)],
      kept: ["a.example. 60 CNAME b.example.", "b.example. 60 A 192.0.2.1"], ending: .answered),
    Row(
      name: "to itself", answer: [named(a, a)], kept: ["a.example. 60 CNAME a.example."],
      ending: .looping),
    Row(
      name: "to itself in another case", answer: [named(a, wire("A.Example"))],
      kept: ["a.example. 60 CNAME A.Example."], ending: .looping),
    Row(
      name: "a loop of two", answer: [named(b), named(b, a)],
      kept: ["a.example. 60 CNAME b.example.", "b.example. 60 CNAME a.example."],
      ending: .looping),
    Row(
      name: "a loop behind the question", answer: [named(b), named(c, b), named(b, c)],
      kept: [
        "a.example. 60 CNAME b.example.", "b.example. 60 CNAME c.example.",
        "c.example. 60 CNAME b.example.",
      ], ending: .looping),
    Row(
      name: "to the root", answer: [named(a, [0]), address([0])],
      kept: ["a.example. 60 CNAME .", ". 60 A 192.0.2.1"], ending: .answered),
    Row(
      name: "the target in another case", answer: [named(wire("B.Example")), address(b)],
      kept: ["a.example. 60 CNAME B.Example.", "B.Example. 60 A 192.0.2.1"], ending: .answered),
    Row(
      name: "CNAME asked for", asked: question(type: 5), answer: [named(b), named(b, c)],
      kept: ["a.example. 60 CNAME b.example."], ending: .answered),
    Row(
      name: "ANY asked for", asked: question(type: 255),
      answer: [
        address(), record(owner: a, type: 255), named(b), signature(of: 1), named(b, c),
        record(owner: a, type: 250), record(owner: a, type: 16, [1, 65]),
      ],
      kept: [
        "a.example. 60 A 192.0.2.1", "a.example. 60 CNAME b.example.", "a.example. 60 RRSIG A",
        "a.example. 60 TXT 2 octets",
      ], ending: .answered),
  ]

  static let subtrees: [Row] = [
    Row(
      name: "DNAME", asked: question("w.a.example"),
      answer: [
        named(wire("a.example"), b, type: 39), named(wire("w.b.example")),
        address(wire("w.b.example")),
      ],
      kept: [
        "a.example. 60 DNAME b.example.", "w.a.example. 60 CNAME w.b.example.",
        "w.b.example. 60 A 192.0.2.1",
      ], ending: .answered),
    Row(
      name: "DNAME behind its alias, in other cases", asked: question("w.a.example"),
      answer: [named(wire("W.B.example")), named(wire("A.example"), wire("b.Example"), type: 39)],
      kept: ["A.example. 60 DNAME b.Example.", "w.a.example. 60 CNAME W.B.example."],
      ending: .aliased),
    Row(
      name: "DNAME of the root", asked: question("w"),
      answer: [named([0], b, type: 39), named(wire("w.b.example"))],
      kept: [". 60 DNAME b.example.", "w. 60 CNAME w.b.example."], ending: .aliased),
    Row(
      name: "DNAME to elsewhere", asked: question("w.a.example"),
      answer: [named(wire("a.example"), c, type: 39), named(wire("w.b.example"))],
      kept: ["w.a.example. 60 CNAME w.b.example."], ending: .aliased),
    Row(
      name: "DNAME of another tree", asked: question("w.a.example"),
      answer: [named(c, b, type: 39), named(wire("w.b.example"))],
      kept: ["w.a.example. 60 CNAME w.b.example."], ending: .aliased),
    Row(
      name: "DNAME at the name itself", answer: [named(a, b, type: 39), named(b)],
      kept: ["a.example. 60 CNAME b.example."], ending: .aliased),
    Row(
      name: "DNAME without alias", asked: question("w.a.example"),
      answer: [named(wire("a.example"), b, type: 39), address(wire("w.b.example"))], kept: [],
      ending: .unanswered),
    Row(
      name: "DNAME asked for", asked: question(type: 39), answer: [named(a, b, type: 39)],
      kept: ["a.example. 60 DNAME b.example."], ending: .answered),
    Row(
      name: "CNAME asked for below a DNAME", asked: question("w.a.example", type: 5),
      answer: [named(wire("a.example"), b, type: 39), named(wire("w.b.example"))],
      kept: ["a.example. 60 DNAME b.example.", "w.a.example. 60 CNAME w.b.example."],
      ending: .answered),
  ]

  static let signed: [Row] = [
    Row(
      name: "signatures not asked for", answer: [named(b), signature(of: 5), address(b)],
      kept: ["a.example. 60 CNAME b.example.", "b.example. 60 A 192.0.2.1"], ending: .answered),
    Row(
      name: "signatures of what is kept", dnssecOK: true,
      answer: [
        signature(b, of: 1), address(b), signature(of: 5), signature(of: 1), named(b),
        signature(c, of: 1), signature(b, of: 28),
      ],
      kept: [
        "a.example. 60 CNAME b.example.", "a.example. 60 RRSIG CNAME",
        "b.example. 60 A 192.0.2.1", "b.example. 60 RRSIG A",
      ], ending: .answered),
    Row(
      name: "the signature of a DNAME", asked: question("w.a.example"), dnssecOK: true,
      answer: [
        named(wire("a.example"), b, type: 39), signature(wire("a.example"), of: 39),
        named(wire("w.b.example")),
      ],
      kept: [
        "a.example. 60 DNAME b.example.", "a.example. 60 RRSIG DNAME",
        "w.a.example. 60 CNAME w.b.example.",
      ], ending: .aliased),
    Row(
      name: "signatures alone", dnssecOK: true, answer: [signature(of: 1)], kept: [],
      ending: .unanswered),
    Row(
      name: "signatures asked for", asked: question(type: 46),
      answer: [signature(of: 1), address(), signature(of: 5), signature(b, of: 1)],
      kept: ["a.example. 60 RRSIG A", "a.example. 60 RRSIG CNAME"], ending: .answered),
    Row(
      name: "a signature of one octet", dnssecOK: true,
      answer: [address(), record(owner: a, type: 46, [1])],
      kept: ["a.example. 60 A 192.0.2.1"], ending: .answered),
  ]

  @Test(arguments: plain + aliases + subtrees + signed)
  func `the answer keeps the chain, in its order`(row: Row) {
    let message = UpstreamMessage(question: row.asked, answer: row.answer)
    // TSIG and the like have another class on the wire: only here may they be of class IN.
    let reply = copy(message, dnssecOK: row.dnssecOK)
    #expect(reply.lines == row.kept.map { "answer " + $0 })
    #expect(reply.result.ending == row.ending)
    #expect((reply.result.aliasTarget != 0) == (row.ending == .aliased))
    #expect(reply.result.smallestTTL == (row.kept.isEmpty ? nil : 60))
  }

  // MARK: - Names

  @Test func `owners in the chain have the client's case`() {
    let message = UpstreamMessage(
      question: question("A.EXAMPLE"), answer: [address(), address(wire("a.ExamplE"), last: 2)])
    let asked = question("a.eXaMpLe")
    let octets = copy(message, asked: asked).composed.octets
    let expected =
      header(flags: 0x8000, 1, 2) + asked + address(questionPointer)
      + address(questionPointer, last: 2)
    #expect(octets == expected)
  }

  @Test func `owners point to the alias's target`() {
    let message = UpstreamMessage(
      answer: [named(wire("b.other.test")), address(wire("B.other.test"))])
    let reply = copy(message)
    let target = 12 + message.question.count + 12
    let expected =
      header(flags: 0x8000, 1, 2) + message.question + named(wire("b.other.test"))
      + address(octets16(0xC000 | target))
    #expect(reply.composed.octets == expected)
  }

  @Test func `the target of the last alias can be read in the reply`() {
    let message = UpstreamMessage(answer: [
      named([1, 0x62, 0xC0, 14]), named(wire("b.example"), wire("C.b.example")),
    ])
    let reply = copy(message)
    #expect(reply.result.ending == .aliased)
    let name = readName(reply.composed.octets, at: reply.result.aliasTarget)
    #expect(name?.wire == wire("C.b.example"))
  }

  // MARK: - Limits

  /// A chain of `count` aliases in front of an address.
  private static func chain(_ count: Int) -> UpstreamMessage {
    let names = (0..<count).map { wire("c\($0).test") }
    let owners = [questionPointer] + names
    let answer = zip(owners, names).map { named($0, $1) } + [address(owners[count])]
    return UpstreamMessage(answer: answer)
  }

  @Test(arguments: [1, 2, 15, 16, 17, 18, 500], [false, true])
  func `a chain is cut at the limit`(count: Int, isBackwards: Bool) {
    var message = Self.chain(count)
    if isBackwards { message.answer.reverse() }
    let reply = copy(message)
    let isCut = count > CopyLimits.aliasCountMax
    #expect(reply.result.ending == (isCut ? .cut : .answered))
    #expect(reply.result.isChainCut == isCut)
    #expect(reply.result.aliasTarget == 0)
    #expect(reply.lines.count == (isCut ? CopyLimits.aliasCountMax : count + 1))
    #expect(reply.composed.header.map { $0.flags & 0x0200 } == 0)
  }

  @Test func `a chain that ends at the limit may go on elsewhere`() {
    var message = Self.chain(CopyLimits.aliasCountMax)
    message.answer.removeLast()
    #expect(copy(message).result.ending == .aliased)
  }

  @Test func `nothing is copied into a reply without question`() {
    let message = UpstreamMessage(answer: [address()]).octets
    let reply = compose { writer in
      writer.reset(sizeMax: 512, hasOPT: false)
      if let summary = summary(message) {
        let result = copyReply(message.span, summary, into: &writer, dnssecOK: true)
        #expect(result == CopiedAnswer())
      }
      writer.finish()
    }
    #expect(reply.octets == header(flags: 0x8000, 0))
  }
}
