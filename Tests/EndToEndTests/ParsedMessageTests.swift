import TestSupport
import Testing

/// The tests' own message parser: what it reads and what it refuses.
@Suite struct ParsedMessageTests {
  /// Builds a response with one record in the answer section for `a.` (a pointer to octet 12).
  private static func message(type: UInt16, data: [UInt8]) -> [UInt8] {
    let header: [UInt8] = [0x12, 0x34, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0]
    let question: [UInt8] = [1, 0x61, 0, 0, 1, 0, 1]
    let typeOctets = [UInt8(type >> 8), UInt8(type & 0xff)]
    let length = [UInt8(data.count >> 8), UInt8(data.count & 0xff)]
    return header + question + [0xc0, 12] + typeOctets + [0, 1, 0, 0, 0, 30] + length + data
  }

  /// Record data with its presentation form, as dnspython writes it.
  struct Sample: Sendable, CustomTestStringConvertible {
    let type: UInt16
    let octets: [UInt8]
    let text: String
    var testDescription: String { text }

    init(_ type: UInt16, _ hex: String, _ text: String) {
      self.type = type
      octets = WireRow.octets(hex) ?? []
      self.text = text
    }
  }

  static let samples = [
    Sample(1, "0a600001", "a. 30 A 10.96.0.1"),
    Sample(28, "fd000010 00960000 00000000 0000301f", "a. 30 AAAA fd00:10:96::301f"),
    Sample(28, "20010db8 00000000 00010000 00000001", "a. 30 AAAA 2001:db8::1:0:0:1"),
    Sample(28, "20010db8 00000001 00010001 00010001", "a. 30 AAAA 2001:db8:0:1:1:1:1:1"),
    Sample(28, "00*16", "a. 30 AAAA ::"),
    Sample(28, "00*15 01", "a. 30 AAAA ::1"),
    Sample(28, "00*10 ffff c0000201", "a. 30 AAAA ::ffff:192.0.2.1"),
    Sample(
      33, "0000 0064 0050 03777777c00c".replacing("c00c", with: "016100"),
      "a. 30 SRV 0 100 80 www.a."),
    Sample(12, "03777777c00c", "a. 30 PTR www.a."),
    Sample(5, "c00c", "a. 30 CNAME a."),
    Sample(2, "00", "a. 30 NS ."),
    Sample(15, "0005c00c", "a. 30 MX 5 a."),
    Sample(
      6,
      "026e73c00c 0478c00c00".replacing("0478c00c00", with: "0178c00c")
        + " 78ea7a85 00001c20 00000708 00015180 0000001e",
      "a. 30 SOA ns.a. x.a. 2028632709 7200 1800 86400 30"),
    Sample(16, "05312e312e30", "a. 30 TXT \"1.1.0\""),
    Sample(16, "0568656c6c6f 04 225c20ff", "a. 30 TXT \"hello\" \"\\\"\\\\ \\255\""),
    Sample(12, "08 2e28293b5c402420 00", "a. 30 PTR \\.\\(\\)\\;\\\\\\@\\$\\032."),
    Sample(12, "03 00ff41 00", "a. 30 PTR \\000\\255A."),
    Sample(4711, "0102ff", "a. 30 TYPE4711 \\# 3 0102ff"),
  ]

  @Test(arguments: samples)
  func `record data is written in presentation form`(sample: Sample) throws {
    let message = try ParsedMessage(Self.message(type: sample.type, data: sample.octets))
    #expect(message.records.map(\.text) == [sample.text])
    #expect(message.questions == [.init(name: "a.", type: 1, questionClass: 1)])
    #expect(message.questionBytes == [1, 0x61, 0, 0, 1, 0, 1])
    #expect(message.header.id == 0x1234)
  }

