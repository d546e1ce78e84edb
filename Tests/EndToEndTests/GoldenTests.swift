import TestSupport
import Testing

/// The recorded answers of CoreDNS against what this server says.
@Suite struct GoldenTests {
  @Test(arguments: GoldenVariant.allCases)
  func `answers are the recorded ones`(variant: GoldenVariant) throws {
    let file = try variant.file()
    let server = try variant.server()
    var comparison = GoldenComparison(file.entries)
    let channel = try UDPChannel(to: server.client)
    for (index, entry) in file.entries.enumerated() {
      do {
        let id = UInt16(truncatingIfNeeded: index)
        let got = try Self.ask(entry, id: id, server.client, channel)
        comparison.add(entry, entry.answer, got)
      } catch {
        comparison.add(entry, failure: error)
      }
      if comparison.complaints.count > 200 { break }
    }
    let shown = comparison.complaints.prefix(20).joined(separator: "\n")
    let isClean = comparison.complaints.isEmpty
    #expect(
      isClean,
      """
      \(variant.testDescription): \(comparison.complaints.count) undeclared differences, \
      \(comparison.sameCount) the same, \(comparison.correctedCount) corrected, \
      declared \(comparison.declaredCounts)
      \(shown)
      """)
    try Self.expectTable(comparison.declaredCounts, variant)
  }

  @Test(arguments: zip(GoldenVariant.allCases, [4728, 4728, 4696, 4692]))
  func `no recorded question is lost`(variant: GoldenVariant, count: Int) throws {
    #expect(try variant.file().entries.count == count)
  }

  /// Every declared difference occurs as often as docs/CONFORMANCE.md says.
  private static func expectTable(_ counted: [String: Int], _ variant: GoldenVariant) throws {
    let text = try #require(Fixture.repositoryText("docs/CONFORMANCE.md"))
    let table = try #require(
      ConformanceTable(markdown: text), "docs/CONFORMANCE.md has no table of differences")
    let declared = Set(KnownDifferences.all.map(\.id))
    #expect(Set(table.counts.keys) == declared, "ids of docs/CONFORMANCE.md and of the tests")
    for id in declared.sorted() {
      let told = table.counts[id].map { $0[variant.rawValue - 1] }
      #expect(told == counted[id, default: 0], "\(id) \(variant.testDescription)")
    }
  }

  private static func ask(
    _ entry: GoldenFile.Entry, id: UInt16, _ client: DNSClient, _ channel: borrowing UDPChannel
  ) throws -> GoldenAnswer {
    let query = Query(
      entry.name, entry.type, id: id, payloadSize: entry.transport == .edns ? 1232 : nil
    ).bytes
    guard entry.transport != .tcp else {
      return GoldenAnswer(try ParsedMessage(client.tcp(query)))
    }
    let resendCountMax = 3
    for _ in 0..<resendCountMax {
      try channel.send(query)
      do {
        while true {
          let reply = try channel.receive(timeout: .seconds(2))
          if reply.prefix(2) == query.prefix(2) { return GoldenAnswer(try ParsedMessage(reply)) }
        }
      } catch SocketError.timedOut {
        continue
      }
    }
    throw SocketError.timedOut
  }
}
