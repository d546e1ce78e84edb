/// OPT records that are wrong, odd or not understood (RFC 6891). Those that are wrong come before
/// the good reply.
extension UpstreamMode {
  static let oddEDNS: [UpstreamMode] = [
    UpstreamMode("opt-twice", .answerOrFailure, "two OPT records") { asked in
      asked.thenGood(
        asked.evil.with { $0.additional = [RecordDraft.edns(), RecordDraft.edns()] })
    },
    UpstreamMode("opt-in-answer", .answerOrFailure, "OPT in the answer section") { asked in
      asked.thenGood(
        asked.evil.with {
          $0.answer.append(RecordDraft.edns())
          $0.edns = nil
        })
    },
    UpstreamMode("opt-in-authority", .answerOrFailure, "OPT in the authority section") { asked in
      asked.thenGood(
        asked.evil.with {
          $0.authority = [RecordDraft.edns()]
          $0.edns = nil
        })
    },
    UpstreamMode("opt-owner", .answerOrFailure, "an OPT record that is not the root's") { asked in
      asked.thenGood(asked.evil.with { $0.edns = RecordDraft.edns(owner: Octets.name("a.test")) })
    },
    UpstreamMode("option-overrun", .answerOrFailure, "an option longer than OPT") { asked in
      asked.thenGood(
        asked.evil.with {
          $0.edns = RecordDraft.record(
            [0], type: 41, data: [0, 10, 0, 200, 1, 2], ttl: 0, recordClass: 1232)
        })
    },
    UpstreamMode("option-cut", .answerOrFailure, "three octets where an option should be") {
      asked in
      asked.thenGood(
        asked.evil.with {
          $0.edns = RecordDraft.record([0], type: 41, data: [0, 10, 0], ttl: 0, recordClass: 1232)
        })
    },
    UpstreamMode("opt-version", .answerOrFailure, "OPT of version 1 with an answer") { asked in
      [.send(asked.good.with { $0.edns = RecordDraft.edns(version: 1) })]
    },
    UpstreamMode("opt-code", .answerOrFailure, "upper bits of RCODE with an evil answer") { asked in
      asked.thenGood(asked.evil.with { $0.edns = RecordDraft.edns(upperCode: 1) })
    },
    UpstreamMode("opt-code-alone", .failure, "BADCOOKIE, which nothing mends") { asked in
      [
        .send(
          asked.empty.with {
            $0.code = 7
            $0.edns = RecordDraft.edns(upperCode: 1)
          })
      ]
    },
    UpstreamMode("bad-version", .answerOrFailure, "BADVERS to whoever sends OPT") { asked in
      guard asked.message.edns != nil else { return [.send(asked.good)] }
      return [.send(asked.empty.with { $0.edns = RecordDraft.edns(upperCode: 1) })]
    },
    UpstreamMode("no-edns", .answer, "FORMERR without question to whoever sends OPT") { asked in
      bareError(asked, code: 1)
    },
    UpstreamMode("no-edns-notimp", .answer, "NOTIMP without question instead") { asked in
      bareError(asked, code: 4)
    },
    UpstreamMode("no-edns-question", .answerOrFailure, "FORMERR with question, without OPT") {
      asked in
      guard asked.message.edns != nil else { return [.send(asked.good)] }
      return [
        .send(
          asked.empty.with {
            $0.code = 1
            $0.edns = nil
          })
      ]
    },
    UpstreamMode("edns-lost", .answerOrFailure, "queries with OPT are lost") { asked in
      asked.message.edns == nil ? [.send(asked.good)] : []
    },
    UpstreamMode("opt-left-out", .answer, "no OPT in the reply", keeping: .must) { asked in
      [.send(asked.good.with { $0.edns = nil })]
    },
    UpstreamMode("opt-unasked", .answer, "OPT in every reply", keeping: .must) { asked in
      [.send(asked.good.with { $0.edns = RecordDraft.edns(flags: 0x8000) })]
    },
    UpstreamMode("opt-first", .answer, "OPT before another record", keeping: .must) { asked in
      [
        .send(
          asked.good.with {
            $0.additional = [RecordDraft.edns(), RecordDraft.address(at: Octets.name("b.test"))]
            $0.edns = nil
          })
      ]
    },
    UpstreamMode("opt-size", .answer, "a payload size of 0", keeping: .must) { asked in
      [.send(asked.good.with { $0.edns = RecordDraft.edns(size: 0) })]
    },
    UpstreamMode("opt-flags", .answer, "all flags of OPT set", keeping: .must) { asked in
      [.send(asked.good.with { $0.edns = RecordDraft.edns(flags: 0xffff) })]
    },
    UpstreamMode("cookie", .answer, "a cookie that nobody asked for", keeping: .must) { asked in
      let cookie = [UInt8](repeating: 0x78, count: 16)
      return [.send(asked.good.with { $0.edns = RecordDraft.edns(options: [(10, cookie)]) })]
    },
    UpstreamMode("keepalive", .answer, "a keepalive option of a wrong length") { asked in
      [.send(asked.good.with { $0.edns = RecordDraft.edns(options: [(11, [1, 2, 3])]) })]
    },
    UpstreamMode("many-options", .answerOrFailure, "two hundred options") { asked in
      let options = (0..<200).map { n in (UInt16(65_001 + n), [UInt8]()) }
      return [.send(asked.good.with { $0.edns = RecordDraft.edns(options: options) })]
    },
  ]

  private static func bareError(_ asked: UpstreamQuestion, code: UInt16) -> [UpstreamStep] {
    guard asked.message.edns != nil else { return [.send(asked.good)] }
    return [
      .send(
        ReplyDraft(id: asked.id, flags: 0x8000, code: code, question: [], questionCount: 0))
    ]
  }
}
