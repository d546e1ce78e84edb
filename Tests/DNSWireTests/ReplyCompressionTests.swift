import DNSWire
import Testing

/// How names of copied records are written: what points where, and what never does.
@Suite struct ReplyCompressionTests {
  private static let front = 12 + question().count

  /// Whether a copied reply is header, question and just these records.
  private static func expect(
    _ message: UpstreamMessage, dnssecOK: Bool = false, becomes records: [[UInt8]],
    at location: SourceLocation = #_sourceLocation
  ) {
    let octets = copy(message, dnssecOK: dnssecOK).composed.octets
    let rest = Array(octets.dropFirst(12 + message.question.count))
    #expect(rest == Array(records.joined()), sourceLocation: location)
  }

  private static func pointer(_ offset: Int) -> [UInt8] { octets16(0xC000 | offset) }

  @Test func `names point to the question, to targets and to each other`() {
    // Behind the question: 12 octets of record, then the target at 39.
    let message = UpstreamMessage(
      answer: [named(wire("www.b.test")), address(wire("www.b.test"))],
      authority: [named(wire("b.test"), wire("ns.b.test"), type: 2)],
      additional: [address(wire("ns.b.test"))])
    let target = Self.front + 12
    let apex = Self.pointer(target + 4)
    let server = target + 12 + 16 + 12
    Self.expect(
      message,
      becomes: [
        named(wire("www.b.test")), address(Self.pointer(target)),
        named(apex, [2, 0x6E, 0x73] + apex, type: 2), address(Self.pointer(server)),
      ])
  }

  @Test func `names in well-known RDATA are compressed`() {
    let numbers: [UInt8] = Array(1...20)
    let whole: [[UInt8]] = [wire("ns.a.example"), wire("hm.ns.a.example"), numbers]
    let short: [[UInt8]] = [
      [2, 0x6E, 0x73], questionPointer, [2, 0x68, 0x6D], Self.pointer(39), numbers,
    ]
    let message = UpstreamMessage(
      question: question(type: 6),
      answer: [record(owner: questionPointer, type: 6, Array(whole.joined()))])
    Self.expect(
      message, becomes: [record(owner: questionPointer, type: 6, Array(short.joined()))])
  }

  @Test func `only exact octets are pointed to`() {
    let message = UpstreamMessage(
      answer: [named(wire("b.EXAMPLE")), address(wire("b.example"))],
      authority: [
        named(wire("Example"), wire("ns.EXAMPLE"), type: 2),
        named(wire("EXAMPLE"), wire("ns.example"), type: 2),
      ])
    let target = Self.front + 12
    let upper = Self.pointer(target + 2)
    Self.expect(
      message,
      becomes: [
        named(wire("b.EXAMPLE")), address(Self.pointer(target)),
        named(wire("Example"), [2, 0x6E, 0x73] + upper, type: 2),
        named(upper, [2, 0x6E, 0x73] + Self.pointer(14), type: 2),
      ])
  }

  @Test func `service targets are written out`() {
    func service(_ target: [UInt8]) -> [UInt8] {
      named(questionPointer, target, type: 33, before: [0, 1, 0, 2, 0, 53])
    }
    let message = UpstreamMessage(
      question: question(type: 33), answer: [service([1, 0x73] + questionPointer)],
      additional: [address([0xC0, 45])])
    let target = Self.pointer(Self.front + 12 + 6)
    Self.expect(message, becomes: [service(wire("s.a.example")), address(target)])
  }

  @Test func `nothing points into mail exchanges, which change places`() {
    func exchange(_ target: [UInt8]) -> [UInt8] {
      named(questionPointer, target, type: 15, before: [0, 1])
    }
    let message = UpstreamMessage(
      question: question(type: 15),
      answer: [
        exchange(wire("mx.test")), exchange(wire("a.mx.test")), exchange(wire("b.a.example")),
      ],
      additional: [address(wire("mx.test")), address(wire("a.mx.test"), last: 2)])
    let sets: [[UInt8]] = [
      exchange(wire("mx.test")), exchange(wire("a.mx.test")),
      exchange([1, 0x62] + questionPointer),
    ]
    let owner = Self.pointer(Self.front + sets.joined().count)
    Self.expect(
      message, becomes: sets + [address(wire("mx.test")), address([1, 0x61] + owner, last: 2)])
  }

