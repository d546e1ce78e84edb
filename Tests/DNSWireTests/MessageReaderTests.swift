import DNSWire
import Testing

/// Names and records of whole messages: compression, limits, cuts.
@Suite struct MessageReaderTests {
  // MARK: - Numbers

  @Test func `numbers are big-endian, and zero where they do not fit`() {
    let octets: [UInt8] = [0x12, 0x34, 0x56, 0x78, 0x9A]
    let words16 = [0, 3, 4, 5, -1, .max, .min].map { octets.span.word16($0) }
    #expect(words16 == [0x1234, 0x789A, 0, 0, 0, 0, 0])
    #expect(octets.span.word32(1) == 0x3456_789A)
    #expect(octets.span.word32(5) == 0)
    let nothing: [UInt8] = []
    #expect(nothing.span.word16(0) == 0)
  }

  // MARK: - Names

  struct NameCase: CustomTestStringConvertible {
    var testDescription: String
    var octets: [UInt8]
    var start: Int
    var name: String?
    var end: Int?

    init(_ what: String, _ octets: [UInt8], at start: Int = 0, _ name: String?, end: Int?) {
      testDescription = what
      (self.octets, self.start, self.name, self.end) = (octets, start, name, end)
    }
  }

  /// `end` is what `skipName` says: it follows no pointer, so that it accepts more.
  static let names: [NameCase] = [
    NameCase("root", [0], ".", end: 1),
    NameCase("case is kept", wire("aB.C") + [9], "aB.C.", end: 6),
    NameCase("pointer", [1, 97, 0, 0xC0, 0], at: 3, "a.", end: 5),
    NameCase("label and pointer", [1, 97, 0, 1, 98, 0xC0, 0], at: 3, "b.a.", end: 7),
    NameCase("pointer to a pointer", [1, 97, 0, 0xC0, 0, 0xC0, 3], at: 5, "a.", end: 7),
    NameCase("pointer into a name", wire("a.b") + [0xC0, 2], at: 5, "b.", end: 7),
    NameCase("pointer to a root", [0, 0xC0, 0], at: 1, ".", end: 3),
    NameCase("pointer to itself (N09)", [0xC0, 0], nil, end: nil),
    NameCase("loop of two (N10)", [0xC0, 2, 0xC0, 0], nil, end: nil),
    NameCase("loop of two, from its end", [0xC0, 2, 0xC0, 0], at: 2, nil, end: 4),
    NameCase("loop with a label", [1, 97, 0xC0, 0], nil, end: 4),
    NameCase("pointer into its own labels", [1, 97, 1, 98, 0xC0, 2], nil, end: 6),
    NameCase("back with growth (N16)", [1, 97, 1, 98, 0xC0, 0], at: 2, nil, end: 6),
    NameCase("forward pointer (N14)", [0xC0, 2, 1, 97, 0], nil, end: nil),
    NameCase("forward after going back", [0xC0, 4, 0xC0, 0, 0], at: 2, nil, end: 4),
    NameCase("pointer past the end (N12)", [0xFF, 0xFF], nil, end: nil),
    NameCase("half a pointer (N13)", [1, 97, 0xC0], nil, end: nil),
    NameCase("label type 01 (N02)", [0x41, 97, 0], nil, end: nil),
    NameCase("label type 10 (N03)", [0x80, 97, 0], nil, end: nil),
    NameCase("label past the end (N17)", [3, 97, 98], nil, end: nil),
    NameCase("no root", [1, 97], nil, end: nil),
    NameCase("nothing", [], nil, end: nil),
    NameCase("before the start", [0], at: -1, nil, end: nil),
    NameCase("far before the start", [0], at: .min, nil, end: nil),
    NameCase("at the end", [0], at: 1, nil, end: nil),
    NameCase("far past the end", [0], at: .max, nil, end: nil),
  ]

  @Test(arguments: names)
  func `names are read and skipped`(row: NameCase) {
    #expect(readName(row.octets, at: row.start)?.description == row.name)
    #expect(skipName(row.octets, at: row.start) == row.end)
  }

  @Test(arguments: [254, 255, 256, 257, 300])
  func `a name of 255 octets is the longest, also through a pointer`(octetCount: Int) {
    let isName = octetCount <= 255
    let whole = labels(octetCount: octetCount - 1) + [0]
    #expect((readName(whole)?.wire == whole) == isName)
    #expect((skipName(whole) == whole.count) == isName)
    let suffix = labels(octetCount: 99) + [0]
    let front = labels(octetCount: octetCount - 100)
    let message = suffix + front + [0xC0, 0]
    #expect((readName(message, at: 100)?.wire == front + suffix) == isName)
  }

  @Test(arguments: [(127, true), (128, false), (8_000, false)])
  func `127 pointers are followed and no more`(hopCount: Int, isName: Bool) {
    var message: [UInt8] = [1, 97, 0]
    for hop in 0..<hopCount { message += octets16(0xC000 | (hop == 0 ? 0 : 1 + 2 * hop)) }
    let name = readName(message, at: message.count - 2)
    #expect((name?.description == "a.") == isName)
  }

