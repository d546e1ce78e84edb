import DNSWire
import Testing

/// Replies: whole records, truncation, OPT, never an octet outside of the buffer.
@Suite struct ReplyWriterTests {
  static let questionOctets = question("a.example")
  /// Header and question.
  static let frontCount = 12 + questionOctets.count
  /// An A record owned by the question's name.
  static let addressCount = 16

  /// Starts a reply with the question.
  private static func start(_ writer: inout ReplyWriter, sizeMax: Int, hasOPT: Bool = false) {
    writer.reset(sizeMax: sizeMax, hasOPT: hasOPT)
    writer.appendQuestion(questionOctets.span)
  }

  // MARK: - Whole replies

  @Test func `a reply is what was written, octet by octet`() {
    let reply = compose { writer in
      Self.start(&writer, sizeMax: 512)
      writer.isAuthoritative = true
      writer.expectAddress(last: 7)
      writer.finish(
        query: queryHeader(flags: 0x7FFF), edns: nil, payloadSize: 1232, error: nil)
    }
    // Opcode, RD and CD are copied; AA is ours; TC, RA, Z, AD and RCODE are not the client's.
    let flags = 0x8000 | 0x7800 | 0x0400 | 0x0100 | 0x0010
    let expected =
      header(flags: flags, 1, 1) + Self.questionOctets
      + record(owner: [0xC0, 12], type: 1, ttl: [0, 0, 0, 30], [10, 0, 0, 7])
    #expect(reply.octets == expected)
    #expect(reply.areCanariesIntact)
  }

  @Test func `every flag has its bit`() {
    func flags(_ change: (inout ReplyWriter) -> Void, query: UInt16 = 0) -> UInt16? {
      compose { writer in
        Self.start(&writer, sizeMax: 512)
        change(&writer)
        writer.finish(query: queryHeader(flags: query), edns: nil, payloadSize: 0, error: nil)
      }.header?.flags
    }
    #expect(flags { _ in } == 0x8000)
    #expect(flags { $0.isAuthoritative = true } == 0x8400)
    #expect(flags { $0.recursionAvailable = true } == 0x8080)
    #expect(flags { $0.responseCode = .nameError } == 0x8003)
    #expect(flags { $0.responseCode = .badVersion } == 0x8000)
    #expect(flags({ _ in }, query: 0x0100) == 0x8100)
    #expect(flags({ _ in }, query: 0x0010) == 0x8010)
    #expect(flags({ _ in }, query: 0x2000) == 0xA000)
    #expect(flags({ _ in }, query: 0x06EF) == 0x8000)
  }

  @Test func `sections are counted apart`() {
    let reply = compose { writer in
      Self.start(&writer, sizeMax: 512)
      for section in [
        ReplyWriter.Section.answer, .answer, .answer, .authority, .additional, .additional,
      ] {
        writer.expectAddress(section)
      }
      writer.finish(edns: usualEDNS)
    }
    let header = reply.header
    #expect(header?.questionCount == 1)
    #expect(header?.answerCount == 3)
    #expect(header?.authorityCount == 1)
    // OPT is one of them.
    #expect(header?.additionalCount == 3)
    #expect(readAll(reply.octets)?.isAtEnd == true)
  }

  @Test func `a reused writer remembers nothing`() {
    let (first, second) = (
      compose { writer in
        Self.start(&writer, sizeMax: 512)
        writer.finish()
      },
      compose { writer in
        Self.start(&writer, sizeMax: 60, hasOPT: true)
        (writer.isAuthoritative, writer.recursionAvailable) = (true, true)
        writer.responseCode = .badVersion
        for _ in 0..<9 { _ = writer.writeAddress() }
        writer.finish(edns: usualEDNS, error: (.other, "x"))
        Self.start(&writer, sizeMax: 512)
        writer.finish()
      }
    )
    #expect(first.octets == second.octets)
  }

  @Test func `records taken back leave header bits and question`() {
    let reply = compose { writer in
      Self.start(&writer, sizeMax: Self.frontCount + Self.addressCount)
      writer.isAuthoritative = true
      writer.expectAddress()
      writer.expectAddress(.authority, fits: false)
      #expect(writer.isTruncated)
      writer.removeRecords()
      writer.responseCode = .serverFailure
      writer.finish()
    }
    #expect(reply.octets == header(flags: 0x8402) + Self.questionOctets)
  }

  // MARK: - Truncation (RFC 2181 §9)

  @Test func `records are whole or absent at every size`() {
    for size in Self.frontCount...(Self.frontCount + 4 * Self.addressCount) {
      let reply = compose(capacity: size) { writer in
        Self.start(&writer, sizeMax: 512)
        for last in 1...3 { _ = writer.writeAddress(last: UInt8(last)) }
        writer.finish()
      }
      let kept = min(3, (size - Self.frontCount) / Self.addressCount)
      #expect(reply.octets.count == Self.frontCount + kept * Self.addressCount, "\(size)")
      #expect(reply.header.map { Int($0.answerCount) } == kept)
      #expect(reply.header.map { $0.flags & 0x0200 != 0 } == (kept < 3))
      #expect(readAll(reply.octets)?.isAtEnd == true)
      #expect(reply.areCanariesIntact)
    }
  }