  @Test func `a record that did not fit leaves no targets`() {
    // The first name server does not fit, the second would share its name.
    let long = wire("ns." + String(repeating: "x", count: 60) + ".test")
    let message = UpstreamMessage(
      authority: [
        named(wire("example"), long, type: 2), named(wire("example"), wire("test"), type: 2),
      ])
    let reply = copy(message, sizeMax: Self.front + 40)
    #expect(reply.lines == ["authority example. 60 NS test."])
    #expect(reply.composed.header.map { $0.flags & 0x0200 } == 0x0200)
    #expect(
      reply.composed.octets.dropFirst(Self.front)
        == named([0xC0, 14], wire("test"), type: 2)[...])
  }

  @Test func `an address whose service did not fit is dropped`() {
    let target = wire("s.test")
    let message = UpstreamMessage(
      question: question(type: 33),
      answer: [named(questionPointer, target, type: 33, before: [0, 1, 0, 2, 0, 53])],
      additional: [address(target)])
    // The address would fit, the service does not.
    let reply = copy(message, sizeMax: Self.front + target.count + 14 + 2)
    #expect(reply.lines == [])
    #expect(reply.composed.header.map { $0.flags & 0x0200 } == 0x0200)
  }

  @Test func `owners do not point to pointers`() {
    let message = UpstreamMessage(answer: [named(wire("example")), address(wire("Example"))])
    Self.expect(message, becomes: [named([0xC0, 14]), address([0xC0, 14])])
    let alone = copy(UpstreamMessage(answer: [named(wire("example"))]))
    #expect(alone.result.aliasTarget == 14)
  }

  @Test func `suffixes are remembered up to a bound, then written out`() {
    let names = (0..<200).map { wire("ns.n\($0).test") }
    let message = UpstreamMessage(
      authority: (names + names).map { named(wire("example"), $0, type: 2) })
    let reply = copy(message)
    #expect(reply.lines.count == 400)
    #expect(reply.lines.prefix(200) == reply.lines.suffix(200))
    let lengths = readAll(reply.composed.octets)?.records.map { $0.record.dataRange.count } ?? []
    #expect(lengths.first == wire("ns.n0.test").count)
    // Known: a pointer alone. Not known: written out up to the pointer to `test`.
    #expect(lengths.dropFirst(200).first == 2)
    #expect(lengths.last == wire("ns.n199.").count - 1 + 2)
  }

  @Test func `no pointer reaches behind its fourteen bits`() {
    // An opaque record moves what follows it beyond the reach of pointers.
    let far = wire("far.test")
    let filler = record(owner: questionPointer, type: 10, Array(repeating: 7, count: 17_000))
    let message = UpstreamMessage(
      question: question(type: 10), answer: [filler],
      authority: [named(wire("example"), far, type: 2), named(wire("example"), far, type: 2)],
      additional: [address(far)])
    let server = named([0xC0, 14], far, type: 2)
    Self.expect(message, becomes: [filler, server, server, address(far)])
  }

  @Test func `owners are written out where pointers do not reach`() {
    let (far, other) = (wire("far.test"), wire("other.test"))
    let filler = record(
      owner: questionPointer, type: 46, [0, 5] + Array(repeating: 7, count: 17_000))
    let message = UpstreamMessage(
      answer: [named(far), filler, named(far, other), address(other)])
    let short = [5] + Array("other".utf8) + Self.pointer(43)
    Self.expect(
      message, dnssecOK: true,
      becomes: [named(far), filler, named(Self.pointer(39), short), address(short)])
  }
}
