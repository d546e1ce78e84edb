import DNSWire
import Testing

/// Which options of a message travel on.
@Suite struct EndToEndOptionsTests {
  /// One option.
  private static func option(_ code: UInt16, _ data: [UInt8] = [7]) -> [UInt8] {
    [UInt8(code >> 8), UInt8(code & 0xFF), UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
  }

  /// The options of a query that has `options` in its OPT.
  private func travelling(_ options: [UInt8], isReply: Bool = false) -> [UInt8]? {
    let message = header(1, 0, 0, 1) + question() + optRecord(options: options)
    guard case .wellFormed(let edns?) = fullTail(of: message) else { return nil }
    return endToEndOptions(message.span, edns.optionsRange, isReply: isReply)
  }

  @Test(arguments: [3, 8, 10, 11, 12] as [UInt16], [false, true])
  func `options between neighbors stay`(code: UInt16, isReply: Bool) {
    #expect(travelling(Self.option(code), isReply: isReply) == [])
  }

  @Test(arguments: [0, 5, 9, 13, 16, 65_001, 65_535] as [UInt16])
  func `other options travel, in order`(code: UInt16) {
    let options = Self.option(code) + Self.option(10) + Self.option(65_002, [1, 2, 3])
    #expect(travelling(options) == Self.option(code) + Self.option(65_002, [1, 2, 3]))
  }

  @Test func `extended errors travel in replies alone`() {
    #expect(travelling(Self.option(15, [0, 22]), isReply: true) == Self.option(15, [0, 22]))
    #expect(travelling(Self.option(15, [0, 22])) == [])
  }

  @Test func `what is too much is left out whole`() {
    let large = Self.option(65_001, Array(repeating: 1, count: 508))
    #expect(travelling(large) == large)
    #expect(travelling(large + Self.option(65_002)) == large)
    #expect(travelling(Self.option(65_001, Array(repeating: 1, count: 509))) == [])
  }

  @Test func `a range outside of the message gives nothing`() {
    let octets: [UInt8] = [0, 5, 0, 1, 9]
    #expect(endToEndOptions(octets.span, 0..<500, isReply: false) == octets)
    #expect(endToEndOptions(octets.span, 4..<500, isReply: false) == [])
    #expect(endToEndOptions(octets.span, 0..<4, isReply: false) == [])
  }
}
