import DNSWire
import Testing

/// What is believed of what arrives where a reply is waited for.
@Suite struct ReplyJudgementTests {
  /// A message and why it is one.
  struct Row: CustomTestStringConvertible, Sendable {
    let name: String
    let message: [UInt8]
    var question = DNSWireTests.question()
    var testDescription: String { name }

    init(
      _ name: String, question: [UInt8] = DNSWireTests.question(),
      _ change: (inout UpstreamMessage) -> Void
    ) {
      self.name = name
      self.question = question
      var message = UpstreamMessage(question: question, answer: [address()])
      change(&message)
      self.message = message.octets
    }

    init(_ name: String, octets: [UInt8]) {
      self.name = name
      message = octets
    }
  }

  // MARK: - Ignored

  static let foreignHeaders: [Row] = [
    Row("nothing", octets: []),
    Row("three octets", octets: Array("abc".utf8)),
    Row("eleven octets", octets: Array(header(flags: 0x8180).prefix(11))),
    Row("garbage", octets: Array(repeating: 0xFF, count: 40)),
    Row("garbage with the right ID", octets: [0x12, 0x34] + Array(repeating: 0xFF, count: 40)),
    Row("a bare header", octets: header(flags: 0x8180, 0)),
    Row("another ID") { $0.id = 0x1235 },
    Row("a query") { $0.flags = 0x0100 },
    Row("another opcode") { $0.flags = 0xA180 },
    Row("no question") { $0.question = [] },
    Row("FORMERR without question, but with OPT") {
      $0 = UpstreamMessage(flags: 0x8181, question: [], additional: [optRecord()])
    },
    Row("SERVFAIL without question") { $0 = UpstreamMessage(flags: 0x8182, question: []) },
    Row("two questions") {
      $0.question += $0.question
      $0.counts[0] = 2
    },
    Row("a question counted, not there") {
      $0 = UpstreamMessage(question: [], counts: [1, nil, nil, nil])
    },
    Row("65,535 questions") { $0.counts[0] = 65_535 },
    Row("another name") { $0.question = question("b.example") },
    Row("a longer name") { $0.question = question("a.example.org") },
    Row("another type") { $0.question = question(type: 28) },
    Row("another class") { $0.question = wire("a.example") + [0, 1, 0, 3] },
    Row("more than 65,535 octets") { message in
      message.additional = [
        record(type: 10, Array(repeating: 0, count: 65_535)), record(type: 10),
      ]
    },
  ]

  static let foreignRecords: [Row] = [
    Row("a record more counted than there") { $0.counts[1] = 2 },
    Row("65,535 records counted") { $0.counts[1] = 65_535 },
    Row("an authority record counted, not there") { $0.counts[2] = 1 },
    Row("an additional record counted, not there") { $0.counts[3] = 1 },
    Row("an owner that points to itself") { $0.answer = [address([0xC0, 27])] },
    Row("an owner that points forward") { $0.answer = [address([0xC0, 40])] },
    Row("an owner that points past the end") { $0.answer = [address([0xFF, 0xFF])] },
    Row("an owner that points into the header") { $0.answer = [address([0xC0, 4])] },
    Row("an owner that ends in half a pointer") {
      $0.answer = []
      $0.counts[1] = 1
      $0.additional = [[0xC0]]
      $0.counts[3] = 0
    },
    Row("a loop of two pointers") {
      $0.answer = [
        record(owner: [0xC0, 12], type: 10, [0xC0, 41, 0xC0, 39]), address([0xC0, 39]),
      ]
    },
    Row("a label type of 01") { $0.answer = [address([0x41, 0x61, 0])] },
    Row("a label type of 10") { $0.answer = [address([0x81, 0x61, 0])] },
    Row("an owner of 256 octets") { $0.answer = [address(labels(octetCount: 255) + [0])] },
    Row("an owner of 256 octets through a pointer") {
      $0.answer = [address(labels(octetCount: 246) + questionPointer)]
    },
    Row("128 hops") { message in
      var pointers: [UInt8] = [0xC0, 12]
      for index in 1...128 { pointers += octets16(0xC000 | (39 + 2 * (index - 1))) }
      message.answer = [
        record(owner: questionPointer, type: 10, pointers), address(octets16(0xC000 | 295)),
      ]
    },
    Row("a record of another class") {
      $0.answer = [record(owner: questionPointer, type: 1, classCode: 3, [1, 2, 3, 4])]
    },
    Row("a record of class ANY") {
      $0.answer = [record(owner: questionPointer, type: 1, classCode: 255, [1, 2, 3, 4])]
    },
    Row("RDATA that overruns the message") {
      $0.answer = [record(owner: questionPointer, type: 10, length: 5, [1, 2, 3, 4])]
    },
  ]

