import DNSWire
import Testing

/// What comes from outside is harmless where it is shown.
@Suite struct PrintableTextTests {
  @Test func `every octet is printable ASCII afterwards, and can be read back`() {
    for octet in UInt8.min...UInt8.max {
      let text = printableText([octet])
      #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) })
      let isPlain = (0x20...0x7E).contains(octet) && octet != UInt8(ascii: "\\")
      #expect(text.utf8.count == (isPlain ? 1 : octet == UInt8(ascii: "\\") ? 2 : 4))
    }
    #expect(printableText([]) == "")
    #expect(printableText("a\n\u{1B}[2J\\é".utf8) == "a\\010\\027[2J\\\\\\195\\169")
  }
}

/// The Extended DNS Error among options.
@Suite struct ExtendedErrorOptionTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let octets: [UInt8]
    let code: UInt16?
    var text: [UInt8] = []
  }

  static let rows = [
    Row(testDescription: "none", octets: [], code: nil),
    Row(testDescription: "alone", octets: [0, 15, 0, 2, 0, 22], code: 22),
    Row(
      testDescription: "with a text", octets: [0, 15, 0, 4, 1, 0, 65, 0], code: 256, text: [65, 0]),
    Row(
      testDescription: "behind another", octets: [0, 3, 0, 1, 9, 0, 15, 0, 3, 0, 0, 66], code: 0,
      text: [66]),
    Row(testDescription: "too short for a code", octets: [0, 15, 0, 1, 0], code: nil),
    Row(
      testDescription: "too short, then a whole one",
      octets: [0, 15, 0, 0, 0, 15, 0, 2, 0, 5], code: 5),
    Row(testDescription: "longer than what is there", octets: [0, 15, 0, 9, 0, 22], code: nil),
    Row(testDescription: "cut in its head", octets: [0, 15, 0], code: nil),
  ]

  @Test(arguments: rows)
  func `the first whole one is found`(row: Row) {
    let found = ExtendedErrorOption(row.octets.span, in: 0..<row.octets.count)
    #expect(found?.code == row.code)
    #expect((found?.text).map { Array(row.octets[$0]) } ?? [] == row.text)
  }

  @Test func `a range past the end is none`() {
    let octets: [UInt8] = [0, 15, 0, 2, 0, 22]
    #expect(ExtendedErrorOption(octets.span, in: 0..<900)?.code == 22)
    #expect(ExtendedErrorOption(octets.span, in: 6..<900) == nil)
    #expect(ExtendedErrorOption(octets.span, in: 3..<5) == nil)
  }
}
