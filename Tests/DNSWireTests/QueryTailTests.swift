import DNSWire
import Testing

/// The header, and what may follow the question of a query.
@Suite struct QueryTailTests {
  // MARK: - Header (RFC 1035 §4.1.1)

  @Test func `a header is twelve octets in network order`() throws {
    let octets: [UInt8] = [0x12, 0x34, 0xA8, 0x0F, 0, 1, 2, 3, 4, 5, 0xFF, 0xFF]
    let header = try #require(readHeader(octets + [1, 2, 3]))
    #expect(header.id == 0x1234)
    #expect(header.flags == 0xA80F)
    #expect(header.isResponse)
    #expect(header.opcode == 5)
    #expect(header.questionCount == 1)
    #expect(header.answerCount == 0x0203)
    #expect(header.authorityCount == 0x0405)
    #expect(header.additionalCount == 0xFFFF)
    for count in 0..<12 { #expect(readHeader(Array(octets.prefix(count))) == nil) }
  }

  @Test func `opcode and QR are their own bits`() throws {
    for opcode in 0..<16 {
      for bit in [0, 0x8000] {
        let octets = DNSWireTests.header(flags: opcode << 11 | bit | 0x07FF)
        let header = try #require(readHeader(octets))
        #expect(Int(header.opcode) == opcode)
        #expect(header.isResponse == (bit != 0))
      }
    }
    #expect(Header() == readHeader(Array(repeating: 0, count: 12)))
  }

  // MARK: - Records after the question

  struct TailCase: CustomTestStringConvertible {
    var testDescription: String
    var message: [UInt8]
    var expected: QueryTail

    init(
      _ what: String, type: Int = 1, _ answers: Int, _ authority: Int, _ additional: Int,
      _ records: [UInt8], _ expected: QueryTail
    ) {
      testDescription = what
      message =
        header(1, answers, authority, additional) + question("a.example", type: type) + records
      self.expected = expected
    }
  }

  static let plain = QueryTail.wellFormed(usualEDNS)
  static let tsig = record(owner: wire("key"), type: 250, classCode: 255, [1, 2, 3])
  static let soa = record(
    owner: wire("a.example"), type: 6, [0, 0] + Array(repeating: 0, count: 20))
  static let address = record(owner: [0xC0, 12], type: 1, [10, 0, 0, 1])

  static let good: [TailCase] = [
    TailCase("nothing follows", 0, 0, 0, [], .wellFormed(nil)),
    TailCase("trailing octets (H28)", 0, 0, 0, [1, 2, 3], .wellFormed(nil)),
    TailCase("OPT (RFC 6891 §6.1.1)", 0, 0, 1, optRecord(), plain),
    TailCase("OPT and trailing octets", 0, 0, 1, optRecord() + [0, 0, 41], plain),
    TailCase(
      "DO among all flags (RFC 3225)", 0, 0, 1, optRecord(flags: 0xFFFF),
      .wellFormed(EDNS(requestorPayloadSize: 1232, version: 0, dnssecOK: true))),
    TailCase("flags without DO", 0, 0, 1, optRecord(flags: 0x7FFF), plain),
    TailCase(
      "version 1 is the caller's to refuse (§6.1.3)", 0, 0, 1, optRecord(version: 1),
      .wellFormed(EDNS(requestorPayloadSize: 1232, version: 1, dnssecOK: false))),
    TailCase(
      "size 0 as it came (§6.2.3)", 0, 0, 1, optRecord(size: 0),
      .wellFormed(EDNS(requestorPayloadSize: 0, version: 0, dnssecOK: false))),
    TailCase(
      "unknown options (§6.1.2)", 0, 0, 1, optRecord(options: [255, 254, 0, 1, 9, 0, 0, 0, 0]),
      plain),
    TailCase(
      "100 options", 0, 0, 1, optRecord(options: Array(repeating: 0, count: 400)), plain),
    TailCase("TSIG alone (RFC 8945 §5.1)", 0, 0, 1, tsig, .wellFormed(nil)),
    TailCase("OPT, then TSIG", 0, 0, 2, optRecord() + tsig, plain),
    TailCase("IXFR with its SOA (RFC 1995 §3)", type: 251, 0, 1, 0, soa, .wellFormed(nil)),
    TailCase("IXFR with SOA and OPT", type: 251, 0, 1, 1, soa + optRecord(), plain),
    TailCase("IXFR without SOA", type: 251, 0, 0, 0, [], .wellFormed(nil)),
  ]

  static let bad: [TailCase] = [
    TailCase("answer (H23)", 1, 0, 0, address, .malformed(nil)),
    TailCase("answer counted, not there (H26)", 1, 0, 0, [], .malformed(nil)),
    TailCase("authority (H24)", 0, 1, 0, address, .malformed(nil)),
    TailCase("SOA in authority, not IXFR", 0, 1, 0, soa, .malformed(nil)),
    TailCase("IXFR with two SOA", type: 251, 0, 2, 0, soa + soa, .malformed(nil)),
    TailCase(
      "IXFR with NS in authority", type: 251, 0, 1, 0, record(type: 2, [0]), .malformed(nil)),
    TailCase(
      "IXFR with SOA cut", type: 251, 0, 1, 0, Array(soa.dropLast()), .malformed(nil)),
    TailCase("additional A (H25)", 0, 0, 1, address, .malformed(nil)),
    TailCase("OPT, then A", 0, 0, 2, optRecord() + address, .malformed(usualEDNS)),
    TailCase("counted, not there (H27)", 0, 0, 1, [], .malformed(nil)),
    TailCase("OPT, then counted, not there", 0, 0, 2, optRecord(), .malformed(usualEDNS)),
    TailCase("65,535 counted", 0, 0, 65_535, optRecord(), .malformed(usualEDNS)),
    TailCase(
      "two OPT (E09, RFC 6891 §6.1.1)", 0, 0, 2, optRecord() + optRecord(), .malformed(usualEDNS)),
    TailCase("OPT owner not root (E10)", 0, 0, 1, optRecord(owner: wire("x")), .malformed(nil)),
    TailCase("OPT owner a pointer", 0, 0, 1, optRecord(owner: [0xC0, 11]), .malformed(nil)),
    TailCase("OPT in answer (E11)", 1, 0, 0, optRecord(), .malformed(nil)),
    TailCase("OPT in authority (E12)", 0, 1, 0, optRecord(), .malformed(nil)),
    TailCase("OPT in authority of IXFR", type: 251, 0, 1, 0, optRecord(), .malformed(nil)),
    TailCase("RDLENGTH past the end (E17)", 0, 0, 1, optRecord(length: 1), .malformed(nil)),
    TailCase(
      "option past RDLENGTH (E15)", 0, 0, 1, optRecord(options: [0, 3, 0, 2, 1]), .malformed(nil)),
    TailCase(
      "option past RDLENGTH, octets behind it (E16)", 0, 0, 1,
      optRecord(length: 5, options: [0, 3, 0, 2, 1, 1, 1]), .malformed(nil)),
    TailCase("option head cut", 0, 0, 1, optRecord(options: [0, 3, 0]), .malformed(nil)),
    TailCase(
      "101 options (E33)", 0, 0, 1, optRecord(options: Array(repeating: 0, count: 404)),
      .malformed(usualEDNS)),
    TailCase(
      "16,000 options", 0, 0, 1, optRecord(options: Array(repeating: 0, count: 64_000)),
      .malformed(usualEDNS)),
    TailCase("TSIG not last (E37)", 0, 0, 2, tsig + optRecord(), .malformed(nil)),
    TailCase("two TSIG", 0, 0, 2, tsig + tsig, .malformed(nil)),
    TailCase(
      "OPT, TSIG, then OPT", 0, 0, 3, optRecord() + tsig + optRecord(), .malformed(usualEDNS)),
    TailCase("TSIG cut", 0, 0, 1, Array(tsig.dropLast()), .malformed(nil)),
  ]

  @Test(arguments: good)
  func `well-formed tails are read`(row: TailCase) {
    #expect(tail(of: row.message) == row.expected)
  }

  @Test(arguments: bad)
  func `other tails are malformed`(row: TailCase) {
    #expect(tail(of: row.message) == row.expected)
  }

  @Test func `a tail cut at any octet is malformed`() {
    let options: [UInt8] = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]
    let message = header(1, 0, 0, 1) + question() + optRecord(options: options)
    #expect(tail(of: message) == Self.plain)
    for count in (12 + question().count)..<message.count {
      #expect(tail(of: Array(message.prefix(count))) == .malformed(nil), "\(count)")
    }
  }

  @Test func `65,535 counted records cost no more than those present`() throws {
    let record = record(type: 250, classCode: 255)
    let records = Array(repeating: record, count: 2_000).flatMap { $0 }
    let message = header(1, 0, 0, 65_535) + question() + records
    #expect(tail(of: message) == .malformed(nil))
  }
}
