import TestSupport
import Testing

/// What a forger would have to guess, and how often it may guess (RFC 5452).
@Suite struct UpstreamSpreadTests {
  private static let upstream = Result { try EvilUpstream() }
  private static let spread = Result { try ask() }

  /// The queries that 800 questions made, eight at a time.
  private static func ask() throws -> [UpstreamQuestion] {
    let upstream = try upstream.get()
    let server = try UpstreamServer("forward . \(upstream.text)")
    for round in 0..<100 {
      let queries = (0..<8).map { n in
        Query("ok.s\(round * 8 + n).test.", .a, id: UInt16(n + 1)).bytes
      }
      let replies = try QueryBurst.ask(queries, of: server.client)
      #expect(try replies.allSatisfy { try $0.map { try ParsedMessage($0).isGood } == true })
    }
    // A server that hears nothing for long asks again: the first query of each question counts.
    var seen: Set<String> = []
    return upstream.received.filter {
      $0.name.hasPrefix("ok.s") && seen.insert($0.name.lowercased()).inserted
    }
  }

  /// How many neighbors in a row differ by at most two.
  private func neighborCount(_ values: [UInt16]) -> Int {
    zip(values, values.dropFirst()).count { abs(Int($0) - Int($1)) <= 2 }
  }

  @Test func `source ports are spread`() throws {
    let ports = try Self.spread.get().map(\.sourcePort)
    #expect(ports.count == 800)
    #expect(Set(ports).count >= 760)
    // By chance one pair in five thousand.
    #expect(neighborCount(ports) <= 8)
  }

  @Test func `ids are spread`() throws {
    let ids = try Self.spread.get().map(\.id)
    // By chance five of 800 meet another.
    #expect(Set(ids).count >= 775)
    #expect(neighborCount(ids) <= 8)
    let lowCount = ids.count { $0 < 0x8000 }
    #expect((300...500).contains(lowCount))
  }

  @Test func `ids and ports do not follow each other`() throws {
    let questions = try Self.spread.get()
    let distances = Set(questions.map { $0.id &- $0.sourcePort })
    #expect(distances.count >= 775)
  }

  /// Clients that differ in nothing that makes another answer.
  enum Crowd: CaseIterable, Sendable {
    case alike, mixedCase, payloadSizes, streams
  }

  /// A thousand forgeries could be tried at once if each client had a query of its own
  /// (CVE-2023-30464).
  @Test(arguments: Crowd.allCases)
  func `the same question from a thousand clients is asked once`(crowd: Crowd) throws {
    let upstream = try EvilUpstream { asked in [.send(asked.good, after: .milliseconds(200))] }
    let server = try UpstreamServer("forward . \(upstream.text)")
    let queries = (1...1000).map { n in
      let isOdd = n.isMultiple(of: 2) && crowd == .mixedCase
      let size = crowd == .payloadSizes ? UInt16(512 + n) : 1232
      return Query(
        isOdd ? "Hot.TEST." : "hot.test.", .a, id: UInt16(n), payloadSize: size
      ).bytes
    }
    let replies = try QueryBurst.ask(
      queries, of: server.client, over: crowd == .streams ? .streams : .datagrams)
    let messages = try replies.compactMap { try $0.map { try ParsedMessage($0) } }
    #expect(messages.count(where: \.isGood) == 1000)
    #expect(upstream.received(for: "hot.test.").count == 1)
    for (query, message) in zip(queries, messages) {
      #expect(message.questionBytes[...] == query[12..<12 + message.questionBytes.count])
    }
  }

  @Test func `questions that differ are asked each`() throws {
    let upstream = try EvilUpstream { asked in [.send(asked.good, after: .milliseconds(200))] }
    let server = try UpstreamServer("forward . \(upstream.text)")
    let secure = RecordDraft.edns(flags: 0x8000)
    let queries = [
      Query("hot.test.", type: 1, id: 1, edns: RecordDraft.edns()),
      Query("hot.test.", type: 1, id: 2, edns: secure),
      Query("hot.test.", type: 1, id: 3, flags: 0x0110, edns: RecordDraft.edns()),
      Query("hot.test.", type: 1, id: 4, flags: 0x0000, edns: RecordDraft.edns()),
      Query("hot.test.", type: 28, id: 5, edns: RecordDraft.edns()),
      Query("not.test.", type: 1, id: 6, edns: RecordDraft.edns()),
    ]
    let replies = try QueryBurst.ask(queries.map(\.bytes), of: server.client)
    #expect(!replies.contains(nil))
    #expect(upstream.received.filter { $0.name.hasSuffix("ot.test.") }.count == 6)
  }
}
