/// Chains of CNAME records, whole, broken, endless and wandering.
extension UpstreamMode {
  static let aliases: [UpstreamMode] = [
    UpstreamMode("alias", .answer, "a CNAME and its target", keeping: .must) { asked in
      answer(asked, [RecordDraft.alias(other), good(at: other)])
    },
    UpstreamMode("alias-backwards", .answer, "the target before its CNAME") { asked in
      answer(asked, [good(at: other), RecordDraft.alias(other)])
    },
    UpstreamMode("alias-case", .answer, "names of a chain in changing case") { asked in
      answer(
        asked,
        [
          RecordDraft.alias(Octets.name("OTHER.Test"), at: Octets.name(asked.name.uppercased())),
          RecordDraft.alias(Octets.name("third.TEST"), at: Octets.name("other.tEST")),
          good(at: Octets.name("THIRD.test")),
        ])
    },
    UpstreamMode("alias-nine", .answer, "a chain of nine names") { asked in
      answer(asked, chain(count: 9) + [good(at: Octets.name("c9.test"))])
    },
    UpstreamMode("alias-forty", .anything, "a chain of forty names") { asked in
      answer(asked, chain(count: 40) + [good(at: Octets.name("c40.test"))])
    },
    UpstreamMode("alias-endless", .anything, "a chain of five hundred names, by TCP") { asked in
      guard asked.isStream else { return [.send(asked.truncated)] }
      return answer(asked, chain(count: 500))
    },
    UpstreamMode("alias-self", .anything, "a CNAME to itself") { asked in
      answer(asked, [RecordDraft.alias(RecordDraft.questionName)])
    },
    UpstreamMode("alias-loop", .anything, "two names that are each other's alias") { asked in
      answer(
        asked, [RecordDraft.alias(other), RecordDraft.alias(Octets.name(asked.name), at: other)])
    },
    UpstreamMode("alias-root", .anything, "a CNAME to the root") { asked in
      answer(asked, [RecordDraft.alias([0]), good(at: [0])])
    },
    UpstreamMode("alias-alone", .anything, "a CNAME whose target is not told") { asked in
      answer(asked, [RecordDraft.alias(Octets.name("ok.alone.test"))])
    },
    UpstreamMode("alias-twice", .anything, "two CNAME records at one name") { asked in
      let third = Octets.name("third.test")
      return answer(
        asked,
        [
          RecordDraft.alias(other), RecordDraft.alias(third), good(at: other), good(at: third),
        ])
    },
    UpstreamMode("alias-beside", .anything, "a CNAME beside an address") { asked in
      answer(asked, [RecordDraft.alias(other), good(at: RecordDraft.questionName)])
    },
    UpstreamMode("alias-255", .answer, "a CNAME to a name of 255 octets") { asked in
      let label = [UInt8(63)] + [UInt8](repeating: 0x61, count: 63)
      let long = label + label + label + [61] + [UInt8](repeating: 0x62, count: 61) + [0]
      return answer(asked, [RecordDraft.alias(long), good(at: long)])
    },
    UpstreamMode("alias-binary", .answer, "a CNAME to a name of any octets") { asked in
      let odd: [UInt8] = [6, 0, 0x2e, 0xff, 0x22, 0x5c, 0x0a, 4, 0x74, 0x65, 0x73, 0x74, 0]
      return answer(asked, [RecordDraft.alias(odd), good(at: odd)])
    },
    UpstreamMode("alias-of-branch", .answer, "a DNAME and the CNAME made from it") { asked in
      let branch = Octets.name(asked.name)
      let parent = Array(branch.dropFirst(1 + Int(branch.first ?? 0)))
      let target = Array(branch.prefix(1 + Int(branch.first ?? 0))) + other
      return answer(
        asked,
        [
          RecordDraft.record(parent, type: 39, data: other), RecordDraft.alias(target),
          good(at: target),
        ])
    },
    UpstreamMode("alias-denied", .denial, "an alias of a name that does not exist") { asked in
      [
        .send(
          asked.noData.with {
            $0.code = 3
            $0.answer = [RecordDraft.alias(other)]
          })
      ]
    },
    UpstreamMode("alias-to-cluster", .anything, "an alias into the cluster, with a lie") { asked in
      let inside = Octets.name("kubernetes.default.svc.cluster.local")
      return answer(
        asked,
        [
          RecordDraft.alias(inside), RecordDraft.address(RecordDraft.evilAddress, at: inside),
        ])
    },
  ]

  private static let other = Octets.name("other.test")

  private static func good(at owner: [UInt8]) -> [UInt8] { RecordDraft.address(at: owner) }

  private static func answer(_ asked: UpstreamQuestion, _ records: [[UInt8]]) -> [UpstreamStep] {
    [.send(asked.empty.with { $0.answer = records })]
  }

  /// From the question to `c1.test`, `c2.test` ... `cCOUNT.test`.
  private static func chain(count: Int) -> [[UInt8]] {
    (0..<count).map { n in
      RecordDraft.alias(
        Octets.name("c\(n + 1).test"),
        at: n == 0 ? RecordDraft.questionName : Octets.name("c\(n).test"))
    }
  }
}
