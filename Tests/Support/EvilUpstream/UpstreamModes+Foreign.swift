/// Messages that are no reply to the query, and then the good one: a wrong reply does not end the
/// wait (RFC 5452 section 9.1).
extension UpstreamMode {
  static let foreign: [UpstreamMode] = [
    UpstreamMode("ok", .answer, "nothing is wrong", keeping: .must) { [.send($0.good)] },
    UpstreamMode("wrong-id", .answer, "another ID first") { asked in
      asked.thenGood(asked.evil.with { $0.id ^= 0x0055 })
    },
    UpstreamMode("wrong-id-50", .answer, "fifty other IDs first") { asked in
      asked.thenGood((1...50).map { n in asked.evil.with { $0.id &+= n }.bytes })
    },
    UpstreamMode("flood", .answer, "four hundred forged replies first") { asked in
      asked.thenGood(
        (1...400).map { n in asked.evil.with { $0.id &+= n &* 151 | 1 }.bytes })
    },
    UpstreamMode("earlier-id", .answer, "the ID of the query before") { asked in
      asked.thenGood(asked.evil.with { $0.id = asked.previousID ?? $0.id &- 1 })
    },
    UpstreamMode("garbage", .answer, "forty octets of ones") {
      $0.thenGood([[UInt8](repeating: 0xff, count: 40)])
    },
    UpstreamMode("garbage-id", .answer, "the right ID, then garbage") { asked in
      asked.thenGood([Octets.word(asked.id) + [UInt8](repeating: 0xff, count: 40)])
    },
    UpstreamMode("short", .answer, "three octets") { $0.thenGood([[0x61, 0x62, 0x63]]) },
    UpstreamMode("only-id", .answer, "the ID alone") { $0.thenGood([Octets.word($0.id)]) },
    UpstreamMode("empty", .answer, "an empty datagram, a message of no octets") {
      $0.thenGood([[]])
    },
    UpstreamMode("other-address", .answer, "from another address") { asked in
      [
        UpstreamStep(.replyFrom(host: "127.0.0.9", asked.evil.bytes)),
        .send(asked.good, after: .milliseconds(50)),
      ]
    },
    UpstreamMode("other-port", .answer, "from another port") { asked in
      [
        UpstreamStep(.replyFrom(host: "127.0.0.1", asked.evil.bytes)),
        .send(asked.good, after: .milliseconds(50)),
      ]
    },
    UpstreamMode("header-only", .answer, "a header without question") { asked in
      asked.thenGood(
        ReplyDraft(id: asked.id, question: [], questionCount: 0))
    },
    UpstreamMode("no-question", .answer, "an answer without question") { asked in
      asked.thenGood(
        asked.evil.with {
          $0.question = []
          $0.questionCount = 0
          $0.answer = [
            RecordDraft.address(RecordDraft.evilAddress, at: Octets.name(asked.name))
          ]
        })
    },
    UpstreamMode("two-questions", .answer, "the question twice") { asked in
      asked.thenGood(
        asked.evil.with {
          $0.question += $0.question
          $0.questionCount = 2
        })
    },
    UpstreamMode("query", .answer, "QR is 0: a query, not a reply") { asked in
      asked.thenGood(asked.evil.with { $0.flags = 0x0100 })
    },
    UpstreamMode("echo", .answer, "the query itself, sent back") { $0.thenGood([$0.bytes]) },
    UpstreamMode("opcode", .answer, "opcode NOTIFY") { asked in
      asked.thenGood(asked.evil.with { $0.flags |= 0x2000 })
    },
    UpstreamMode("wrong-name", .answer, "another QNAME") { asked in
      let name = Octets.name(victim(of: "wrong-name"))
      return asked.thenGood(asked.evil.with { $0.question = name + Octets.word(1) + [0, 1] })
    },
    UpstreamMode("longer-name", .answer, "QNAME with a label in front") { asked in
      asked.thenGood(asked.evil.with { $0.question = [1, 0x78] + $0.question })
    },
    UpstreamMode("wrong-type", .answer, "another QTYPE") { asked in
      asked.thenGood(
        asked.evil.with { $0.question = Array($0.question.dropLast(4)) + [0, 28, 0, 1] })
    },
    UpstreamMode("wrong-class", .answer, "another QCLASS") { asked in
      asked.thenGood(
        asked.evil.with { $0.question = Array($0.question.dropLast(4)) + [0, 1, 0, 3] })
    },
    UpstreamMode("duplicate", .answer, "the same reply four times", keeping: .must) { asked in
      [
        .send(asked.good), .send(asked.good), .send(asked.good),
        .send(asked.good, after: .milliseconds(20)),
      ]
    },
    UpstreamMode("second-opinion", .answer, "an evil reply after the good one") { asked in
      [.send(asked.good), .send(asked.evil), .send(asked.evil, after: .milliseconds(20))]
    },
  ]
}