  static let foreignOPT: [Row] = [
    Row("two OPT") { $0.additional = [optRecord(), optRecord()] },
    Row("OPT in the answer") { $0.answer = [optRecord()] },
    Row("OPT in authority") { $0.authority = [optRecord()] },
    Row("OPT with an owner") { $0.additional = [optRecord(owner: questionPointer)] },
    Row("OPT whose owner points to a root") {
      $0.additional = [optRecord(owner: [0xC0, 22])]
    },
    Row("an option of three octets") { $0.additional = [optRecord(options: [0, 10, 0])] },
    Row("an option that overruns OPT") {
      $0.additional = [optRecord(options: [0, 10, 0, 2, 1])]
    },
    Row("an octet after the last option") {
      $0.additional = [optRecord(options: [0, 10, 0, 1, 1, 0])]
    },
  ]

  @Test(arguments: foreignHeaders + foreignRecords + foreignOPT)
  func `junk is ignored`(row: Row) {
    #expect(judge(row.message, question: row.question) == .foreign)
  }

  @Test func `a reply that is cut anywhere is ignored`() {
    let message = UpstreamMessage(
      answer: [address(), named(wire("b.example"), questionPointer)],
      authority: [soa(wire("example"))], additional: [optRecord(options: [0, 3, 0, 1, 65])]
    ).octets
    for count in 0..<message.count {
      #expect(judge(Array(message.prefix(count))) == .foreign, "\(count)")
    }
    #expect(summary(message) != nil)
  }

  @Test func `a reply to a bad question is ignored`() {
    let message = UpstreamMessage(answer: [address()]).octets
    for question: [UInt8] in [[], [0], [0, 0, 1, 0]] {
      #expect(judge(message, question: question) == .foreign)
    }
  }

  // MARK: - Accepted

  static let oddities: [Row] = [
    Row("nothing odd") { _ in },
    Row("no records") { $0.answer = [] },
    Row("the question in upper case", question: question("a.eXample")) {
      $0.question = wire("A.EXAMPLE") + [0, 1, 0, 1]
    },
    Row("trailing octets") {
      $0.additional = [Array(repeating: 0, count: 13)]
      $0.counts[3] = 0
    },
    Row("Z and AD") { $0.flags = 0x81E0 },
    Row("AA without RA") { $0.flags = 0x8500 },
    Row("SERVFAIL") { $0.flags = 0x8182 },
    Row("RCODE 15") { $0.flags = 0x818F },
    Row("OPT of version 1") { $0.additional = [optRecord(version: 1)] },
    Row("unasked options") {
      $0.additional = [optRecord(size: 65_535, options: [0, 10, 0, 1, 65, 255, 255, 0, 0])]
    },
    Row("OPT before other records") { $0.additional = [optRecord(), address()] },
    Row("an opaque type") { $0.answer = [record(owner: questionPointer, type: 65_280, [0xFF])] },
    Row("opaque RDATA that looks like a bad name") {
      $0.answer = [record(owner: questionPointer, type: 46, [0xC0])]
    },
    Row("a root as owner") { $0.authority = [named([0], [0], type: 2)] },
    Row("an owner of 255 octets through a pointer") {
      $0.answer = [address(labels(octetCount: 244) + questionPointer)]
    },
    Row("127 hops") { message in
      var pointers: [UInt8] = [0xC0, 12]
      for index in 1...125 { pointers += octets16(0xC000 | (39 + 2 * (index - 1))) }
      message.answer = [
        record(owner: questionPointer, type: 10, pointers), address(octets16(0xC000 | 289)),
      ]
    },
    Row("a name that points into a longer name") {
      $0.answer = [named(questionPointer, [1, 0x62, 0xC0, 14])]
    },
  ]

