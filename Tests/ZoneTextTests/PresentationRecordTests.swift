import DNSWire
import Testing
import ZoneText

/// Records through libldns: wire to text, and back to the same octets.
@Suite struct PresentationRecordTests {
  struct Row: CustomTestStringConvertible {
    var testDescription: String
    var type: RRType
    var data: [UInt8]

    init(_ text: String, _ type: RRType, _ data: [UInt8]) {
      (testDescription, self.type, self.data) = (text, type, data)
    }
  }

  /// RDATA as text and octets, for every type that is written.
  static let rows: [Row] = [
    Row("A\t10.0.0.1", .a, [10, 0, 0, 1]),
    Row("AAAA\t2001:db8::1", .aaaa, [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    Row("NS\tns.dns.cluster.local.", .ns, wire("ns.dns.cluster.local")),
    Row("CNAME\twww.example.", .cname, wire("www.example")),
    Row("CNAME\t.", .cname, [0]),
    Row("PTR\tWeb.example.", .ptr, wire("Web.example")),
    Row("MX\t10 mail.example.", .mx, [0, 10] + wire("mail.example")),
    Row("SRV\t0 50 443 a.example.", .srv, [0, 0, 0, 50, 1, 187] + wire("a.example")),
    Row("TXT\t\"1.1.0\"", .txt, [5] + Array("1.1.0".utf8)),
    Row("TXT\t\"\" \"a\\\"\\\\\"", .txt, [0, 3, 97, 34, 92]),
    Row("HINFO\t\"RFC8482\" \"\"", .hinfo, [7] + Array("RFC8482".utf8) + [0]),
    Row(
      "SOA\tns.x. hostmaster.x. 4294967295 7200 1800 86400 5", .soa,
      wire("ns.x") + wire("hostmaster.x") + octets32(.max) + octets32(7_200) + octets32(1_800)
        + octets32(86_400) + octets32(5)),
    Row("TYPE65280\t\\# 3 010203", RRType(rawValue: 65_280), [1, 2, 3]),
    Row("TYPE65280\t\\# 0", RRType(rawValue: 65_280), []),
  ]

  @Test(arguments: rows)
  func `a record's text and octets`(row: Row) throws {
    let owner = try #require(DomainName(text: "a.example"))
    let octets = ResourceRecord(owner: owner, type: row.type, ttl: 30, data: row.data).wire
    let record = try PresentationRecord(wire: octets)
    let (text, wire) = (record.text, try record.wire())
    #expect(text == "a.example.\t30\tIN\t\(row.testDescription)")
    #expect(wire == octets)
  }

  @Test(arguments: [
    ("@", "\\@."), ("@a.b", "\\@a.b."), ("$TTL", "\\$TTL."), ("$ORIGIN.x", "\\$ORIGIN.x."),
    ("a@b", "a@b."), ("*.x", "*.x."), (".", "."), ("\\000\\255", "\\000\\255."),
    ("a\\.b", "a\\.b."), ("a\\032b", "a\\032b."),
  ])
  func `an owner is never taken for a directive`(name: String, text: String) throws {
    let owner = try #require(DomainName(text: name))
    let octets = ResourceRecord(owner: owner, type: .a, ttl: 0, data: [1, 2, 3, 4]).wire
    let record = try PresentationRecord(wire: octets)
    let printed = record.text
    #expect(printed == "\(text)\t0\tIN\tA\t1.2.3.4")
  }

  @Test func `random records survive`() throws {
    let seed: UInt64 = 1_035
    var generator = RecordGenerator(seed: seed)
    for number in 0..<4_000 {
      let octets = generator.record().record.wire
      let record = try PresentationRecord(wire: octets)
      let (text, wire) = (record.text, try record.wire())
      #expect(text != nil, "seed \(seed), case \(number): \(hex(octets))")
      #expect(wire == octets, "seed \(seed), case \(number)")
      // One line, and nothing that a terminal or a log would stumble over but TAB.
      let isPlain = text?.utf8.allSatisfy { $0 == 9 || (0x20...0x7E).contains($0) } ?? false
      #expect(isPlain, "seed \(seed), case \(number)")
    }
  }

  @Test func `owners as libldns prints them are names to us`() throws {
    var generator = RecordGenerator(seed: 4)
    for _ in 0..<1_000 {
      let name = generator.name()
      let octets = ResourceRecord(owner: name, type: .a, ttl: 0, data: [1, 2, 3, 4]).wire
      let text = try PresentationRecord(wire: octets).text
      let owner = text?.split(separator: "\t").first.map(String.init) ?? ""
      #expect(DomainName(text: owner)?.wire == name.wire, "\(owner)")
    }
  }

  // MARK: - Refusals

  static let address = ResourceRecord(owner: .root, type: .a, ttl: 1, data: [1, 2, 3, 4]).wire

  @Test func `a record cut at any octet is refused`() {
    for count in 0..<Self.address.count {
      #expect(throws: LDNSError.self) {
        _ = try PresentationRecord(wire: Array(Self.address.prefix(count)))
      }
    }
  }

  @Test func `octets left over are refused`() {
    #expect(throws: LDNSError.self) { _ = try PresentationRecord(wire: Self.address + [0]) }
  }

  @Test func `an error has words`() {
    let error = #expect(throws: LDNSError.self) { _ = try PresentationRecord(wire: []) }
    #expect(error?.description.contains("ldns status") == false)
  }
}