  @Test func `every pointer forms a name or none`() {
    // All targets from all places: nothing but strictly backward chains may come out.
    let base: [UInt8] = [1, 97, 1, 98, 0]
    for target in 0...0x3FFF {
      let octets = base + octets16(0xC000 | target)
      let name = readName(octets, at: base.count)?.wire
      let expected: [UInt8]? =
        switch target {
        case 0: [1, 97, 1, 98, 0]
        case 2: [1, 98, 0]
        case 4: [0]
        default: nil
        }
      // Octets 1 and 3 are letters: label types 01.
      if name != expected { Issue.record("target \(target)") }
    }
  }

  @Test func `a name cut at any octet is no name`() {
    let message = wire("example") + [3, 97, 98, 99, 1, 100, 0xC0, 0]
    #expect(readName(message, at: 9)?.description == "abc.d.example.")
    for count in 9..<message.count {
      #expect(readName(Array(message.prefix(count)), at: 9) == nil)
      #expect(skipName(Array(message.prefix(count)), at: 9) == nil)
    }
  }

  // MARK: - Records

  @Test func `a record's fields are read`() throws {
    let octets = wire("a") + [0, 16, 0xFE, 0xDC, 0x80, 0, 0, 1, 0, 3, 2, 104, 105] + [7]
    let record = try #require(readRecord([9] + octets, at: 1))
    #expect(record.type == .txt)
    #expect(record.classCode == 0xFEDC)
    #expect(record.ttl == 0x8000_0001)
    #expect(record.dataRange == 14..<17)
    #expect(record.end == 17)
    #expect(record.ownerOffset == 1)
    #expect(!record.ownerIsRoot)
  }

  @Test func `only a written root is the root`() throws {
    #expect(try #require(readRecord(record(type: 41))).ownerIsRoot)
    let pointing = [0] + record(owner: [0xC0, 0], type: 41)
    #expect(try #require(readRecord(pointing, at: 1)).ownerIsRoot == false)
  }

  @Test func `a record cut at any octet is none`() {
    let octets = record(owner: wire("ab"), type: 1, [10, 0, 0, 1])
    #expect(readRecord(octets) != nil)
    for count in 0..<octets.count {
      #expect(readRecord(Array(octets.prefix(count))) == nil, "\(count)")
    }
  }

  @Test(arguments: [5, 6, 0x7FFF, 0xFFFF])
  func `RDLENGTH past the end is refused`(length: Int) {
    #expect(readRecord(record(type: 1, length: length, [1, 2, 3, 4])) == nil)
  }

  // MARK: - Messages

  /// A reply with two questions' worth of everything: five records in three sections.
  static let message: [UInt8] =
    header(flags: 0x8400, 2, 2, 1, 2) + question("a.example") + question("b.example", type: 28)
    + record(owner: [0xC0, 12], type: 1, [10, 0, 0, 1])
    + record(owner: [0xC0, 12], type: 1, [10, 0, 0, 2])
    + record(owner: [0xC0, 14], type: 2, [0xC0, 14])
    + record(owner: wire("c"), type: 28, Array(repeating: 1, count: 16))
    + optRecord()

  @Test func `records come in order with their sections`() throws {
    let all = try #require(readAll(Self.message))
    #expect(all.isAtEnd)
    #expect(all.records.map(\.section) == [.answer, .answer, .authority, .additional, .additional])
    #expect(all.records.map(\.record.type) == [.a, .a, .ns, .aaaa, .opt])
    #expect(all.records.last?.record.end == Self.message.count)
    let owners = all.records.map { readName(Self.message, at: $0.record.ownerOffset)?.description }
    #expect(owners == ["a.example.", "a.example.", "example.", "c.", "."])
  }

  @Test func `a message cut at any octet ends early`() throws {
    let questionsEnd = 12 + question("a.example").count + question("b.example").count
    for count in 0..<Self.message.count {
      let cut = Array(Self.message.prefix(count))
      let all = readAll(cut)
      #expect((all != nil) == (count >= questionsEnd), "\(count)")
      if let all {
        #expect(!all.isAtEnd, "\(count)")
        #expect(all.records.allSatisfy { $0.record.end <= count })
      }
    }
  }

  @Test func `octets after the last counted record are not read`() throws {
    let all = try #require(readAll(Self.message + [1, 2, 3]))
    #expect(all.isAtEnd)
    #expect(all.records.count == 5)
    let none = try #require(readAll(header(1) + question() + [9, 9, 9]))
    #expect(none.isAtEnd)
    #expect(none.records.isEmpty)
  }

  @Test func `counts that lie stop at the octets that are there`() throws {
    #expect(readAll(header(65_535) + question()) == nil)
    let all = try #require(
      readAll(header(0, 65_535, 65_535, 65_535) + record(type: 1, [1, 2, 3, 4])))
    #expect(all.records.count == 1)
    #expect(!all.isAtEnd)
  }
}
