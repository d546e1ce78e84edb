import DNSWire
import PluginChain
import Plugins
import Testing

/// Hits for clients that can take less than what is kept, and where sets of records start.
@Suite struct CacheSizeTests {
  static let name = "many.example."

  private static func addresses(_ count: Int) -> [FakeRecord] {
    (0..<count).map { .a(name, 300, UInt8(truncatingIfNeeded: $0)) }
  }

  /// Addresses, whether the client has EDNS, and what comes back: records, TC.
  static let cuts: [(count: Int, payload: UInt16?, records: Int, isCut: Bool)] = [
    // 12 of header, 18 of question: (512 - 30) / 16.
    (30, nil, 30, false), (31, nil, 30, true), (200, nil, 30, true), (200, 512, 29, true),
    (74, 1232, 74, false), (75, 1232, 74, true), (200, 4096, 74, true),
  ]

  @Test(arguments: cuts)
  func `a client gets the whole records that it can take`(
    count: Int, payload: UInt16?, records: Int, isCut: Bool
  ) throws {
    var bench = try CacheBench { _, _, _ in FakeReply(answer: Self.addresses(count)) }
    let whole = try bench.ask(Self.name)
    #expect(whole.answer.count == count)
    for rotation in [UInt32(0), 0x8000_0000, .max] {
      let reply = try #require(
        try bench.ask(Ask(Self.name, payload: payload), rotation: rotation))
      #expect(reply.octets.count <= Int(payload ?? 512))
      #expect(reply.isTruncated == isCut)
      #expect(reply.answer.count == records)
      let first = Int((UInt64(rotation) * UInt64(count)) >> 32)
      let expected = (0..<records).map { whole.answer[(first + $0) % count] }
      #expect(reply.answer == expected)
    }
    #expect(try bench.ask(Self.name).octets == whole.octets, "nothing of it got lost")
    #expect(bench.upstream.count == 1)
  }

  @Test(arguments: [(0, 0, 0, false), (25, 1, 1, false), (29, 1, 0, false), (30, 0, 0, true)])
  func `authority that does not fit sets TC, additional does not`(
    answers: Int, authorities: Int, additionals: Int, isCut: Bool
  ) throws {
    var bench = try CacheBench { _, _, _ in
      FakeReply(
        answer: Self.addresses(answers) + (answers == 0 ? [.txt(Self.name, 300, 255)] : []),
        authority: [.txt("x.", 300, answers == 0 ? 220 : 1)],
        additional: [.txt("y.", 300, answers == 25 ? 1 : 200)])
    }
    let type: RRType = answers == 0 ? .txt : .a
    _ = try bench.ask(Self.name, type)
    let reply = try #require(try bench.ask(Ask(Self.name, type)))
    #expect(bench.upstream.count == 1)
    #expect(reply.answer.count == max(1, answers))
    #expect(reply.authority.count == (answers == 0 ? 0 : authorities))
    #expect(reply.additional.count == additionals)
    #expect(reply.isTruncated == (isCut || answers == 0))
  }

  @Test(arguments: [RRType.a, .aaaa, .mx])
  func `each record of a set comes first equally often`(type: RRType) throws {
    let count = 7
    let records: [FakeRecord] = (0..<count).map { index in
      switch type {
      case .a: .a("web.example.", 300, UInt8(index))
      case .aaaa: .aaaa("web.example.", 300, UInt8(index))
      default: .mx("web.example.", 300, UInt8(index), "h\(index).example.org.")
      }
    }
    var bench = try CacheBench("cache {\n keepttl\n}") { _, _, _ in
      FakeReply(
        answer: [.cname(Self.name, 300, "web.example.")] + records,
        authority: [.ns("example.", 300, "ns.example.")])
    }
    func order(_ octets: [UInt8]) -> [UInt8] {
      let message = octets.span
      guard var reader = MessageReader(message) else { return [] }
      var numbers: [UInt8] = []
      while let (section, record) = reader.next(message) {
        guard section == .answer, record.type == type else { continue }
        numbers.append(message[record.dataRange.lowerBound + (type == .mx ? 1 : 0)])
        if type != .mx { numbers[numbers.count - 1] = message[record.end - 1] }
      }
      #expect(reader.isAtEnd)
      return numbers
    }
    _ = try bench.ask(Ask(Self.name, type, .tcp))
    var firsts = [Int](repeating: 0, count: count)
    for step in 0..<700 {
      let rotation = UInt32(truncatingIfNeeded: UInt64(step) * (1 << 32) / 700)
      let reply = try #require(try bench.ask(Ask(Self.name, type, .tcp), rotation: rotation))
      let numbers = order(reply.octets)
      let first = try #require(numbers.first)
      #expect(numbers == (0..<count).map { UInt8((Int(first) + $0) % count) })
      #expect(reply.authority.count == 1)
      firsts[Int(first)] += 1
    }
    #expect(firsts.allSatisfy { (99...101).contains($0) }, "\(firsts)")
    #expect(bench.upstream.count == 1)
  }

  @Test func `other sets keep their order`() throws {
    var bench = try CacheBench { _, _, _ in
      FakeReply(answer: (1..<5).map { .txt(Self.name, 300, $0) })
    }
    let first = try bench.ask(Self.name, .txt)
    let second = try #require(try bench.ask(Ask(Self.name, .txt, .tcp), rotation: .max))
    #expect(first.octets == second.octets)
  }

  @Test func `what is larger than an eighth of a stripe is not kept`() throws {
    for (count, isKept) in [(250, true), (290, false)] {
      var bench = try CacheBench { _, _, _ in FakeReply(answer: Self.addresses(count)) }
      _ = try bench.ask(Self.name)
      _ = try bench.ask(Self.name)
      #expect(bench.upstream.count == (isKept ? 1 : 2))
      #expect(bench.metric("coredns_cache_drops_total") == (isKept ? 0 : 2))
    }
  }
}
