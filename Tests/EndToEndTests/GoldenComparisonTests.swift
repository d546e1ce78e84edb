import TestSupport
import Testing

/// The rules by which answers are compared with recorded ones.
@Suite struct GoldenComparisonTests {
  private static let soa: Set = ["cluster.local. 30 SOA ns.dns.cluster.local. h. SERIAL 1 2 3 30"]
  private static let noData = answer("NOERROR", authority: soa)
  private static let denial = answer("NXDOMAIN", authority: soa)

  private static let refused = answer("REFUSED", flags: ["RD"])

  private static func answer(
    _ code: String, flags: Set<String> = ["AA", "RD"], _ answer: Set<String> = [],
    authority: Set<String> = [], additional: Set<String> = [], hasEDNS: Bool = false
  ) -> GoldenAnswer {
    GoldenAnswer(
      responseCode: code, flags: flags, answer: answer, authority: authority,
      additional: additional, hasEDNS: hasEDNS)
  }

  /// One comparison and what must come out.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let entry: GoldenFile.Entry
    let got: GoldenAnswer
    let verdict: GoldenComparison.Verdict

    init(
      _ description: String, _ name: String, _ type: Query.Kind, want: GoldenAnswer,
      got: GoldenAnswer, _ verdict: GoldenComparison.Verdict
    ) {
      testDescription = description
      entry = GoldenFile.Entry(name: name, type: type, transport: .udp, answer: want)
      self.got = got
      self.verdict = verdict
    }
  }

  private static let addresses: Set = ["x. 30 A 10.0.0.1", "x. 30 A 10.0.0.2"]

  static let cases = [
    Case(
      "the same", "x.", .a, want: answer("NOERROR", addresses),
      got: answer("NOERROR", addresses), .same),
    Case(
      "a record is missing", "x.", .a, want: answer("NOERROR", addresses),
      got: answer("NOERROR", ["x. 30 A 10.0.0.1"]), .different(["answer"])),
    Case(
      "another TTL", "x.", .a, want: answer("NOERROR", ["x. 30 A 10.0.0.1"]),
      got: answer("NOERROR", ["x. 5 A 10.0.0.1"]), .different(["answer"])),
    Case(
      "flags and OPT", "x.", .a, want: noData,
      got: answer("NOERROR", flags: ["RD"], authority: soa, hasEDNS: true),
      .different(["flags", "edns"])),
    Case(
      "both truncated", "x.", .a, want: answer("NOERROR", flags: ["TC"], addresses),
      got: answer("NOERROR", flags: ["TC"], ["x. 30 A 10.0.0.1"]), .same),
    Case(
      "only one truncated", "x.", .a, want: answer("NOERROR", flags: ["TC"], addresses),
      got: answer("NOERROR", flags: [], ["x. 30 A 10.0.0.1"]), .different(["flags", "answer"])),
    Case(
      "NODATA at a name that exists", "ABOVE.cluster.local.", .txt, want: denial, got: noData,
      .corrected),
    Case(
      "NODATA at a name that does not exist", "nx.cluster.local.", .txt, want: denial,
      got: noData, .different(["rcode"])),
    Case(
      "NODATA with another SOA", "above.cluster.local.", .txt, want: denial,
      got: answer("NOERROR"), .different(["rcode", "authority"])),
    Case(
      "denial of what exists", "above.cluster.local.", .a, want: noData, got: denial,
      .different(["rcode"])),
    Case(
      "SOA at a missing name", "nx.cluster.local.", .soa, want: noData, got: denial,
      .declared("soa-missing")),
    Case(
      "ANY", "x.cluster.local.", .any, want: noData,
      got: answer("NOERROR", ["x. 30 A 10.0.0.1", "x. 30 A 10.0.0.2"]), .declared("any-one")),
    Case(
      "ANY with two RRsets", "x.cluster.local.", .any, want: noData,
      got: answer("NOERROR", ["x. 30 A 10.0.0.1", "x. 30 AAAA ::1"]),
      .different(["answer", "authority"])),
    Case(
      "weights", "x.cluster.local.", .srv, want: answer("NOERROR", ["x. 30 SRV 0 33 80 t."]),
      got: answer("NOERROR", ["x. 30 SRV 0 50 80 t."]), .declared("srv-weight")),
    Case(
      "ports", "x.cluster.local.", .srv, want: answer("NOERROR", ["x. 30 SRV 0 33 80 t."]),
      got: answer("NOERROR", ["x. 30 SRV 0 33 81 t."]), .different(["answer"])),
    Case(
      "NODATA instead of falling through", "above.cluster.local.", .txt, want: refused, got: noData,
      .declared("held-nodata")),
    Case(
      "NODATA of nothing instead of falling through", "nx.cluster.local.", .txt, want: refused,
      got: noData, .different(["rcode", "flags", "authority"])),
    Case(
      "an alias of nothing", "x.cluster.local.", .a,
      want: answer("NOERROR", ["x.cluster.local. 30 CNAME t."]),
      got: answer("NXDOMAIN", ["x.cluster.local. 30 CNAME t."], authority: soa),
      .declared("alias")),
    Case(
      "an alias of nothing without SOA", "x.cluster.local.", .a,
      want: answer("NOERROR", ["x.cluster.local. 30 CNAME t."]),
      got: answer("NXDOMAIN", ["x.cluster.local. 30 CNAME t."]), .different(["rcode"])),
    Case(
      "an alias and less than there was", "x.cluster.local.", .a,
      want: answer("NOERROR", ["x.cluster.local. 30 CNAME t.", "t. 30 A 10.0.0.1"]),
      got: answer("NOERROR", ["x.cluster.local. 30 CNAME t."]), .different(["answer"])),
    Case(
      "PTR at a reverse name", "1.96.10.in-addr.arpa.", .ptr, want: denial, got: noData,
      .different(["rcode"])),
  ]

  @Test(arguments: cases)
  func `the verdict is`(item: Case) {
    let existing = GoldenFile.Entry(
      name: "below.Above.cluster.local.", type: .a, transport: .udp,
      answer: Self.answer("NOERROR", ["x. 30 A 10.0.0.1"]))
    var comparison = GoldenComparison([existing])
    let wanted = item.entry.answer
    #expect(comparison.verdict(item.entry, wanted, item.got) == item.verdict)
    comparison.add(item.entry, wanted, item.got)
    switch item.verdict {
    case .same: #expect(comparison.sameCount == 1)
    case .corrected: #expect(comparison.correctedCount == 1)
    case .declared(let id): #expect(comparison.declaredCounts == [id: 1])
    case .different: #expect(comparison.complaints.count == 1)
    }
  }

  @Test func `a difference of the question shows`() throws {
    var got = Self.noData
    got.questions = ["X. IN A"]
    let entry = GoldenFile.Entry(name: "x.", type: .a, transport: .udp, answer: Self.noData)
    let comparison = GoldenComparison([entry])
    #expect(comparison.verdict(entry, Self.noData, got) == .different(["question"]))
    got.questions = ["x. IN A"]
    #expect(comparison.verdict(entry, Self.noData, got) == .same)
  }

  @Test func `serials and the server's own address are masked`() throws {
    func text(_ type: UInt16, _ owner: String, _ data: String) -> String {
      GoldenAnswer.text(
        ParsedMessage.Record(
          section: .answer, owner: owner, type: type, recordClass: 1, ttl: 5, data: data))
    }
    #expect(text(6, "z.", "ns. h. 1764 1 2 3 4") == "z. 5 SOA ns. h. SERIAL 1 2 3 4")
    #expect(text(1, "NS.dns.z.", "10.0.0.1") == "NS.dns.z. 5 A ADDRESS-OF-THIS-MACHINE")
    #expect(text(1, "dns.z.", "10.0.0.1") == "dns.z. 5 A 10.0.0.1")
  }

  @Test func `ids of declared differences are unique and have a reason`() {
    let all = KnownDifferences.all
    #expect(Set(all.map(\.id)).count == all.count)
    #expect(all.allSatisfy { $0.reason.count > 20 })
  }
}