  @Test func `a query is read back`() throws {
    let query = Query("KuBernetes.default.svc.cluster.local", .aaaa, id: 9, payloadSize: 4096)
    let message = try ParsedMessage(query.bytes)
    #expect(
      message.questions == [
        .init(name: "KuBernetes.default.svc.cluster.local.", type: 28, questionClass: 1)
      ])
    #expect(message.header.has(.rd) && !message.header.has(.qr))
    #expect(message.edns?.payloadSize == 4096)
    #expect(message.edns?.version == 0)
  }

  @Test func `OPT fields are taken apart`() throws {
    let octets = WireRow.octets(
      "1234 8403 0000 0000 0000 0001 00 0029 04d0 01 02 c001 0008 000a 0004 01020304")
    let message = try ParsedMessage(#require(octets))
    let edns = try #require(message.edns)
    #expect(message.responseCode == 0x13)
    #expect(edns.version == 2 && edns.dnssecOK && edns.reservedFlags == 0x4001)
    #expect(edns.options == [.init(code: 10, data: [1, 2, 3, 4])])
    #expect(message.records.isEmpty)
  }

  /// Octets that are not a message, with the reason.
  static let malformed: [(String, String)] = [
    ("1234 8400 0000 0000 0000", "message is cut"),
    ("1234 8400 0001 0000 0000 0000", "name runs off the message"),
    ("1234 8400 0001 0000 0000 0000 0161", "name runs off the message"),
    ("1234 8400 0001 0000 0000 0000 0561", "label is cut"),
    ("1234 8400 0001 0000 0000 0000 00 0001 00", "message is cut"),
    ("1234 8400 0001 0000 0000 0000 c0", "half a pointer"),
    ("1234 8400 0001 0000 0000 0000 c00c 0001 0001", "pointer does not point backwards"),
    ("1234 8400 0001 0000 0000 0000 0161 c00c 0001 0001", "pointer does not point backwards"),
    ("1234 8400 0001 0000 0000 0000 0161 c010 00 0001", "pointer does not point backwards"),
    ("1234 8400 0001 0000 0000 0000 4161 00 0001 0001", "unknown label type"),
    ("1234 8400 0001 0000 0000 0000 8161 00 0001 0001", "unknown label type"),
    (
      "1234 8400 0001 0000 0000 0000 3f 61*63 3f 61*63 3f 61*63 3f 61*63 00 0001 0001",
      "name over 255 octets"
    ),
    ("1234 8400 0000 0000 0000 0000 00", "trailing octets"),
    ("1234 8400 0000 0001 0000 0000", "name runs off the message"),
    ("1234 8400 0000 0001 0000 0000 00 0001 0001 00000000 0004 0a00", "record data runs off"),
    (
      "1234 8400 0000 0001 0000 0000 00 0001 0001 00000000 0005 0a00000100",
      "record data has another length"
    ),
    ("1234 8400 0000 0001 0000 0000 00 0010 0001 00000000 0000", "TXT without a string"),
    ("1234 8400 0000 0001 0000 0000 00 0010 0001 00000000 0002 0561", "message is cut"),
    ("1234 8400 0000 0001 0000 0000 00 0029 04d0 00000000 0000", "OPT not in additional"),
    ("1234 8400 0000 0000 0000 0001 0161 00 0029 04d0 00000000 0000", "OPT owner is not the root"),
    (
      "1234 8400 0000 0000 0000 0002 00 0029 04d0 00000000 0000 00 0029 04d0 00000000 0000",
      "two OPT records"
    ),
    ("1234 8400 0000 0000 0000 0001 00 0029 04d0 00000000 0003 000a00", "option is cut"),
    ("1234 8400 0000 0000 0000 0001 00 0029 04d0 00000000 0004 000a0001", "option overruns OPT"),
    (
      "1234 8400 0000 0001 0000 0000 0161 00 0021 0001 00000000 0008 000000000050 c00c",
      "SRV target is compressed"
    ),
  ]

  @Test(arguments: malformed)
  func `what is not a message is refused`(hex: String, reason: String) throws {
    let octets = try #require(WireRow.octets(hex))
    let error = #expect(throws: ParsedMessage.Malformed.self) { try ParsedMessage(octets) }
    #expect(error?.reason == reason)
  }

  @Test func `no cut of a message is a message`() throws {
    let whole = Self.message(type: 12, data: [3, 0x77, 0x77, 0x77, 0xc0, 12])
    _ = try ParsedMessage(whole)
    for count in 0..<whole.count {
      #expect(throws: ParsedMessage.Malformed.self) {
        try ParsedMessage(Array(whole.prefix(count)))
      }
    }
  }

  @Test func `random octets never trap`() {
    var generator = SeededGenerator(seed: 42)
    for _ in 0..<20_000 {
      var octets = Self.message(type: 6, data: [UInt8](repeating: 0xc0, count: 40))
      for _ in 0..<4 {
        let index = Int.random(in: 0..<octets.count, using: &generator)
        octets[index] = UInt8.random(in: 0...255, using: &generator)
      }
      _ = try? ParsedMessage(octets)
    }
  }
}
