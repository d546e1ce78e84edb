import DNSWire
import Testing
import ZoneText

/// The judge itself: it must see what is there, and refuse what is broken.
@Suite struct MessageJudgeTests {
  static let question = wire("a.example") + [0, 1, 0, 1]
  static let address: [UInt8] = [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 0, 0, 1]

  private static func header(_ counts: [Int], code: Int = 0) -> [UInt8] {
    octets16(7) + octets16(0x8000 | code) + counts.flatMap(octets16)
  }

  @Test func `a reply is read`() throws {
    let opt: [UInt8] = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]
    let judged = try MessageJudge(
      Self.header([1, 1, 0, 2], code: 3) + Self.question + Self.address + Self.address + opt)
    #expect(judged.responseCode == 3)
    #expect(judged.counts == [1, 1, 0, 1])
    #expect(judged.hasEDNS)
    let plain = wire("a.example") + Self.address.dropFirst(2)
    #expect(judged.records == [plain, plain])
  }

  @Test(
    arguments: [
      [], Array(repeating: 0, count: 11), header([1, 0, 0, 0]), header([1, 1, 0, 0]) + question,
      header([1, 1, 0, 0]) + question + address.dropLast(),
      header([1, 0, 0, 0]) + [0xC0, 12, 0, 1, 0, 1],
      header([1, 0, 0, 0]) + [0x41, 0, 0, 0, 1, 0, 1],
      header([1, 1, 0, 0]) + question + [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 3, 10, 0, 0],
    ] as [[UInt8]])
  func `broken messages are refused`(message: [UInt8]) {
    #expect(throws: LDNSError.self) { _ = try MessageJudge(message) }
  }
}
