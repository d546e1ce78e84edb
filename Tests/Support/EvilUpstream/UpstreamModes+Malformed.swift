/// Replies whose ID and question are right and whose records are broken, and then the good one:
/// nothing of a broken message may be used (RFC 9267).
extension UpstreamMode {
  static let malformed: [UpstreamMode] = [
    UpstreamMode("cut-record", .answer, "the last record is two octets short") { asked in
      asked.thenGood([Array(asked.evil.with { $0.edns = nil }.bytes.dropLast(2))])
    },
    UpstreamMode("cut-question", .answer, "the question is cut") { asked in
      asked.thenGood([Array(asked.evil.bytes.prefix(17))])
    },
    UpstreamMode("pointer-loop", .answer, "an owner that points at itself") { asked in
      let own = Octets.pointer(12 + asked.message.questionBytes.count)
      return asked.thenGood(evil(asked, owner: own))
    },
    UpstreamMode("pointer-pair", .answer, "two pointers at each other") { asked in
      let start = 12 + asked.message.questionBytes.count
      let owner = [1, 0x61] + Octets.pointer(start)
      return asked.thenGood(evil(asked, owner: owner))
    },
    UpstreamMode("pointer-forward", .answer, "a pointer past the end") { asked in
      asked.thenGood(evil(asked, owner: Octets.pointer(0x3fff)))
    },
    UpstreamMode("pointer-header", .answer, "a pointer into the header") { asked in
      asked.thenGood(evil(asked, owner: Octets.pointer(2)))
    },
    UpstreamMode("label-type", .answer, "a label of the reserved type 01") { asked in
      asked.thenGood(evil(asked, owner: [0x41, 0x61, 0]))
    },
    UpstreamMode("name-256", .answer, "pointers that make a name of more than 255") { asked in
      let label = [UInt8(63)] + [UInt8](repeating: 0x61, count: 63)
      let long = label + label + label + label
      return asked.thenGood(evil(asked, owner: long + RecordDraft.questionName))
    },
    UpstreamMode("more-answers", .answer, "ANCOUNT is larger than what there is") { asked in
      asked.thenGood(
        asked.evil.with {
          $0.extraCounts.answer = 8
          $0.edns = nil
        })
    },
    UpstreamMode("more-authority", .answer, "NSCOUNT 65535") { asked in
      asked.thenGood(asked.evil.with { $0.extraCounts.authority = 65_535 })
    },
    UpstreamMode("more-additional", .answer, "ARCOUNT is larger than what there is") { asked in
      asked.thenGood(asked.evil.with { $0.extraCounts.additional = 3 })
    },
    UpstreamMode("data-short", .answer, "an A record of three octets") { asked in
      asked.thenGood(data(asked, type: 1, [203, 0, 113]))
    },
    UpstreamMode("data-long", .answer, "an A record of five octets") { asked in
      asked.thenGood(data(asked, type: 1, [203, 0, 113, 66, 0]))
    },
    UpstreamMode("alias-overrun", .answer, "a CNAME whose name ends behind its data") { asked in
      asked.thenGood(data(asked, type: 5, [5, 0x61, 0x62]))
    },
    UpstreamMode("alias-surplus", .answer, "a CNAME with octets behind its name") { asked in
      asked.thenGood(data(asked, type: 5, Octets.name("other.test") + [9, 9]))
    },
    UpstreamMode("soa-short", .answer, "an SOA without its numbers") { asked in
      asked.thenGood(
        asked.empty.with {
          $0.authority = [
            RecordDraft.record(Octets.name("test"), type: 6, data: Octets.name("ns.test") + [0, 1])
          ]
        })
    },
  ]

  private static func evil(_ asked: UpstreamQuestion, owner: [UInt8]) -> ReplyDraft {
    asked.empty.with {
      $0.answer = [RecordDraft.address(RecordDraft.evilAddress, at: owner)]
      $0.edns = nil
    }
  }

  private static func data(
    _ asked: UpstreamQuestion, type: UInt16, _ data: [UInt8]
  ) -> ReplyDraft {
    asked.empty.with {
      $0.answer = [RecordDraft.record(RecordDraft.questionName, type: type, data: data)]
    }
  }
}
