import TestSupport
import Testing

/// What travels through a forwarder untouched, in both directions.
@Suite struct UpstreamPassingTests {
  /// A query and what of it must reach the upstream and come back.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let flags: UInt16
    let edns: [UInt8]?

    init(_ description: String, flags: UInt16 = 0x0100, edns: [UInt8]? = nil) {
      testDescription = description
      self.flags = flags
      self.edns = edns
    }
  }

  private static let option: (UInt16, [UInt8]) = (65_001, [1, 2, 3, 0xff])

  static let cases = [
    Case("RD"), Case("no RD", flags: 0), Case("CD", flags: 0x0110), Case("AD", flags: 0x0120),
    Case("EDNS", edns: RecordDraft.edns()),
    Case("DO", edns: RecordDraft.edns(flags: 0x8000)),
    Case("DO and CD", flags: 0x0110, edns: RecordDraft.edns(flags: 0x8000)),
    Case("DO and AD without RD", flags: 0x0020, edns: RecordDraft.edns(flags: 0x8000)),
    Case("an unknown option", edns: RecordDraft.edns(options: [option])),
    Case("a large payload size", edns: RecordDraft.edns(size: 4096)),
    Case("a payload size of 0", edns: RecordDraft.edns(size: 0)),
  ]

  /// What the upstream sets in its replies.
  private static func behave(_ asked: UpstreamQuestion) -> [UpstreamStep] {
    let isSecure = asked.message.edns?.dnssecOK == true
    let options: [(UInt16, [UInt8])] = [
      (65_002, [9, 8, 7]), (10, [UInt8](repeating: 1, count: 16)),
    ]
    return [
      .send(
        asked.good.with {
          $0.flags |= 0x0020 | (asked.message.header.word & 0x0010)
          if $0.edns != nil {
            $0.edns = RecordDraft.edns(flags: isSecure ? 0x8000 : 0, options: options)
          }
        })
    ]
  }

  @Test(arguments: cases, [false, true])
  func `flags and options pass`(item: Case, isCached: Bool) throws {
    let upstream = try EvilUpstream(behavior: Self.behave)
    let server = try UpstreamServer("\(isCached ? "cache" : "")\nforward . \(upstream.text)")
    let name = "pass.test."
    let query = Query(name, type: 1, id: 77, flags: item.flags, edns: item.edns).bytes
    let asked = try ParsedMessage(query)
    let reply = try ParsedMessage(server.client.udp(query))
    let seen = try #require(upstream.received(for: name).first?.message)
    #expect(upstream.malformedCount == 0)
    for flag in [MessageHeader.Flag.rd, .cd] {
      #expect(seen.header.has(flag) == asked.header.has(flag), "\(flag) to the upstream")
      #expect(reply.header.has(flag) == asked.header.has(flag), "\(flag) to the client")
    }
    #expect(seen.edns?.dnssecOK == asked.edns?.dnssecOK)
    #expect(seen.edns?.version == asked.edns?.version && seen.edns?.reservedFlags ?? 0 == 0)
    if let size = seen.edns?.payloadSize { #expect((512...4096).contains(size)) }
    let wantsAD = asked.header.has(.ad) || asked.edns?.dnssecOK == true
    #expect(reply.header.has(.ad) == wantsAD, "AD (RFC 6840 section 5.7)")
    #expect(reply.isGood && (reply.edns == nil) == (asked.edns == nil))
    #expect(reply.edns?.dnssecOK == asked.edns?.dnssecOK)
    let codes = (reply.edns?.options ?? []).map(\.code)
    #expect(!codes.contains(10), "the upstream's cookie")
  }

  @Test func `an unknown option passes both ways`() throws {
    let upstream = try EvilUpstream(behavior: Self.behave)
    let server = try UpstreamServer("forward . \(upstream.text)")
    let edns = RecordDraft.edns(options: [Self.option])
    let query = Query("pass.test.", type: 1, id: 78, edns: edns).bytes
    let reply = try ParsedMessage(server.client.udp(query))
    let seen = upstream.received(for: "pass.test.").first?.message.edns?.options ?? []
    #expect(seen.contains(EDNSFields.Option(code: 65_001, data: [1, 2, 3, 0xff])))
    let back = reply.edns?.options ?? []
    #expect(back.contains(EDNSFields.Option(code: 65_002, data: [9, 8, 7])))
  }

  @Test(arguments: [65_400, 32_769, 99, 65, 64, 52, 43, 48] as [UInt16])
  func `types that are not known here pass`(type: UInt16) throws {
    // Looks like a pointer, but no octet of unknown data may be read or changed (RFC 3597).
    let data: [UInt8] = [0, 1, 0xc0, 0x0c, 0, 0xff, 0x41, 0x61]
    let upstream = try EvilUpstream { asked in
      let record = RecordDraft.record(RecordDraft.questionName, type: type, data: data)
      return [.send(asked.type == type ? asked.empty.with { $0.answer = [record] } : asked.noData)]
    }
    let server = try UpstreamServer("cache\nforward . \(upstream.text)")
    let expected = "\\# 8 0001c00c00ff4161"
    for id in 1...3 as ClosedRange<UInt16> {
      let query = Query("Type.Test.", type: type, id: id, edns: RecordDraft.edns()).bytes
      let message = try ParsedMessage(id == 2 ? server.client.tcp(query) : server.client.udp(query))
      #expect(message.records(in: .answer).map(\.data) == [expected])
    }
  }

  @Test(arguments: [250, 251, 252, 253, 254, 41, 249, 128] as [UInt16])
  func `types that mean something between two servers do not pass`(type: UInt16) throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer("forward . \(upstream.text)")
    let query = Query("meta.test.", type: type, id: 5).bytes
    for reply in [try server.client.udp(query), try server.client.tcp(query)] {
      let message = try ParsedMessage(reply)
      #expect([1, 4, 5].contains(message.responseCode), "code \(message.responseCode)")
    }
    #expect(upstream.received(for: "meta.test.").isEmpty)
  }

  @Test(arguments: [1, 2, 4, 5, 6, 15] as [UInt16])
  func `other opcodes do not pass`(opcode: UInt16) throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer("forward . \(upstream.text)")
    let query = Query("opcode.test.", type: 6, id: 5, flags: opcode << 11).bytes
    for reply in [try server.client.udp(query), try server.client.tcp(query)] {
      #expect(reply.count >= 12 && reply[3] & 0x0f == 4)
    }
    #expect(upstream.received(for: "opcode.test.").isEmpty && upstream.malformedCount == 0)
  }

  /// Messages at and just below the limit of 65,535 octets, with room for our OPT and without.
  @Test(arguments: [65_535, 65_534, 65_525, 65_524, 65_523, 64_000], [false, true])
  func `a TCP client gets the largest messages`(size: Int, hasEDNS: Bool) throws {
    let upstream = try EvilUpstream { asked in
      guard asked.isStream else { return [.send(asked.truncated)] }
      let start = asked.empty.bytes.count
      let head = 2 + 10
      let record = RecordDraft.record(
        RecordDraft.questionName, type: 16, data: Self.text(octetCount: size - start - head))
      return [.send(asked.empty.with { $0.answer = [record] })]
    }
    let server = try UpstreamServer("cache\nforward . \(upstream.text)")
    let edns = hasEDNS ? RecordDraft.edns() : nil
    for id in 1...2 as ClosedRange<UInt16> {
      let query = Query("large.test.", type: 16, id: id, edns: edns).bytes
      let message = try ParsedMessage(server.client.tcp(query))
      #expect(message.responseCode == 0 && message.byteCount == size && !message.header.has(.tc))
      let short = try ParsedMessage(server.client.udp(query))
      #expect(short.responseCode == 0 && short.header.has(.tc) && short.byteCount <= 1232)
    }
  }

  /// TXT data of exactly so many octets.
  private static func text(octetCount: Int) -> [UInt8] {
    var data: [UInt8] = []
    while data.count < octetCount {
      let count = min(255, octetCount - data.count - 1)
      data += [UInt8(truncatingIfNeeded: count)] + [UInt8](repeating: 0x61, count: count)
    }
    return data
  }
}
