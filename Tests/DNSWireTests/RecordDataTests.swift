import DNSWire
import Testing

/// RDATA with names in it: must have the form of its type, ends where RDLENGTH says, goes out
/// decompressed.
@Suite struct RecordDataTests {
  /// A type with names in its RDATA, for a message whose question is `a.example.`.
  struct Row: CustomTestStringConvertible, Sendable {
    let type: Int
    /// Octets before the names.
    let before: [UInt8]
    let nameCount: Int
    /// Octets after the names.
    let after: [UInt8]
    /// RFC 1035 defines it: names may go out compressed (RFC 3597 §4).
    let isCompressible: Bool
    var testDescription: String { "\(RRType(rawValue: UInt16(type)))" }

    init(
      _ type: Int, before: [UInt8] = [], names: Int = 1, after: [UInt8] = [], _ isCompressible: Bool
    ) {
      self.type = type
      self.before = before
      nameCount = names
      self.after = after
      self.isCompressible = isCompressible
    }

    func data(_ name: [UInt8]) -> [UInt8] {
      before + Array(repeating: name, count: nameCount).flatMap { $0 } + after
    }
  }

  static let rows: [Row] =
    [2, 3, 4, 5, 7, 8, 9, 12].map { Row($0, true) } + [
      Row(6, names: 2, after: Array(1...20), true), Row(14, names: 2, true),
      Row(15, before: [0, 10], true), Row(17, names: 2, false), Row(18, before: [0, 1], false),
      Row(21, before: [0, 1], false), Row(26, before: [0, 1], names: 2, false),
      Row(33, before: [0, 1, 0, 2, 0, 53], false),
      Row(35, before: [0, 1, 0, 2, 1, 0x75, 3, 0x61, 0x62, 0x63, 0], false),
      Row(36, before: [0, 1], false), Row(39, false),
    ]

  private static func message(_ type: Int, _ data: [UInt8]) -> UpstreamMessage {
    let question = wire("a.example") + octets16(type) + [0, 1]
    return UpstreamMessage(
      question: question, answer: [record(owner: questionPointer, type: type, data)])
  }

  private static func isOurs(_ message: UpstreamMessage) -> Bool {
    summary(message.octets, question: message.question) != nil
  }

  @Test(arguments: rows)
  func `names in RDATA end where it ends`(row: Row) {
    for name in [wire("b.example"), [1, 0x62, 0xC0, 14], questionPointer, [0]] {
      let data = row.data(name)
      #expect(Self.isOurs(Self.message(row.type, data)))
      #expect(!Self.isOurs(Self.message(row.type, data + [0])))
      for count in 0..<data.count {
        #expect(!Self.isOurs(Self.message(row.type, Array(data.prefix(count)))), "\(count)")
      }
    }
  }

  @Test(arguments: rows)
  func `bad names in RDATA are seen`(row: Row) {
    let bad: [[UInt8]] = [
      octets16(0xC000 | (39 + row.before.count)), [0xC0, 200], [0xFF, 0xFF], [0xC0, 0], [0x41, 0],
      [0x80, 0], [5, 0x61, 0],
      labels(octetCount: 255) + [0], labels(octetCount: 246) + questionPointer,
    ]
    for name in bad { #expect(!Self.isOurs(Self.message(row.type, row.data(name))), "\(name)") }
  }

  @Test(arguments: rows)
  func `names in RDATA go out decompressed`(row: Row) throws {
    for name in [wire("B.xample"), [1, 0x62, 0xC0, 14], questionPointer] {
      let message = Self.message(row.type, row.data(name))
      let reply = copy(message)
      let record = try #require(readAll(reply.composed.octets)?.records.first?.record)
      let data = Array(reply.composed.octets[record.dataRange])
      #expect(record.type == RRType(rawValue: UInt16(row.type)))
      #expect(data.starts(with: row.before))
      #expect(data.suffix(row.after.count) == row.after[...])
      let whole = try #require(
        readName(message.octets, at: 12 + message.question.count + 12 + row.before.count))
      var offset = record.dataRange.lowerBound + row.before.count
      for _ in 0..<row.nameCount {
        #expect(readName(reply.composed.octets, at: offset)?.wire == whole.wire)
        offset = skipName(reply.composed.octets, at: offset) ?? 0
      }
      #expect(offset == record.dataRange.upperBound - row.after.count)
      if row.isCompressible {
        #expect(data.count < row.data(whole.wire).count || name == wire("B.xample"))
      } else {
        #expect(data == row.data(whole.wire))
      }
    }
  }

  @Test(arguments: [(1, 4), (28, 16)])
  func `addresses have their length`(type: Int, length: Int) {
    for count in 0...20 {
      let message = Self.message(type, Array(repeating: 1, count: count))
      #expect(Self.isOurs(message) == (count == length), "\(count)")
    }
  }

  @Test(arguments: [0, 10, 16, 24, 30, 43, 46, 47, 50, 64, 65, 255, 257, 65_280, 65_535])
  func `other RDATA is opaque`(type: Int) throws {
    let data: [UInt8] = [0xC0, 12, 0xFF, 0, 0x80, 0xC0]
    let message = UpstreamMessage(
      question: wire("a.example") + [0, 255, 0, 1],
      answer: [record(owner: questionPointer, type: type, data)])
    #expect(Self.isOurs(message))
    let octets = copy(message).composed.octets
    guard ![255].contains(type) else {
      #expect(lines(octets) == [])
      return
    }
    let record = try #require(readAll(octets)?.records.first?.record)
    #expect(Array(octets[record.dataRange]) == data)
  }
}
