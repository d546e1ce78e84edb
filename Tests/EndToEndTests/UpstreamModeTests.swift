import TestSupport
import Testing

/// Upstreams that misbehave, and what their forwarder's clients get.
@Suite struct UpstreamModeTests {
  @Test(arguments: UpstreamVariant.allCases, UpstreamMode.all)
  func `a client gets`(variant: UpstreamVariant, mode: UpstreamMode) throws {
    let run = try UpstreamRun.shared(variant)
    let outcome = try #require(run.outcomes[mode.name])
    let judgement = UpstreamJudgement(query: outcome.query, mode: mode, variant: variant)
    let complaints = judgement.complaints(outcome.first)
    #expect(complaints.isEmpty, "\(mode.name), \(variant): \(complaints) (\(mode.reason))")
  }

  @Test(arguments: UpstreamMode.all.filter { $0.keeping != .may })
  func `the cache keeps what may be kept`(mode: UpstreamMode) throws {
    let outcome = try #require(try UpstreamRun.shared(.cached).outcomes[mode.name])
    let judgement = UpstreamJudgement(query: outcome.query, mode: mode, variant: .cached)
    let complaints = judgement.complaints(outcome.second)
    #expect(complaints.isEmpty, "\(mode.name): \(complaints) (\(mode.reason))")
    let (before, after) = outcome.upstreamCounts
    #expect(before > 0)
    #expect((before == after) == (mode.keeping == .must), "\(mode.name): \(before), then \(after)")
  }

  @Test(arguments: UpstreamVariant.allCases, UpstreamMode.all.map(\.name))
  func `no mode poisons another name`(variant: UpstreamVariant, mode: String) throws {
    let run = try UpstreamRun.shared(variant)
    let message = try ParsedMessage(try #require(run.victims[mode]))
    #expect(message.addresses == [RecordDraft.goodAddress], "\(mode), \(variant)")
  }

  @Test(arguments: UpstreamVariant.allCases)
  func `the server and the cluster's names are unharmed`(variant: UpstreamVariant) throws {
    let run = try UpstreamRun.shared(variant)
    #expect(run.isAlive)
    #expect(try ParsedMessage(run.cluster).addresses == [UpstreamServer.clusterAddress])
  }

  @Test func `names of modes are unique`() {
    #expect(Set(UpstreamMode.all.map(\.name)).count == UpstreamMode.all.count)
    #expect(UpstreamMode.all.count > 100)
  }
}
