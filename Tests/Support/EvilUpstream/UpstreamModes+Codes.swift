/// Replies that are errors, and replies that deny.
extension UpstreamMode {
  static let codes: [UpstreamMode] = [
    UpstreamMode("servfail", .failure, "SERVFAIL") { [.send(code($0, 2))] },
    UpstreamMode("refused", .code([2, 5]), "REFUSED") { [.send(code($0, 5))] },
    UpstreamMode("formerr", .failure, "FORMERR: not the client's fault") { [.send(code($0, 1))] },
    UpstreamMode("notimp", .failure, "NOTIMP: not the client's fault") { [.send(code($0, 4))] },
    UpstreamMode("code-15", .code([2, 15]), "a code that nobody knows") { [.send(code($0, 15))] },
    UpstreamMode("notauth", .code([2, 9]), "NOTAUTH") { [.send(code($0, 9))] },
    UpstreamMode("yxdomain", .code([2, 6]), "YXDOMAIN") { [.send(code($0, 6))] },
    UpstreamMode("servfail-with-answer", .failure, "SERVFAIL with an evil answer") { asked in
      [.send(asked.evil.with { $0.code = 2 })]
    },
    UpstreamMode("servfail-told", .failure, "SERVFAIL with an extended error") { asked in
      let error = Octets.word(6) + Array("bogus".utf8)
      return [
        .send(code(asked, 2).with { $0.edns = RecordDraft.edns(options: [(15, error)]) })
      ]
    },
    UpstreamMode("servfail-once", .answerOrFailure, "SERVFAIL, then an answer") { asked in
      [.send(asked.attempt == 1 ? code(asked, 2) : asked.good)]
    },
  ]

  static let negatives: [UpstreamMode] = [
    UpstreamMode("nx", .denial, "NXDOMAIN with SOA", keeping: .must, ttlMax: 30) { asked in
      [.send(asked.noData.with { $0.code = 3 })]
    },
    UpstreamMode("nx-no-soa", .denial, "NXDOMAIN without SOA", keeping: .mustNot) {
      [.send(code($0, 3))]
    },
    UpstreamMode("nodata", .noData, "NODATA with SOA", keeping: .must, ttlMax: 30) {
      [.send($0.noData)]
    },
    UpstreamMode("nodata-no-soa", .noData, "NODATA without SOA", keeping: .mustNot) {
      [.send($0.empty)]
    },
    UpstreamMode("nx-soa-long", .denial, "an SOA with TTLs of 68 years") { asked in
      let soa = RecordDraft.authority(ttl: 0x7fff_ffff, minimum: 0x7fff_ffff)
      return [
        .send(
          asked.empty.with {
            $0.code = 3
            $0.authority = [soa]
          })
      ]
    },
    UpstreamMode("nx-soa-zero", .denial, "an SOA with MINIMUM 0") { asked in
      [
        .send(
          asked.empty.with {
            $0.code = 3
            $0.authority = [RecordDraft.authority(minimum: 0)]
          })
      ]
    },
    UpstreamMode("nx-soa-foreign", .denial, "the SOA of another zone") { asked in
      [
        .send(
          asked.empty.with {
            $0.code = 3
            $0.authority = [RecordDraft.authority("elsewhere.example")]
          })
      ]
    },
    UpstreamMode("nx-with-answer", .anything, "NXDOMAIN with an address") { asked in
      [
        .send(
          asked.good.with {
            $0.code = 3
            $0.authority = [RecordDraft.authority()]
          })
      ]
    },
    UpstreamMode("referral", .noDataOrFailure, "a referral", keeping: .mustNot) { asked in
      let server = Octets.name("ns.elsewhere.example")
      return [
        .send(
          asked.empty.with {
            $0.authority = [RecordDraft.record(Octets.name("test"), type: 2, data: server)]
            $0.additional = [RecordDraft.address("192.0.2.53", at: server)]
          })
      ]
    },
  ]

  private static func code(_ asked: UpstreamQuestion, _ code: UInt16) -> ReplyDraft {
    asked.empty.with { $0.code = code }
  }
}
