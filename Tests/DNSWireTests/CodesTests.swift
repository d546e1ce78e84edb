import DNSWire
import Testing
import TestSupport

/// Codes and their names, and owned records.
@Suite struct CodesTests {
  @Test(arguments: [(1, "A"), (28, "AAAA"), (65, "HTTPS"), (0, "TYPE0"), (65_535, "TYPE65535")])
  func `types have mnemonics or numbers (RFC 3597 §5)`(code: UInt16, text: String) {
    #expect(RRType(rawValue: code).description == text)
  }

  @Test(arguments: [(1, "IN"), (3, "CH"), (254, "NONE"), (255, "ANY"), (2, "CLASS2")])
  func `classes have mnemonics or numbers`(code: UInt16, text: String) {
    #expect(RRClass(rawValue: code).description == text)
  }

  @Test(arguments: [(0, "NOERROR"), (16, "BADVERS"), (7, "RCODE7"), (4_095, "RCODE4095")])
  func `response codes have twelve bits`(code: UInt16, text: String) {
    #expect(ResponseCode(rawValue: code).description == text)
    #expect(ResponseCode(rawValue: code | 0xF000) == ResponseCode(rawValue: code))
  }

  @Test func `a record's wire form is whole and uncompressed`() throws {
    let owner = try #require(DomainName(text: "a.b"))
    let record = ResourceRecord(owner: owner, type: .mx, ttl: 0x0102_0304, data: [0, 9, 0])
    #expect(record.wire == [1, 97, 1, 98, 0, 0, 15, 0, 1, 1, 2, 3, 4, 0, 3, 0, 9, 0])
  }

  @Test func `records sort by owner, type and data (RFC 4034 §6)`() throws {
    let names = try ["b", "a.b", "z.b"].map { try #require(DomainName(text: $0)) }
    let sorted = names.flatMap { name in
      [RRType.a, .mx, .aaaa].flatMap { type in
        [[], [1], [1, 0], [2]].map { ResourceRecord(owner: name, type: type, ttl: 1, data: $0) }
      }
    }
    var generator = SeededGenerator(seed: 6)
    #expect(sorted.shuffled(using: &generator).sorted { $0.canonicallyPrecedes($1) } == sorted)
  }
}
