import DNSWire
import Testing

/// Aliases that are led elsewhere, and TTLs that are written over.
@Suite struct ReplyRedirectTests {
  /// A reply to `a.` with aliases to `b.` and `c.`, an address, and an NS record.
  private func withReply(sizeMax: Int = 512, _ body: (inout ReplyWriter) -> Void) {
    _ = compose(capacity: 512) { writer in
      writer.reset(sizeMax: sizeMax, hasOPT: false)
      writer.appendQuestion(([1, 0x61, 0, 0, 1, 0, 1] as [UInt8]).span)
      for target in [0x62, 0x63] as [UInt8] {
        writer.beginRecord()
        writer.appendQuestionOwned(.cname, ttl: 300, dataLength: 3)
        for octet in [1, target, 0] { writer.append8(octet) }
        _ = writer.endRecord(.answer)
      }
      writer.beginRecord()
      writer.appendQuestionOwned(.a, ttl: 7, dataLength: 4)
      writer.append32(1)
      _ = writer.endRecord(.answer)
      writer.beginRecord()
      writer.appendQuestionOwned(.ns, ttl: 70_000, dataLength: 2)
      writer.append16(0xC00C)
      _ = writer.endRecord(.authority)
      body(&writer)
    }
  }

  /// Leads alias `number` to `target`; where the target stands.
  private func redirect(_ writer: inout ReplyWriter, _ number: Int, to target: String) -> Int? {
    let aliases = writer.aliases()
    guard aliases.indices.contains(number), let target = DomainName(text: target) else {
      Issue.record("there is no alias \(number)")
      return nil
    }
    return writer.redirect(aliases[number], to: target)
  }

  private func targets(_ writer: borrowing ReplyWriter) -> [String] {
    writer.aliases().map(\.target.description)
  }

  @Test func `what stood behind the alias is gone`() {
    withReply { writer in
      #expect(targets(writer) == ["b.", "c."])
      let place = redirect(&writer, 0, to: "new.test")
      #expect(place != nil && writer.count == (place ?? 0) + 10)
      #expect(writer.withOctets { readName($0, at: place ?? 0) }?.description == "new.test.")
      #expect(writer.answerCount == 1 && writer.authorityCount == 0 && !writer.isTruncated)
      #expect(targets(writer) == ["new.test."])
    }
    withReply { writer in
      _ = redirect(&writer, 1, to: "new.test")
      #expect(writer.answerCount == 2)
      #expect(targets(writer) == ["b.", "new.test."])
    }
  }

  @Test func `a target that does not fit sets TC`() {
    withReply(sizeMax: 90) { writer in
      let place = redirect(&writer, 1, to: String(repeating: "a.", count: 60))
      #expect(place == nil && writer.isTruncated && writer.answerCount == 1)
      #expect(targets(writer) == ["b."])
    }
  }

  @Test func `TTLs of all sections`() {
    withReply { writer in
      writer.patchTTLs { min($0, 65_540) }
      let start = writer.recordsOffset
      let ttls = writer.withOctets { octets in
        var ttls: [UInt32] = []
        var offset = start
        while let record = RecordHeader(octets, at: offset) {
          ttls.append(record.ttl)
          offset = record.end
        }
        return ttls
      }
      #expect(ttls == [300, 300, 7, 65_540])
    }
  }
}
