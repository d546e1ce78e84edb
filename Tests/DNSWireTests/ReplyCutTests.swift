import DNSWire
import Testing
import TestSupport

/// Replies that were written without the client's limit and are cut to it at the end, and what
/// else goes into OPT.
@Suite struct ReplyCutTests {
  private static let front = 12 + question().count

  /// A reply of two answers, one authority and two additional records of 16 octets each, cut.
  private static func cut(
    to size: Int, edns: EDNS? = nil, options: [UInt8] = [], capacity: Int = 4_096
  ) -> Composed {
    compose(capacity: capacity) { writer in
      writer.reset(sizeMax: capacity, hasOPT: edns != nil)
      writer.appendQuestion(question().span)
      for section in [
        ReplyWriter.Section.answer, .answer, .authority, .additional, .additional,
      ] {
        writer.expectAddress(section)
      }
      writer.cut(sizeMax: size, hasOPT: edns != nil)
      writer.finish(
        query: queryHeader(), edns: edns, payloadSize: 1_232, error: nil, options: options)
    }
  }

  @Test func `whole records are taken back from the end`() {
    let full = Self.cut(to: .max)
    #expect(full.header?.flags == 0x8000)
    for size in 0...(full.octets.count + 1) {
      let reply = Self.cut(to: size)
      let kept = max(0, min(5, (size - Self.front) / 16))
      #expect(reply.octets.count == Self.front + kept * 16, "\(size)")
      let header = reply.header
      #expect(header?.answerCount == UInt16(min(2, kept)))
      #expect(header?.authorityCount == UInt16(min(1, max(0, kept - 2))))
      #expect(header?.additionalCount == UInt16(max(0, kept - 3)))
      #expect(header?.flags == (kept < 3 ? 0x8200 : 0x8000))
      #expect(
        Array(reply.octets.dropFirst(12))
          == Array(full.octets.dropFirst(12).prefix(reply.octets.count - 12)))
      #expect(reply.areCanariesIntact)
    }
  }

  @Test func `room for OPT is kept, and bounds the options`() {
    let options: [UInt8] = [0xFD, 0xE9, 0, 2, 1, 2]
    for size in (Self.front + 11)...(Self.front + 11 + 90) {
      let reply = Self.cut(to: size, edns: usualEDNS, options: options)
      let all = readAll(reply.octets)
      #expect(reply.octets.count <= size, "\(size)")
      #expect(all?.isAtEnd == true)
      let opt = all?.records.last?.record
      #expect(opt?.type == .opt)
      let recordsOctetCount = min(80, (size - Self.front - 11) / 16 * 16)
      let spare = size - Self.front - 11 - recordsOctetCount
      #expect(opt?.dataRange.count == (spare >= 6 ? 6 : 0))
    }
  }

  @Test func `a reply that fits is left alone`() {
    let full = Self.cut(to: 4_096, edns: usualEDNS)
    #expect(full.octets == Self.cut(to: full.octets.count, edns: usualEDNS).octets)
    #expect(
      Self.cut(to: full.octets.count - 1, edns: usualEDNS).octets.count == full.octets.count - 16)
  }

  @Test(arguments: [Int.min, -1, 0, 11, 12, 20, 27, 43, .max], [0, 11, 12, 30, 60])
  func `no size overruns the buffer`(size: Int, capacity: Int) {
    let reply = compose(capacity: capacity) { writer in
      writer.reset(sizeMax: capacity, hasOPT: true)
      writer.appendQuestion(question().span)
      for _ in 0..<3 { _ = writer.writeAddress() }
      writer.cut(sizeMax: size, hasOPT: true)
      for _ in 0..<99 { _ = writer.writeAddress() }
      writer.setLimit(sizeMax: size, hasOPT: true)
      for _ in 0..<99 { _ = writer.writeAddress() }
      writer.finish(edns: usualEDNS)
    }
    #expect(reply.areCanariesIntact)
    #expect(reply.octets.count <= capacity)
  }

  @Test func `compressed records are cut as well`() {
    let message = UpstreamMessage(
      answer: [named(wire("b.test")), address(wire("b.test"))],
      authority: [named(wire("test"), wire("ns.test"), type: 2)],
      additional: [address(wire("ns.test"))])
    let full = copy(message)
    for size in 0...full.composed.octets.count {
      let reply = copy(message, then: { writer, _ in writer.cut(sizeMax: size, hasOPT: false) })
      #expect(reply.composed.octets.count <= max(size, Self.front))
      #expect(full.lines.starts(with: reply.lines), "\(size)")
      let isTruncated = reply.lines.count < 3
      #expect(reply.composed.header.map { $0.flags & 0x0200 != 0 } == isTruncated)
    }
  }

  @Test func `records copied below a limit are whole or absent`() {
    let message = UpstreamMessage(
      answer: [named(wire("b.test")), address(wire("b.test")), address(wire("b.test"), last: 2)],
      authority: [
        named(wire("test"), wire("ns.long.name.test"), type: 2),
        named(wire("test"), wire("ns.test"), type: 2),
      ],
      additional: [address(wire("ns.long.name.test")), address(wire("ns.test"), last: 3)])
    let full = copy(message)
    #expect(full.lines.count == 7)
    for size in Self.front...full.composed.octets.count {
      let reply = copy(message, sizeMax: size)
      #expect(reply.composed.octets.count <= size)
      var rest = full.lines[...]
      for line in reply.lines {
        guard let place = rest.firstIndex(of: line) else {
          Issue.record("\(size): \(line)")
          break
        }
        rest = rest[(place + 1)...]
      }
      let isWhole = reply.lines.filter { !$0.hasPrefix("additional") }.count == 5
      #expect(reply.composed.header.map { $0.flags & 0x0200 == 0 } == isWhole, "\(size)")
    }
  }

  @Test func `what follows the answer is taken back`() {
    let reply = compose { writer in
      writer.reset(sizeMax: 512, hasOPT: false)
      writer.appendQuestion(question().span)
      writer.expectAddress()
      writer.removeAllButAnswer()
      writer.expectAddress(.authority, last: 2)
      writer.expectAddress(.additional, last: 3)
      writer.removeAllButAnswer()
      writer.expectAddress(last: 4)
      writer.finish()
    }
    #expect(lines(reply.octets) == [1, 4].map { "answer a.example. 30 A 10.0.0.\($0)" })
    #expect(reply.header?.flags == 0x8000)
  }

  // MARK: - AD

  @Test func `AD is set, kept and cleared`() {
    func flags(_ change: (inout ReplyWriter) -> Void) -> UInt16? {
      compose { writer in
        writer.reset(sizeMax: 512, hasOPT: false)
        writer.isAuthentic = true
        change(&writer)
        writer.finish()
      }.header?.flags
    }
    #expect(flags { _ in } == 0x8020)
    #expect(flags { $0.reset(sizeMax: 512, hasOPT: false) } == 0x8000)
    #expect(flags { $0.clear() } == 0x8000)
    let moved = composeMoved(movedCapacity: 512) { writer in
      writer.reset(sizeMax: 512, hasOPT: false)
      writer.isAuthentic = true
    } then: {
      $0.finish()
    }
    #expect(moved.header?.flags == 0x8020)
  }

  // MARK: - Options

  private static let error: [UInt8] = [0, 15, 0, 3, 0, 0, 0x78]

  /// What OPT holds when options are given and `spare` octets are left for them.
  private static func options(
    _ options: [UInt8], spare: Int = 400, hasError: Bool = false
  ) -> [UInt8]? {
    let reply = compose { writer in
      let size = front + 16 + WireLimits.optOctetCount + spare
      writer.reset(sizeMax: size, hasOPT: true)
      writer.appendQuestion(question().span)
      writer.expectAddress()
      writer.finish(
        query: queryHeader(), edns: usualEDNS, payloadSize: 1_232,
        error: hasError ? (.other, "x") : nil, options: options)
      #expect(writer.count <= size)
    }
    #expect(reply.header?.flags == 0x8000)
    #expect(reply.header?.answerCount == 1)
    guard let all = readAll(reply.octets), all.isAtEnd, let opt = all.records.last?.record else {
      return nil
    }
    #expect(opt.end == reply.octets.count)
    return Array(reply.octets[opt.dataRange])
  }

  @Test func `options go into OPT behind the error, as far as they fit`() {
    let long: [UInt8] = [0xFD, 0xE9, 0, 4, 1, 2, 3, 4]
    let short: [UInt8] = [0xFD, 0xEA, 0, 0]
    #expect(Self.options([]) == [])
    #expect(Self.options(long + short) == long + short)
    #expect(Self.options(long + short, hasError: true) == Self.error + long + short)
    for spare in 0...20 {
      let fits = spare >= 12 ? long + short : spare >= 8 ? long : spare >= 4 ? short : []
      #expect(Self.options(long + short, spare: spare) == fits, "\(spare)")
      let rest = spare - Self.error.count
      let both =
        rest < 0
        ? (spare >= 4 ? short : [])
        : Self.error + (rest >= 12 ? long + short : rest >= 8 ? long : rest >= 4 ? short : [])
      #expect(Self.options(long + short, spare: spare, hasError: true) == both, "\(spare)")
    }
  }

  @Test(arguments: [[0], [0, 1, 0], [0, 1, 0, 1], [0, 1, 255, 255, 9]] as [[UInt8]])
  func `malformed options are not sent`(options: [UInt8]) {
    #expect(Self.options(options) == [])
    #expect(Self.options([0, 9, 0, 0] + options) == [0, 9, 0, 0])
  }

  @Test func `options without OPT are not sent`() {
    let reply = compose { writer in
      writer.reset(sizeMax: 512, hasOPT: false)
      writer.finish(
        query: queryHeader(), edns: nil, payloadSize: 1_232, error: nil, options: [0, 9, 0, 0])
    }
    #expect(reply.octets == header(flags: 0x8000, 0))
  }
}