  @Test(arguments: oddities)
  func `oddities are accepted`(row: Row) {
    #expect(summary(row.message, question: row.question) != nil)
  }

  @Test func `the summary says what the message says`() throws {
    let message = UpstreamMessage(
      flags: 0x85A3, answer: [address(), address(last: 2)], authority: [soa(wire("example"))],
      additional: [
        address(wire("b.example")),
        record(type: 41, classCode: 1_400, ttl: [0x0A, 0, 0x80, 0], [0, 3, 0, 2, 65, 66]),
      ])
    let judged = DNSWireTests.summary(message.octets)
    let summary = try #require(judged)
    #expect(summary.flags == 0x85A3)
    #expect(summary.responseCode.rawValue == 0xA3)
    #expect(!summary.isTruncated)
    #expect(summary.isAuthoritative && summary.recursionAvailable && summary.isAuthentic)
    #expect(summary.answer == .init(offset: 27, recordCount: 2))
    #expect(summary.authority == .init(offset: 59, recordCount: 1))
    let soaCount = soa(wire("example")).count
    #expect(summary.additional == .init(offset: 59 + soaCount, recordCount: 2))
    #expect(summary.recordCount == 5)
    let end = message.octets.count
    let edns = EDNS(
      requestorPayloadSize: 1_400, version: 0, dnssecOK: true, optionsRange: (end - 6)..<end)
    #expect(summary.edns == edns)
  }

  // MARK: - Truncation

  @Test func `a truncated reply may end inside of a record`() {
    let front = 12 + question().count
    let message = UpstreamMessage(
      flags: 0x8380, answer: [address(), address(last: 2)],
      authority: [named(wire("example"), wire("ns.example"), type: 2)],
      additional: [address(wire("ns.example")), optRecord()])
    let octets = message.octets
    var ends: [Int] = [front]
    for record in message.answer + message.authority + message.additional {
      ends.append((ends.last ?? 0) + record.count)
    }
    for count in 0...octets.count {
      let verdict = summary(Array(octets.prefix(count)))
      if count < front {
        #expect(verdict == nil)
      } else {
        #expect(verdict?.isTruncated == true)
        #expect(verdict?.recordCount == ends.filter { $0 <= count }.count - 1, "\(count)")
      }
    }
  }

  @Test func `a truncated reply may not be malformed`() {
    for row in Self.foreignRecords where !row.name.contains("counted") {
      guard !["half a pointer", "overruns"].contains(where: { row.name.contains($0) }) else {
        continue
      }
      var message = row.message
      message[2] |= 0x02
      #expect(judge(message) == .foreign, "\(row.name)")
    }
  }

  // MARK: - No EDNS (RFC 6891 §7)

  @Test(
    arguments: [
      (0x8181, true, [], true), (0x8184, true, [], true), (0x8181, false, [], true),
      (0x8184, false, [], true), (0x8182, true, [], false), (0x8185, true, [], false),
      (0x8180, true, [], false), (0x8181, true, [optRecord()], false),
      (0x8180, true, [record(type: 41, ttl: [1, 0, 0, 0])], true),
      (0x8180, false, [record(type: 41, ttl: [1, 0, 0, 0])], true),
    ] as [(Int, Bool, [[UInt8]], Bool)])
  func `refusals of EDNS are recognized`(
    flags: Int, hasQuestion: Bool, additional: [[UInt8]], isRefusal: Bool
  ) {
    let message = UpstreamMessage(
      flags: flags, question: hasQuestion ? question() : [], additional: additional
    ).octets
    #expect((judge(message, edns: true) == .ednsRefused) == isRefusal)
    #expect((summary(message, edns: true) != nil) == (hasQuestion && !isRefusal))
    // Nobody asked with EDNS: an error like others, and without question no reply at all.
    #expect((summary(message, edns: false) != nil) == hasQuestion)
    #expect(judge(message, edns: false) != .ednsRefused)
  }

  @Test func `a refusal of EDNS to someone else is ignored`() {
    let other = UpstreamMessage(flags: 0x8181, question: question("b.example"))
    #expect(judge(other.octets) == .foreign)
    #expect(judge(UpstreamMessage(id: 1, flags: 0x8181, question: []).octets) == .foreign)
    #expect(judge(UpstreamMessage(flags: 0x0181, question: []).octets) == .foreign)
  }
}
