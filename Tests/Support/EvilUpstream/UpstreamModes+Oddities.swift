/// Replies that are odd but can be used, and replies that say more than was asked.
extension UpstreamMode {
  static let oddities: [UpstreamMode] = [
    UpstreamMode("trailing", .answer, "octets behind the last record") { asked in
      [.send(asked.good.with { $0.trailing = [UInt8](repeating: 0, count: 13) })]
    },
    UpstreamMode("flag-bits", .answer, "Z and AD set", keeping: .must) { asked in
      [.send(asked.good.with { $0.flags |= 0x0060 })]
    },
    UpstreamMode("no-recursion", .answer, "AA, and no RA", keeping: .must) { asked in
      [.send(asked.good.with { $0.flags = 0x8500 })]
    },
    UpstreamMode("rd-cd", .answer, "RD cleared and CD set", keeping: .must) { asked in
      [.send(asked.good.with { $0.flags = 0x8090 })]
    },
    UpstreamMode("lower", .answer, "the question in lower case", keeping: .must) { asked in
      [.send(asked.good.with { $0.question = Octets.folded($0.question) })]
    },
    UpstreamMode("upper", .answer, "the question in upper case", keeping: .must) { asked in
      [
        .send(
          asked.good.with {
            $0.question = Octets.name(asked.name.uppercased()) + $0.question.suffix(4)
          })
      ]
    },
    UpstreamMode("ttl-0", .answer, "TTL 0", keeping: .mustNot, ttlMax: 0) { ttl($0, 0) },
    UpstreamMode("ttl-top-bit", .answer, "TTL 2^31", ttlMax: 0) { ttl($0, 0x8000_0000) },
    UpstreamMode("ttl-all-ones", .answer, "TTL 2^32-1", ttlMax: 0) { ttl($0, 0xffff_ffff) },
    UpstreamMode("ttl-large", .answer, "TTL 2^31-1", ttlMax: 0x7fff_ffff) { ttl($0, 0x7fff_ffff) },
    UpstreamMode("ttl-mixed", .answer, "two TTLs in one RRset", ttlMax: 3600) { asked in
      [
        .send(
          asked.good.with {
            $0.answer = [
              RecordDraft.address(ttl: 3600), RecordDraft.address("192.0.2.81", ttl: 7),
            ]
          })
      ]
    },
    UpstreamMode("twins", .answer, "the same record three times", keeping: .must) { asked in
      [.send(asked.good.with { $0.answer += $0.answer + $0.answer })]
    },
    UpstreamMode("poison-answer", .answer, "an address of another name") { asked in
      [.send(asked.good.with { $0.answer += lies("poison-answer") })]
    },
    UpstreamMode("poison-authority", .answer, "a delegation of everything") { asked in
      [
        .send(
          asked.good.with {
            let server = Octets.name("ns.elsewhere.example")
            $0.authority = [
              RecordDraft.record(Octets.name("test"), type: 2, data: server),
              RecordDraft.record([0], type: 2, data: server),
            ]
            $0.additional = lies("poison-authority")
          })
      ]
    },
    UpstreamMode("poison-additional", .answer, "an address of another name") { asked in
      [.send(asked.good.with { $0.additional = lies("poison-additional") })]
    },
    UpstreamMode("wrong-owner", .noDataOrFailure, "an answer to something else") { asked in
      [.send(asked.empty.with { $0.answer = lies("wrong-owner") })]
    },
    UpstreamMode("wrong-class-record", .noDataOrFailure, "an address in class CH") { asked in
      let address = Octets.address4(RecordDraft.evilAddress)
      let record = RecordDraft.record(
        RecordDraft.questionName, type: 1, data: address, recordClass: 3)
      return [.send(asked.empty.with { $0.answer = [record] })]
    },
    UpstreamMode("surplus", .answer, "unknown types and classes") { asked in
      let name = Octets.name("b.test")
      return [
        .send(
          asked.good.with {
            $0.authority = [RecordDraft.record(name, type: 65_400, data: [1, 2, 3])]
            $0.additional = [
              RecordDraft.record(name, type: 65_500, data: [], recordClass: 3),
              RecordDraft.record(name, type: 0, data: [0], recordClass: 65_535),
              RecordDraft.record(name, type: 255, data: [], recordClass: 255),
            ]
          })
      ]
    },
    UpstreamMode("signed", .answer, "a signature of the message behind OPT") { asked in
      let data =
        Octets.name("hmac-sha256") + [0, 0, 0x60, 0, 0, 0, 1, 0x2c, 0, 4, 1, 2, 3, 4]
        + Octets.word(asked.id) + [0, 0, 0, 0]
      let record = RecordDraft.record(
        Octets.name("key.test"), type: 250, data: data, ttl: 0, recordClass: 255)
      return [
        .send(
          asked.good.with {
            $0.additional = [RecordDraft.edns(), record]
            $0.edns = nil
          })
      ]
    },
    UpstreamMode("signatures", .answer, "RRSIG that nobody asked for") { asked in
      let data =
        Octets.word(1) + [8, 2] + Octets.doubleWord(60) + Octets.doubleWord(1)
        + Octets.doubleWord(0) + Octets.word(7) + Octets.name("test") + [1, 2, 3, 4]
      return [
        .send(
          asked.good.with {
            $0.answer.append(RecordDraft.record(RecordDraft.questionName, type: 46, data: data))
          })
      ]
    },
    UpstreamMode("unknown-type", .records, "TYPE65400", type: 65_400, keeping: .must) { asked in
      [
        .send(
          asked.empty.with {
            $0.answer = [
              RecordDraft.record(RecordDraft.questionName, type: 65_400, data: [0xc0, 12, 0, 7])
            ]
          })
      ]
    },
    UpstreamMode("big", .answer, "a datagram larger than the size told") { asked in
      [.send(asked.good.with { $0.answer = (0..<90).map { many($0) } })]
    },
  ]

  /// Different addresses, the good one first.
  static func many(_ number: Int) -> [UInt8] {
    number == 0
      ? RecordDraft.address() : RecordDraft.address("10.64.\(number / 250).\(number % 250)")
  }

  private static func ttl(_ asked: UpstreamQuestion, _ ttl: UInt32) -> [UpstreamStep] {
    [.send(asked.empty.with { $0.answer = [RecordDraft.address(ttl: ttl)] })]
  }

  private static func lies(_ mode: String) -> [[UInt8]] {
    let names = [victim(of: mode), "kubernetes.default.svc.cluster.local."]
    return names.map { RecordDraft.address(RecordDraft.evilAddress, at: Octets.name($0)) }
  }
}
