import DNSWire
import Testing
import TestSupport

/// The reply writer against its buffer: patches, copies, headers, moves, and nonsense.
@Suite struct ReplyBufferTests {
  @Test func `only written octets are patched`() {
    let reply = compose { writer in
      writer.reset(sizeMax: 64, hasOPT: false)
      writer.append16(0)
      writer.patch16(0xABCD, at: 12)
      for offset in [13, 14, 62, 511, -1, .max, .min] { writer.patch16(0xFFFF, at: offset) }
    }
    #expect(reply.octets.suffix(2) == [0xAB, 0xCD])
    #expect(reply.octets.count == 14)
    #expect(reply.areCanariesIntact)
  }

  @Test func `what was written is copied, nothing else`() {
    let reply = compose { writer in
      writer.reset(sizeMax: 40, hasOPT: false)
      writer.append32(0x0102_0304)
      writer.appendCopy(ofReplyAt: 12, length: 4)
      writer.appendCopy(ofReplyAt: 13, length: 2)
      for (offset, length) in [(12, 11), (22, 1), (-1, 2), (12, -1), (.max, 1), (.max, .max)] {
        writer.appendCopy(ofReplyAt: offset, length: length)
      }
    }
    #expect(reply.octets.dropFirst(12) == [1, 2, 3, 4, 1, 2, 3, 4, 2, 3])
    #expect(reply.areCanariesIntact)
  }

  @Test func `a pointer-owned record names its offset`() {
    let reply = compose { writer in
      writer.reset(sizeMax: 512, hasOPT: false)
      writer.appendPointerOwned(0x3FFF, .srv, ttl: 0xDEAD_BEEF, dataLength: 0xABCD)
    }
    #expect(
      reply.octets.dropFirst(12)
        == [0xFF, 0xFF, 0, 33, 0, 1, 0xDE, 0xAD, 0xBE, 0xEF, 0xAB, 0xCD])
  }

  @Test(arguments: [0, 1, 11, 12, 13, 22, 23, 30, 100])
  func `no capacity is overrun, whatever is appended`(capacity: Int) {
    let long = Array(repeating: UInt8(7), count: 300)
    let seed: UInt64 = 7
    var generator = SeededGenerator(seed: seed)
    for number in 0..<300 {
      let reply = compose(capacity: capacity) { writer in
        writer.reset(
          sizeMax: [-5, 0, 12, capacity, 100_000, .max].randomElement(using: &generator) ?? 0,
          hasOPT: Bool.random(using: &generator))
        for _ in 0..<Int.random(in: 0...30, using: &generator) {
          switch Int.random(in: 0..<12, using: &generator) {
          case 0: writer.append8(1)
          case 1: writer.append16(1)
          case 2: writer.append32(1)
          case 3:
            writer.append(long.span.extracting(0..<Int.random(in: 0...300, using: &generator)))
          case 4: writer.appendQuestion(long.span.extracting(0..<9))
          case 5:
            writer.appendCopy(ofReplyAt: Int.random(in: -2...99, using: &generator), length: 9)
          case 6: writer.patch16(0xFFFF, at: Int.random(in: -2...99, using: &generator))
          case 7: writer.beginRecord()
          case 8: _ = writer.endRecord(.answer)
          case 9:
            writer.setLimit(sizeMax: Int.random(in: -9...999, using: &generator), hasOPT: true)
          case 10: writer.removeRecords()
          default: writer.finish(edns: usualEDNS, error: (.other, "some words"))
          }
        }
        writer.finish(edns: usualEDNS, error: (.other, "some words"))
      }
      #expect(reply.areCanariesIntact, "seed \(seed), case \(number)")
      #expect(reply.octets.count <= capacity)
    }
  }

  @Test func `a negative capacity is none`() {
    let reply = compose(capacity: -1) { writer in
      writer.reset(sizeMax: 512, hasOPT: true)
      writer.append8(1)
      writer.finish(edns: usualEDNS)
    }
    #expect(reply.areCanariesIntact)
    #expect(reply.octets.isEmpty)
  }

  // MARK: - Bare headers (RFC 8906 §8.1.4)

  @Test func `a bare header has the code and nothing else`() {
    var query = queryHeader(id: 0xBEEF, flags: 0x7FFF)
    (query.answerCount, query.additionalCount) = (7, 9)
    for (keepFlags, flags) in [(false, 0xF804), (true, 0xF914)] {
      let reply = compose { writer in
        writer.reset(sizeMax: 512, hasOPT: true)
        writer.appendQuestion(question().span)
        writer.isAuthoritative = true
        writer.expectAddress()
        writer.finishHeaderOnly(query: query, code: .notImplemented, keepFlags: keepFlags)
      }
      #expect(reply.octets == header(id: 0xBEEF, flags: flags, 0))
    }
  }

  // MARK: - Limits set anew

  @Test func `a limit set anew bounds the records to come`() {
    let reply = compose { writer in
      writer.reset(sizeMax: 512, hasOPT: true)
      writer.appendQuestion(question().span)
      let front = writer.count
      writer.setLimit(sizeMax: front + 16 + WireLimits.optOctetCount, hasOPT: true)
      writer.expectAddress()
      writer.expectAddress(fits: false)
      writer.setLimit(sizeMax: 0, hasOPT: true)
      #expect(writer.limit == writer.count)
      writer.setLimit(sizeMax: .max, hasOPT: false)
      #expect(writer.limit == 512)
    }
    #expect(reply.areCanariesIntact)
  }

  // MARK: - Streams and moves

  @Test func `a framed reply starts with its length`() {
    var stream: [UInt8] = [9]
    let reply = compose { writer in
      writer.reset(sizeMax: 512, hasOPT: false)
      for _ in 0..<70 { writer.append32(0x0101_0101) }
      writer.finish()
      writer.appendFramed(to: &stream)
    }
    #expect(stream == [9, 1, 36] + reply.octets)
  }

  @Test func `a moved reply goes on where it was`() {
    func write(_ writer: inout ReplyWriter) {
      writer.reset(sizeMax: 512, hasOPT: true)
      writer.appendQuestion(question().span)
      (writer.isAuthoritative, writer.recursionAvailable) = (true, true)
      writer.responseCode = .nameError
      writer.expectAddress()
      writer.expectAddress(.authority)
      writer.expectAddress(.additional)
      writer.isTruncated = true
    }
    func goOn(_ writer: inout ReplyWriter) {
      writer.expectAddress(.additional, last: 2)
      writer.finish(edns: usualEDNS)
    }
    let direct = compose { writer in
      write(&writer)
      goOn(&writer)
    }
    let moved = composeMoved(movedCapacity: 512, write, then: goOn)
    #expect(moved.octets == direct.octets)
    #expect(moved.areCanariesIntact)
  }

  @Test(arguments: [0, 11, 12, 20, 80])
  func `a reply moved to too small a place is cut, not overrun`(capacity: Int) {
    let moved = composeMoved(movedCapacity: capacity) { writer in
      writer.reset(sizeMax: 512, hasOPT: true)
      writer.appendQuestion(question().span)
      while writer.writeAddress() {}
    } then: { writer in
      _ = writer.writeAddress()
      writer.finish(edns: usualEDNS)
    }
    #expect(moved.areCanariesIntact)
    #expect(moved.octets.count <= capacity)
  }
}