  @Test(arguments: [
    (ReplyWriter.Section.answer, true), (.authority, true), (.additional, false),
  ])
  func `only what belongs to the answer sets TC`(section: ReplyWriter.Section, sets: Bool) {
    let reply = compose { writer in
      Self.start(&writer, sizeMax: Self.frontCount + Self.addressCount)
      writer.expectAddress(.answer)
      writer.expectAddress(section, fits: false)
      #expect(writer.isTruncated == sets)
      writer.finish()
    }
    #expect(reply.header?.flags == (sets ? 0x8200 : 0x8000))
    #expect(reply.header?.answerCount == 1)
    #expect(reply.header?.additionalCount == 0)
  }

  @Test func `a smaller record may follow one that did not fit`() {
    let reply = compose { writer in
      Self.start(&writer, sizeMax: Self.frontCount + 20)
      writer.beginRecord()
      writer.appendQuestionOwned(.aaaa, ttl: 30, dataLength: 16)
      for _ in 0..<4 { writer.append32(1) }
      let fits = writer.endRecord(.additional)
      #expect(!fits)
      writer.expectAddress(.additional)
      writer.finish()
    }
    #expect(reply.octets.count == Self.frontCount + Self.addressCount)
    #expect(readAll(reply.octets)?.isAtEnd == true)
  }

  // MARK: - OPT (RFC 6891 §6.1, §7)

  @Test func `OPT goes out as it came in, with our size`() {
    for isOK in [false, true] {
      let reply = compose { writer in
        Self.start(&writer, sizeMax: 512, hasOPT: true)
        writer.responseCode = .init(rawValue: 0xABC)
        let edns = EDNS(requestorPayloadSize: 4_096, version: 7, dnssecOK: isOK)
        writer.finish(query: queryHeader(), edns: edns, payloadSize: 1_400, error: nil)
      }
      let opt = record(type: 41, classCode: 1_400, ttl: [0xAB, 0, isOK ? 0x80 : 0, 0])
      #expect(reply.octets == header(flags: 0x800C, 1, 0, 0, 1) + Self.questionOctets + opt)
    }
  }

  @Test func `room for OPT is kept at every size`() {
    let least = Self.frontCount + WireLimits.optOctetCount
    for size in least...(least + 3 * Self.addressCount) {
      let reply = compose(capacity: size) { writer in
        Self.start(&writer, sizeMax: size, hasOPT: true)
        while writer.writeAddress() {}
        writer.finish(edns: usualEDNS)
      }
      let all = readAll(reply.octets)
      #expect(all?.isAtEnd == true, "\(size)")
      #expect(all?.records.last?.record.type == .opt)
      #expect(all?.records.count == (size - least) / Self.addressCount + 1)
      #expect(reply.octets.count <= size)
      #expect(reply.areCanariesIntact)
    }
  }

  // MARK: - Extended errors (RFC 8914)

  @Test func `an extended error is an option of OPT`() {
    let reply = compose { writer in
      Self.start(&writer, sizeMax: 512, hasOPT: true)
      writer.finish(edns: usualEDNS, error: (.notReady, "not yet"))
    }
    let option = [0, 15, 0, 9, 0, 14] + Array("not yet".utf8)
    #expect(reply.octets.suffix(option.count) == option[...])
    #expect(reply.octets.count == Self.frontCount + 11 + option.count)
    let opt = readAll(reply.octets)?.records.first?.record
    #expect(opt?.dataRange.count == option.count)
  }

  @Test func `an extended error that does not fit is left out whole`() {
    let optionCount = 6 + 7
    for spare in 0...(optionCount + 1) {
      let size = Self.frontCount + Self.addressCount + WireLimits.optOctetCount + spare
      let reply = compose(capacity: size) { writer in
        Self.start(&writer, sizeMax: size, hasOPT: true)
        writer.expectAddress()
        writer.finish(edns: usualEDNS, error: (.other, "no room"))
      }
      let fits = spare >= optionCount
      #expect(reply.octets.count == size - spare + (fits ? optionCount : 0), "\(spare)")
      #expect(reply.header?.flags == 0x8000)
      #expect(reply.header?.answerCount == 1)
      #expect(readAll(reply.octets)?.isAtEnd == true)
      #expect(reply.areCanariesIntact)
    }
  }

  @Test func `an extended error without OPT is not sent`() {
    let reply = compose { writer in
      Self.start(&writer, sizeMax: 512)
      writer.finish(edns: nil, error: (.other, "unheard"))
    }
    #expect(reply.octets == header(flags: 0x8000) + Self.questionOctets)
  }

  @Test func `a record that did not fit does not cost the extended error`() {
    let size = Self.frontCount + 8 + WireLimits.optOctetCount
    let reply = compose { writer in
      Self.start(&writer, sizeMax: size, hasOPT: true)
      writer.expectAddress(.additional, fits: false)
      writer.finish(edns: usualEDNS, error: (.other, "ok"))
    }
    #expect(reply.octets.count == size)
  }
}
