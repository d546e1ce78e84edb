import TestSupport
import Testing

/// The text of recorded answers, and the table of docs/CONFORMANCE.md.
@Suite struct GoldenFormatTests {
  private static let sample = """
    zones cluster.local. in-addr.arpa.
    ttl 30
    soa s cluster.local. 30 SOA ns.dns.cluster.local. h. SERIAL 1 2 3 30
    set many @ A 10.0.0.1; @ A 10.0.0.2
    x.cluster.local. A,AAAA nx s
    y.cluster.local. TXT via tcp nodata s
    Z.cluster.local. A ok tc | =many
    Z.cluster.local. SRV via edns ok | @ SRV 0 1 2 t. |  | t. 5 A 10.0.0.9
    c.cluster.local. A denied | @ CNAME n. | cluster.local. 0 SOA a. b. SERIAL 1 2 3 4
    example.com. MX refused
    example.com. A failed
    example.com. TXT ok | @ TXT "a\\059b"; @ TXT "c"
    """

  @Test func `questions and answers are read`() throws {
    let file = try GoldenFile(Self.sample)
    #expect(file.zones == ["cluster.local.", "in-addr.arpa."])
    let names = file.entries.map { "\($0.name) \($0.type) \($0.transport)" }
    #expect(
      names == [
        "x.cluster.local. a udp", "x.cluster.local. aaaa udp", "y.cluster.local. txt tcp",
        "Z.cluster.local. a udp", "Z.cluster.local. srv edns", "c.cluster.local. a udp",
        "example.com. mx udp", "example.com. a udp", "example.com. txt udp",
      ])
    let answers = file.entries.map(\.answer)
    let soa: Set = ["cluster.local. 30 SOA ns.dns.cluster.local. h. SERIAL 1 2 3 30"]
    let base = GoldenAnswer(responseCode: "NOERROR", flags: ["AA", "RD"], hasEDNS: false)
    var expected = [GoldenAnswer](repeating: base, count: 9)
    for index in 0..<2 {
      expected[index].responseCode = "NXDOMAIN"
      expected[index].authority = soa
    }
    expected[2].authority = soa
    expected[3].flags = ["AA", "RD", "TC"]
    expected[3].answer = ["Z.cluster.local. 30 A 10.0.0.1", "Z.cluster.local. 30 A 10.0.0.2"]
    expected[4].answer = ["Z.cluster.local. 30 SRV 0 1 2 t."]
    expected[4].additional = ["t. 5 A 10.0.0.9"]
    expected[4].hasEDNS = true
    expected[5].responseCode = "NXDOMAIN"
    expected[5].answer = ["c.cluster.local. 30 CNAME n."]
    expected[5].authority = ["cluster.local. 0 SOA a. b. SERIAL 1 2 3 4"]
    for (index, code) in [(6, "REFUSED"), (7, "SERVFAIL")] {
      expected[index].responseCode = code
      expected[index].flags = ["RD"]
    }
    expected[8].answer = [#"example.com. 30 TXT "a;b""#, #"example.com. 30 TXT "c""#]
    #expect(answers == expected)
  }

  @Test(arguments: [
    "word", "x A nx s", "x. A nx s", "x. BOGUS refused", "x. A via smoke refused", "x. A perhaps",
    "x. A ok | =none", "x. A ok | @ A", "x. A", "soa key",
  ])
  func `a line that is not of the format is refused`(line: String) {
    #expect(throws: GoldenFile.FormatError.self) { try GoldenFile("ttl 5\n" + line) }
  }

  @Test(arguments: GoldenVariant.allCases)
  func `the recorded files are of the format`(variant: GoldenVariant) throws {
    let file = try variant.file()
    let inside = file.entries.filter { entry in
      file.zones.contains { entry.name.lowercased().hasSuffix($0) }
    }
    #expect(!inside.isEmpty && inside.count < file.entries.count)
    // Only names outside of the zones have answers of the upstream's alone.
    let authorities = inside.flatMap(\.answer.authority)
    #expect(authorities.allSatisfy { !$0.contains("example.com.") })
  }

  @Test func `the table of differences is found`() throws {
    let text = """
      # Conformance

      | area | state |
      |---|---|
      | other | table |

      | id | V1 | V2 | V3 | V4 | why |
      |---|---:|---|---|---|---|
      | `any-one` | 1,234 | 2 | 3 | 4 | RFC 8482 |
      | soa-missing | 0 | 0 | 0 | 9 | RFC 2308 |

      | id | V1 |
      """
    let table = try #require(ConformanceTable(markdown: text))
    #expect(table.counts == ["any-one": [1234, 2, 3, 4], "soa-missing": [0, 0, 0, 9]])
  }

  @Test(arguments: ["", "no table", "| id | V1 | V2 | V3 | V4 | why |\n| a | x | 2 | 3 | 4 | r |"])
  func `what is not the table is refused`(text: String) {
    #expect(ConformanceTable(markdown: text) == nil)
  }
}
