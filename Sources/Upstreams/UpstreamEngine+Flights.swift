import DNSWire

// When a flight sends what.

extension UpstreamEngine {
  /// What a flight does next.
  private enum Step {
    /// Asks this upstream now.
    case ask(Candidate, isHedge: Bool)
    /// Waits for replies, and looks again at this time.
    case wait(UInt64)
    /// Ends: nothing more will come.
    case giveUp
  }

  /// Steps of one flight in one go: attempts are bounded, so more cannot be.
  private static let stepCountMax = 4 * EngineLimits.attemptCountMax

  /// Does for `flight` what is due, and sets when to look at it again.
  func advance(_ flight: Flight, now: UInt64) {
    guard !flight.isEnded else { return }
    noteTimeouts(flight, now: now)
    guard now < flight.deadline else { return end(flight, lastWord(flight), now: now) }
    for _ in 0..<Self.stepCountMax {
      if sendRepeat(flight, now: now) { continue }
      switch nextStep(flight, now: now) {
      case .ask(let candidate, let isHedge):
        send(flight, to: candidate, isHedge: isHedge, now: now)
      case .wait(let time):
        return schedule(flight, at: time, now: now)
      case .giveUp:
        return end(flight, lastWord(flight), now: now)
      }
    }
    end(flight, lastWord(flight), now: now)
  }

  private func schedule(_ flight: Flight, at time: UInt64, now: UInt64) {
    var next = min(time, flight.deadline)
    for attempt in flight.attempts where attempt.isHopeful && !attempt.isTimedOut {
      next = min(next, later(attempt.sentAt, by: options.readTimeout))
    }
    timers.set(flight, max(next, later(now, by: 1)))
  }

  private func noteTimeouts(_ flight: Flight, now: UInt64) {
    for attempt in flight.attempts where attempt.isHopeful && !attempt.isTimedOut {
      guard elapsed(since: attempt.sentAt, now: now) >= options.readTimeout else { continue }
      attempt.isTimedOut = true
      noteFailure(attempt.state, .silence, now: now)
    }
  }

  /// What the tickets get when no reply ended the flight.
  private func lastWord(_ flight: Flight) -> UpstreamResult {
    if let reply = flight.fallback ?? flight.truncated { return .reply(reply) }
    if states.isEmpty { return .failed(.noneReachable) }
    if states.allSatisfy(\.isLooping) { return .failed(.looping) }
    return .failed(flight.attempts.contains(where: \.isHopeful) ? .timedOut : .network)
  }

  // MARK: - The schedule

  private func nextStep(_ flight: Flight, now: UInt64) -> Step {
    let hasHope = flight.hasHope
    guard flight.truncated == nil, mayAskMore(flight), let candidate = choose(flight, now: now)
    else { return hasHope ? .wait(.max) : stepWithoutCandidate(flight, now: now) }
    guard let last = flight.last else { return .ask(candidate, isHedge: false) }
    let isAnother = candidate.round <= flight.round
    if isAnother, flight.isUrgent || !hasHope { return .ask(candidate, isHedge: false) }
    flight.isUrgent = false
    if !hasHope { return stepAfterRefusals(flight, candidate, now: now) }
    return isAnother
      ? hedge(flight, candidate, last: last.state, at: last.at, now: now)
      : retry(flight, candidate, last: last.state, at: last.at, now: now)
  }

  private func mayAskMore(_ flight: Flight) -> Bool {
    guard flight.attemptCount < EngineLimits.attemptCountMax else { return false }
    return options.maxConnectAttempts <= 0 || flight.scheduledCount < options.maxConnectAttempts
  }

  /// An upstream that was not asked in this round, while the last one is slow. Hedges are rationed
  /// so that they cannot double the load of upstreams that are all slow, unless the last one is
  /// known to have failed. Who gets none waits as long as for asking the same upstream again.
  private func hedge(
    _ flight: Flight, _ candidate: Candidate, last: UpstreamState, at: UInt64, now: UInt64
  ) -> Step {
    let due = later(at, by: last.hedgeNanoseconds)
    guard now >= due else { return .wait(due) }
    let unrationed = later(at, by: last.retryNanoseconds)
    let isFree = flight.round > 0 || now >= unrationed || condition(last, now: now) != .up
    guard isFree || hedgeBudget.spend() else {
      return .wait(min(later(now, by: EngineLimits.hedgeRecheckNanoseconds), unrationed))
    }
    return .ask(candidate, isHedge: flight.round == 0)
  }

  /// An upstream once more: soon at first, then a last time.
  private func retry(
    _ flight: Flight, _ candidate: Candidate, last: UpstreamState, at: UInt64, now: UInt64
  ) -> Step {
    var due = later(at, by: min(last.retryNanoseconds, max(options.readTimeout, 1)))
    if candidate.round >= EngineLimits.attemptPerUpstreamCountMax - 1 {
      due = max(
        later(at, by: last.retryNanoseconds),
        later(flight.startedAt, by: EngineLimits.lastTryNanoseconds))
    }
    return now >= due ? .ask(candidate, isHedge: false) : .wait(due)
  }

  /// Everybody refused or could not be reached: once more after a pause, in which late replies may
  /// still come.
  private func stepAfterRefusals(
    _ flight: Flight, _ candidate: Candidate, now: UInt64
  ) -> Step {
    switch flight.refusalPause {
    case .over: return .giveUp
    case .until(let time) where now >= time:
      flight.refusalPause = .over
      return .ask(candidate, isHedge: false)
    case .until(let time): return .wait(time)
    case .unused: return .wait(pause(flight, now: now))
    }
  }

  private func stepWithoutCandidate(_ flight: Flight, now: UInt64) -> Step {
    let mayStillHear =
      flight.fallback == nil && flight.truncated == nil
      && flight.attempts.contains { $0.progress == .refused }
    switch flight.refusalPause {
    case .unused where mayStillHear: return .wait(pause(flight, now: now))
    case .until(let time) where mayStillHear && now < time: return .wait(time)
    default: return .giveUp
    }
  }

  private func pause(_ flight: Flight, now: UInt64) -> UInt64 {
    let time = later(now, by: EngineLimits.refusalPauseNanoseconds)
    flight.refusalPause = .until(time)
    return time
  }
}
