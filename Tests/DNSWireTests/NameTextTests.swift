import DNSWire
import Testing

/// Names as the text that patterns are compared with.
@Suite struct NameTextTests {
  static let rows: [(wire: [UInt8], text: String)] = [
    ([0], "."), ([1, 0x61, 0], "a."), ([1, 0x41, 3, 0x42, 0x63, 0x44, 0], "a.bcd."),
    ([2, 0x2D, 0x5F, 0], "-_."), ([2, 0x61, 0x2E, 0], "a\\.."), ([1, 0x5C, 0], "\\\\."),
    ([4, 0x20, 0x22, 0x27, 0x28, 0], "\\ \\\"\\'\\(."),
    ([4, 0x29, 0x3B, 0x40, 0x24, 0], "\\)\\;\\@$."),
    ([4, 0, 0x1F, 0x7F, 0xFF, 0], "\\000\\031\\127\\255."),
    ([2, 0x7E, 0x21, 0], "~!."), ([2, 0x5A, 0x5B, 0], "z[."),
  ]

  @Test(arguments: rows)
  func `a name's text`(wire: [UInt8], text: String) throws {
    var name = QueryName()
    let end = name.parse(wire.span, at: 0)
    #expect(end == wire.count)
    var written = NameText()
    written.write(name)
    let first = octets(&written)
    #expect(first == Array(text.utf8))
    let owned = try #require(DomainName(wire: wire))
    var second = NameText()
    second.write(DomainName(text: "something.before") ?? .root)
    second.write(owned)
    let again = octets(&second)
    #expect(again == Array(text.utf8))
    #expect(DomainName(text: text) == owned, "the text is the name's")
  }

  @Test func `the longest text there is`() throws {
    let label = [63] + [UInt8](repeating: 0, count: 63)
    let wire = label + label + label + [61] + [UInt8](repeating: 0, count: 61) + [0]
    #expect(wire.count == 255)
    var text = NameText()
    text.write(try #require(DomainName(wire: wire)))
    let all = octets(&text)
    #expect(all.count == (63 * 3 + 61) * 4 + 4)
    #expect(DomainName(textOctets: all)?.wire == wire)
  }

  private func octets(_ text: inout NameText) -> [UInt8] {
    text.withText { span in span.indices.map { span[$0] } }
  }

  @Test func `parts of a text`() throws {
    var text = NameText()
    text.write(try #require(DomainName(text: "aa.ab.test")))
    let part = Array("xxab.".utf8)
    let places = [0, 1, 3, 8, -1].map { text.holds(part.span, 2..<5, at: $0) }
    #expect(places == [false, false, true, false, false])
    let empty = text.holds(part.span, 0..<0, at: 11)
    let outside = text.holds(part.span, 2..<6, at: 3)
    #expect(empty && !outside)
    let letter = Array("a".utf8)
    let found = [0, 1, 2, 4, -5].map { text.firstPlace(of: letter.span, 0..<1, from: $0) }
    #expect(found == [0, 1, 3, nil, 0])
    let nothing = text.firstPlace(of: letter.span, 0..<0, from: 0)
    #expect(nothing == nil)
    let (middle, beyond) = (text.part(3..<6), text.part(9..<40))
    #expect(middle == Array("ab.".utf8) && beyond == Array("t.".utf8))
  }
}
