import DNSWire

// Who is asked: the list, and the choice among it.

extension UpstreamEngine {
  /// An upstream that may be asked next.
  struct Candidate {
    let state: UpstreamState
    let place: Int
    /// Times it was asked; one that is down, while others are not, only comes after those were
    /// asked twice.
    let round: Int
  }

  private static let downRoundCount = 2

  /// Replaces the upstreams. Those that stay keep health and streams; flights under way still take
  /// replies of those that go.
  package func replace(_ upstreams: [Upstream]) {
    var old = states
    states = upstreams.map { upstream in
      guard let index = old.firstIndex(where: { $0.upstream == upstream }) else {
        return UpstreamState(upstream)
      }
      return old.remove(at: index)
    }
    for state in old {
      state.isRemoved = true
      stopChecks(state)
      for stream in state.streams {
        stream.isRetired = true
        if stream.attempts.isEmpty { close(stream) }
      }
    }
  }

  /// Notes that upstream `index` leads back to this server, or no longer does. Out of range: no
  /// effect.
  package func setLooping(_ isLooping: Bool, upstream index: Int) {
    guard states.indices.contains(index) else { return }
    states[index].isLooping = isLooping
  }

  /// How `state` stands.
  func condition(_ state: UpstreamState, now: UInt64) -> UpstreamCondition {
    state.health.condition(maxFails: options.maxFails, now: now)
  }

  /// Whether none of the upstreams that may be asked is better than down.
  func areAllDown(now: UInt64) -> Bool {
    !states.contains { !$0.isLooping && condition($0, now: now) != .down }
  }

  /// Why a new flight must not start now. With all upstreams down one question each
  /// `trialIntervalNanoseconds` finds out whether they still are; the others fail at once.
  func reasonNotToStart(areAllDown: Bool, now: UInt64) -> UpstreamFailure? {
    if states.isEmpty { return .noneReachable }
    if states.allSatisfy(\.isLooping) { return .looping }
    guard areAllDown else { return nil }
    let wasAskedLately = states.contains { state in
      guard !state.isLooping, let askedAt = state.askedAt else { return false }
      return elapsed(since: askedAt, now: now) < EngineLimits.trialIntervalNanoseconds
    }
    return options.failFastWhenAllDown || wasAskedLately ? .allDown : nil
  }

  // MARK: - Choice

  /// Who is asked next for `flight`: of those asked least the healthiest, of those by policy.
  func choose(_ flight: Flight, now: UInt64) -> Candidate? {
    let areAllDown = areAllDown(now: now)
    var best: [Candidate] = []
    var bestRank = Int.max
    for (place, state) in states.enumerated() where !state.isLooping {
      let count = flight[state].count
      let condition = condition(state, now: now)
      let isLate = condition == .down && !areAllDown
      guard count < EngineLimits.attemptPerUpstreamCountMax else { continue }
      // A reply in hand is only bettered by somebody who was not asked yet and works.
      if flight.fallback != nil, count > 0 || isLate { continue }
      if flight.isTrial, areAllDown, flight.scheduledCount > 0, count == 0 { continue }
      let round = count + (isLate ? Self.downRoundCount : 0)
      let rank = round * (UpstreamCondition.down.rawValue + 1) + condition.rawValue
      if rank < bestRank {
        bestRank = rank
        best = []
      }
      if rank == bestRank { best.append(Candidate(state: state, place: place, round: round)) }
    }
    return pick(best, flight)
  }

  private func pick(_ candidates: [Candidate], _ flight: Flight) -> Candidate? {
    guard candidates.count > 1 else { return candidates.first }
    switch options.policy {
    case .sequential: return candidates.first
    case .random: return candidates[randomIndex(below: candidates.count)]
    case .roundRobin:
      let start = flight.last.map { $0.place + 1 } ?? roundRobinPlace
      return candidates.first { $0.place >= start } ?? candidates.first
    }
  }

  /// A number from 0 to `count` - 1, each equally likely up to 2^-32 or so.
  func randomIndex(below count: Int) -> Int {
    guard count > 1 else { return 0 }
    return Int(truncatingIfNeeded: random().multipliedFullWidth(by: UInt64(count)).high)
  }
}
