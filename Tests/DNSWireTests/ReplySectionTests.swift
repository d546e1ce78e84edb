import DNSWire
import Testing

/// Authority and additional section of a copied reply, and TTLs of all.
@Suite struct ReplySectionTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let name: String
    var dnssecOK = false
    var type = 1
    var answer: [[UInt8]] = []
    var authority: [[UInt8]] = []
    var additional: [[UInt8]] = []
    let kept: [String]
    var testDescription: String { name }
  }

  private static let apex = wire("example")
  private static func ns(_ owner: [UInt8], _ target: String = "ns.example") -> [UInt8] {
    named(owner, wire(target), type: 2)
  }

  static let authority: [Row] = [
    Row(
      name: "SOA of a negative answer", authority: [soa(apex)],
      kept: ["authority example. 60 SOA ns.example. ..."]),
    Row(
      name: "SOA of the name, of its parents",
      authority: [soa(questionPointer), soa(wire("EXAMPLE")), soa([0])],
      kept: ["a.example.", "EXAMPLE.", "."].map { "authority \($0) 60 SOA ns.example. ..." }),
    Row(
      name: "SOA of other names",
      authority: [soa(wire("b.example")), soa(wire("b.a.example")), soa(wire("ample"))], kept: []),
    Row(
      name: "NS as they came", answer: [address()],
      authority: [ns(apex, "b.test"), ns(apex, "a.test")],
      kept: [
        "answer a.example. 60 A 192.0.2.1", "authority example. 60 NS b.test.",
        "authority example. 60 NS a.test.",
      ]),
    Row(name: "NS of others", authority: [ns(wire("victim.example"))], kept: []),
    Row(
      name: "what is said about the chain's last name",
      answer: [named(questionPointer, wire("b.test"))],
      authority: [soa(apex), soa(wire("test"))],
      kept: [
        "answer a.example. 60 CNAME b.test.", "authority test. 60 SOA ns.example. ...",
      ]),
    Row(
      name: "no other types",
      authority: [
        address(), named(questionPointer, [0]), record(owner: questionPointer, type: 16, [0]),
        record(owner: apex, type: 43, [1]), record(owner: apex, type: 47, [0]),
        record(owner: apex, type: 50, [0]), signature(apex, of: 6), signature(apex, of: 47),
      ], kept: []),
    Row(
      name: "DNSSEC", dnssecOK: true,
      authority: [
        soa(apex), signature(apex, of: 6), record(owner: apex, type: 43, [1]),
        signature(apex, of: 43), record(owner: wire("x.test"), type: 47, [0]),
        signature(wire("x.test"), of: 47), record(owner: wire("h.example"), type: 50, [0]),
        signature(wire("h.example"), of: 50),
      ],
      kept: [
        "example. 60 SOA ns.example. ...", "example. 60 RRSIG SOA", "example. 60 DS 1 octets",
        "example. 60 RRSIG DS", "x.test. 60 NSEC 1 octets", "x.test. 60 RRSIG NSEC",
        "h.example. 60 NSEC3 1 octets", "h.example. 60 RRSIG NSEC3",
      ].map { "authority " + $0 }),
    Row(
      name: "DNSSEC of others", dnssecOK: true,
      authority: [
        soa(wire("b")), signature(wire("b"), of: 6), record(owner: wire("b"), type: 43, [1]),
        signature(wire("b"), of: 43), signature(apex, of: 1), signature(apex, of: 46),
      ], kept: []),
  ]

  private static let v6 = Array(repeating: UInt8(1), count: 16)

  static let additional: [Row] = [
    Row(
      name: "addresses of name servers", authority: [ns(apex)],
      additional: [
        address(wire("NS.example")), record(owner: wire("ns.example"), type: 28, v6),
        address(wire("victim.example")), signature(wire("ns.example"), of: 1), optRecord(),
        record(owner: wire("ns.example"), type: 16, [0]),
      ],
      kept: [
        "authority example. 60 NS ns.example.", "additional NS.example. 60 A 192.0.2.1",
        "additional ns.example. 60 AAAA 16 octets",
      ]),
    Row(
      name: "with signatures", dnssecOK: true, authority: [ns(apex)],
      additional: [
        address(wire("ns.example")), signature(wire("ns.example"), of: 1),
        signature(wire("ns.example"), of: 16), signature(wire("b.example"), of: 1),
      ],
      kept: [
        "authority example. 60 NS ns.example.", "additional ns.example. 60 A 192.0.2.1",
        "additional ns.example. 60 RRSIG A",
      ]),
    Row(
      name: "not of name servers that were dropped", authority: [ns(wire("b"))],
      additional: [address(wire("ns.example"))], kept: []),
    Row(
      name: "of mail exchanges", type: 15,
      answer: [named(questionPointer, wire("mx.test"), type: 15, before: [0, 10])],
      additional: [address(wire("mx.test")), address(wire("my.test"))],
      kept: [
        "answer a.example. 60 MX 10 mx.test.", "additional mx.test. 60 A 192.0.2.1",
      ]),
    Row(
      name: "of services", type: 33,
      answer: [named(questionPointer, wire("s.test"), type: 33, before: [0, 0, 0, 0, 0, 53])],
      additional: [address(wire("s.test"))],
      kept: ["answer a.example. 60 SRV s.test.", "additional s.test. 60 A 192.0.2.1"]),
    Row(
      name: "not of aliases", answer: [named(questionPointer, wire("b.example"))],
      additional: [address(wire("b.example"))], kept: ["answer a.example. 60 CNAME b.example."]),
    Row(
      name: "null targets", type: 33,
      answer: [named(questionPointer, [0], type: 33, before: [0, 0, 0, 0, 0, 0])],
      additional: [address([0])],
      kept: ["answer a.example. 60 SRV .", "additional . 60 A 192.0.2.1"]),
  ]

  @Test(arguments: authority + additional)
  func `sections keep what belongs to the answer`(row: Row) {
    let message = UpstreamMessage(
      question: question(type: row.type), answer: row.answer, authority: row.authority,
      additional: row.additional)
    #expect(copy(message, dnssecOK: row.dnssecOK).lines == row.kept)
  }

  @Test func `the addresses of a bounded number of names are kept`() {
    let names = (0..<100).map { wire("ns\($0).test") }
    let message = UpstreamMessage(
      authority: names.map { named(wire("example"), $0, type: 2) },
      additional: names.map { address($0) })
    let lines = copy(message).lines
    #expect(lines.filter { $0.hasPrefix("authority") }.count == 100)
    #expect(lines.filter { $0.hasPrefix("additional") }.count == 64)
    // The same name again takes no place.
    var again = message
    again.authority = Array(repeating: named(wire("example"), names[99], type: 2), count: 99)
    again.additional = [address(names[99])]
    #expect(copy(again).lines.last?.hasPrefix("additional ns99.test.") == true)
  }

  // MARK: - TTL

  @Test(
    arguments: [
      (0, 0), (1, 1), (604_799, 604_799), (604_800, 604_800), (604_801, 604_800),
      (0x7FFF_FFFF, 604_800), (0x8000_0000, 0), (0x8000_0001, 0), (0xFFFF_FFFF, 0),
    ] as [(UInt32, UInt32)])
  func `TTLs are bounded`(sent: UInt32, kept: UInt32) {
    let name = wire("ns.example")
    let reply = copy(
      UpstreamMessage(
        answer: [address(ttl: sent)],
        authority: [named(wire("example"), name, type: 2, ttl: sent)],
        additional: [address(name, ttl: sent)]))
    let ttls = readAll(reply.composed.octets)?.records.map(\.record.ttl)
    #expect(ttls == [kept, kept, kept])
    #expect(reply.result.smallestTTL == kept)
  }

  @Test func `the smallest TTL is that of kept records alone`() {
    let message = UpstreamMessage(
      answer: [address(wire("x.example"), ttl: 1), address(ttl: 50), address(last: 2, ttl: 40)],
      authority: [soa(wire("b"), ttl: 2), named(wire("example"), wire("n"), type: 2, ttl: 30)],
      additional: [address(wire("m"), ttl: 3), address(wire("n"), ttl: 20), optRecord()])
    #expect(copy(message).result.smallestTTL == 20)
  }

  @Test(
    arguments: [
      (60, 30, 30), (30, 60, 30), (0, 60, 0), (60, 0, 0), (0xFFFF_FFFF, 60, 0),
      (60, 0x8000_0000, 0),
      (0x7FFF_FFFF, 0x7FFF_FFFF, 604_800),
    ] as [(UInt32, UInt32, UInt32)])
  func `a negative answer has a time`(ttl: UInt32, minimum: UInt32, expected: UInt32) {
    let message = UpstreamMessage(
      flags: 0x8183, authority: [soa(wire("example"), ttl: ttl, minimum: minimum)])
    #expect(copy(message).result.negativeTTL == expected)
  }

  @Test func `a negative answer without SOA of its own has none`() {
    #expect(copy(UpstreamMessage(flags: 0x8183)).result.negativeTTL == nil)
    let message = UpstreamMessage(flags: 0x8183, authority: [soa(wire("other"))])
    #expect(copy(message).result.negativeTTL == nil)
    let two = UpstreamMessage(authority: [soa(wire("b")), soa([0], minimum: 5), soa([0])])
    #expect(copy(two).result.negativeTTL == 5)
  }

  @Test func `a truncated message gives its whole records`() {
    let message = UpstreamMessage(
      flags: 0x8380, answer: [address(), address(last: 2)], counts: [1, 9, 9, 9])
    let lines = copy(message).lines
    #expect(lines == [1, 2].map { "answer a.example. 60 A 192.0.2.\($0)" })
  }
}
