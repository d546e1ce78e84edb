import DNSWire
import Testing
import TestSupport

/// Compression of names in replies (RFC 1035 §4.1.4).
@Suite struct NameCompressorTests {
  /// Writes names one after the other from offset 12: what came out, and where each starts.
  private func compress(
    _ names: [DomainName], capacity: Int = 65_535, gap: Int = 0
  ) -> (reply: Composed, offsets: [Int]) {
    var offsets: [Int] = []
    let reply = compose(capacity: capacity) { writer in
      writer.reset(sizeMax: capacity, hasOPT: false)
      for _ in 0..<gap { writer.append8(0xFF) }
      var compressor = NameCompressor()
      for name in names {
        offsets.append(writer.count)
        compressor.append(name, to: &writer)
      }
    }
    return (reply, offsets)
  }

  private func names(_ texts: [String]) throws -> [DomainName] {
    try texts.map { try #require(DomainName(text: $0)) }
  }

  @Test func `suffixes are pointed to`() throws {
    let list = try names(["b.example", "a.b.example", "b.example", "example", ".", "c.a.b.example"])
    let (reply, _) = compress(list)
    let expected: [UInt8] =
      wire("b.example") + [1, 97, 0xC0, 12] + [0xC0, 12] + [0xC0, 14] + [0] + [1, 99, 0xC0, 23]
    #expect(Array(reply.octets.dropFirst(12)) == expected)
  }

  @Test func `case is never changed by a pointer`() throws {
    let list = try names(["www.Example", "www.example", "WWW.Example", "a.www.example"])
    let (reply, offsets) = compress(list)
    for (name, offset) in zip(list, offsets) {
      #expect(readName(reply.octets, at: offset)?.wire == name.wire)
    }
    // Only the last shares octets with another.
    #expect(reply.octets.count == 12 + 13 + 13 + 6 + 4)
  }

  @Test func `random names come back as they were`() throws {
    let seed: UInt64 = 1_035
    var generator = SeededGenerator(seed: seed)
    let labels: [[UInt8]] = [[97], [98], [65], [0], [46], [0xC0, 12], label(63).dropFirst() + []]
    for number in 0..<300 {
      let list = try (0..<60).map { _ in
        try #require(
          DomainName(
            labels: (0..<Int.random(in: 0...3, using: &generator)).map { _ in
              labels.randomElement(using: &generator) ?? [97]
            }))
      }
      let (reply, offsets) = compress(list)
      for (name, offset) in zip(list, offsets) {
        #expect(
          readName(reply.octets, at: offset)?.wire == name.wire, "seed \(seed), case \(number)")
      }
      #expect(reply.octets.count < 12 + list.map(\.wire.count).reduce(0, +))
    }
  }

  @Test func `nothing beyond offset 0x3FFF is pointed to`() throws {
    let name = try #require(DomainName(text: "a.example"))
    for gap in (0x3FFF - 14)...(0x3FFF - 8) {
      let (reply, offsets) = compress([name, name, name], gap: gap)
      #expect(reply.areCanariesIntact)
      for offset in offsets { #expect(readName(reply.octets, at: offset) == name, "\(gap)") }
    }
    let (reply, _) = compress([name, name, name], gap: 0x4000)
    #expect(reply.octets.count == 12 + 0x4000 + 3 * name.wire.count)
  }

  @Test func `thousands of distinct names are written out in full`() throws {
    let list = try (0..<4_000).map { number in
      try #require(DomainName(labels: [Array("n\(number)".utf8), [UInt8(number & 0xFF)]]))
    }
    let (reply, offsets) = compress(list)
    #expect(reply.octets.count < 12 + list.map(\.wire.count).reduce(0, +))
    for (name, offset) in zip(list, offsets) {
      #expect(readName(reply.octets, at: offset)?.wire == name.wire)
    }
  }

  @Test func `a record taken back leaves no pointer to it`() throws {
    let one = try #require(DomainName(text: "one.example"))
    let two = try #require(DomainName(text: "two.example"))
    for capacity in 12...80 {
      let reply = compose(capacity: capacity) { writer in
        writer.reset(sizeMax: capacity, hasOPT: false)
        var compressor = NameCompressor()
        for name in [one, two, one, two] {
          writer.beginRecord()
          compressor.append(name, to: &writer)
          writer.append16(RRType.a.rawValue)
          writer.append16(RRClass.internet.rawValue)
          writer.append32(1)
          writer.append16(0)
          _ = writer.endRecord(.additional)
        }
        writer.finish()
      }
      let all = readAll(reply.octets)
      #expect(all?.isAtEnd == true)
      for (_, record) in all?.records ?? [] {
        let name = readName(reply.octets, at: record.ownerOffset)
        #expect(name == one || name == two, "\(capacity)")
      }
      #expect(reply.areCanariesIntact)
    }
  }
}
