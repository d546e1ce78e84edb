import DNSWire
import Testing

/// Answers to aliases that were looked up elsewhere, appended to the reply that ends in them.
@Suite struct AliasAppendTests {
  /// A finished reply of our own to the question for `name`.
  private static func part(
    _ name: String, type: Int = 1, flags: Int = 0x8180, answer: [[UInt8]] = [],
    authority: [[UInt8]] = [], additional: [[UInt8]] = []
  ) -> [UInt8] {
    UpstreamMessage(
      id: 0, flags: flags, question: question(name, type: type), answer: answer,
      authority: authority, additional: additional
    ).octets
  }

  /// A reply that ends in an alias, and the parts appended to it one after the other as long as
  /// there is an alias to follow.
  private static func append(
    _ parts: [[UInt8]], to parent: UpstreamMessage, dnssecOK: Bool = false
  ) -> CopiedReply {
    copy(parent, dnssecOK: dnssecOK) { writer, result in
      for part in parts where result.aliasTarget != 0 {
        result = appendAlias(
          part.span, at: result.aliasTarget, into: &writer, dnssecOK: dnssecOK)
      }
    }
  }

  private static let toB = UpstreamMessage(answer: [named(wire("B.test"))])
  private static let aliasLine = "answer a.example. 60 CNAME B.test."

  @Test func `the target's records follow the alias`() {
    let part = Self.part("b.test", answer: [address(), address(last: 2)])
    let reply = Self.append([part], to: Self.toB)
    let expected =
      header(flags: 0x8000, 1, 3) + question() + named(wire("B.test"))
      + address([0xC0, 39]) + address([0xC0, 39], last: 2)
    #expect(reply.composed.octets == expected)
    #expect(reply.result.ending == .answered)
    #expect(reply.result.aliasTarget == 0)
  }

  @Test func `aliases go on in the next part`() {
    let reply = Self.append(
      [
        Self.part("b.test", answer: [named(wire("c.test"))]),
        Self.part("c.test", answer: [named(wire("d.test")), address(wire("d.test"))]),
      ], to: Self.toB)
    #expect(
      reply.lines == [
        Self.aliasLine, "answer B.test. 60 CNAME c.test.", "answer c.test. 60 CNAME d.test.",
        "answer d.test. 60 A 192.0.2.1",
      ])
    #expect(reply.result.ending == .answered)
  }

  @Test func `what is not the target's is dropped`() {
    let part = Self.part(
      "b.test", answer: [address(), address(wire("victim.example"))],
      authority: [named(wire("test"), wire("ns.test"), type: 2)],
      additional: [address(wire("ns.test")), optRecord()])
    #expect(
      Self.append([part], to: Self.toB).lines
        == [Self.aliasLine, "answer B.test. 60 A 192.0.2.1"])
    let other = Self.append([Self.part("x.test", answer: [address()])], to: Self.toB)
    #expect(other.lines == [Self.aliasLine])
    #expect(other.result.ending == .unanswered)
  }

  @Test(arguments: [0x8580, 0x8583])
  func `a negative answer brings its SOA`(flags: Int) {
    var parent = Self.toB
    parent.authority = [soa(wire("test"), minimum: 9), named(wire("test"), wire("n"), type: 2)]
    parent.additional = [address(wire("n"))]
    let part = Self.part("b.test", flags: flags, authority: [soa(wire("test"), minimum: 7)])
    let reply = Self.append([part], to: parent)
    #expect(reply.lines == [Self.aliasLine, "authority test. 60 SOA ns.example. ..."])
    #expect(reply.result.ending == .unanswered)
    #expect(reply.result.negativeTTL == 7)
  }

  @Test func `what the parent had behind its answer goes`() {
    var parent = Self.toB
    parent.authority = [named(wire("test"), wire("n"), type: 2)]
    parent.additional = [address(wire("n"))]
    let reply = Self.append([Self.part("b.test", answer: [address()])], to: parent)
    #expect(reply.lines == [Self.aliasLine, "answer B.test. 60 A 192.0.2.1"])
  }

  @Test func `loops through several parts end`() {
    let reply = Self.append(
      [
        Self.part("b.test", answer: [named(wire("c.test"))]),
        Self.part("c.test", answer: [named(wire("A.EXAMPLE"))]), Self.part("a.example"),
      ], to: Self.toB)
    #expect(
      reply.lines == [
        Self.aliasLine, "answer B.test. 60 CNAME c.test.", "answer c.test. 60 CNAME A.EXAMPLE.",
      ])
    #expect(reply.result.ending == .looping)
    #expect(reply.result.aliasTarget == 0)
  }

  @Test func `the limit counts the aliases of all parts`() {
    var parts: [[UInt8]] = []
    for number in 0..<30 {
      let name = number == 0 ? "b.test" : "c\(number).test"
      parts.append(Self.part(name, answer: [named(wire("c\(number + 1).test"))]))
    }
    let reply = Self.append(parts, to: Self.toB)
    #expect(reply.lines.count == CopyLimits.aliasCountMax)
    #expect(reply.result.ending == .cut)
  }

  @Test func `signatures follow with DNSSEC`() {
    let part = Self.part(
      "b.test", answer: [address(), signature(of: 1)], authority: [signature(wire("test"), of: 6)])
    #expect(
      Self.append([part], to: Self.toB, dnssecOK: true).lines
        == [Self.aliasLine, "answer B.test. 60 A 192.0.2.1", "answer B.test. 60 RRSIG A"])
    #expect(Self.append([part], to: Self.toB).lines.count == 2)
  }

  @Test func `the target may be in the question's tree`() {
    let parent = UpstreamMessage(answer: [named([1, 0x62] + questionPointer)])
    let reply = Self.append([Self.part("b.a.example", answer: [address()])], to: parent)
    #expect(
      reply.composed.octets.dropFirst(12 + question().count)
        == (named([1, 0x62] + questionPointer) + address([0xC0, 39]))[...])
  }

  @Test func `a part that does not fit sets TC`() {
    let part = Self.part("b.test", answer: [address(), address(last: 2)])
    let reply = copy(Self.toB, sizeMax: 12 + question().count + 20 + 16) { writer, result in
      result = appendAlias(
        part.span, at: result.aliasTarget, into: &writer, dnssecOK: false)
    }
    #expect(reply.lines == [Self.aliasLine, "answer B.test. 60 A 192.0.2.1"])
    #expect(reply.composed.header?.flags == 0x8200)
  }

  @Test func `junk appends nothing`() {
    let whole = Self.part("b.test", answer: [named(wire("c.test")), address(wire("c.test"))])
    for part in [[], [0], header(flags: 0x8180, 0), Array(repeating: 0xFF, count: 60)] {
      #expect(Self.append([part], to: Self.toB).lines == [Self.aliasLine])
    }
    for count in 0..<whole.count {
      let lines = Self.append([Array(whole.prefix(count))], to: Self.toB).lines
      #expect(lines == [Self.aliasLine], "\(count)")
    }
    for offset in [-1, 0, 11, 13, 1_000, .max, .min] {
      let reply = copy(Self.toB) { writer, _ in
        _ = appendAlias(whole.span, at: offset, into: &writer, dnssecOK: true)
      }
      #expect(reply.lines.first == Self.aliasLine)
      #expect(readAll(reply.composed.octets)?.isAtEnd == true)
    }
  }
}
