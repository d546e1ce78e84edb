import DNSWire

// Health checks: asked from the first failure on until one is answered.

extension UpstreamEngine {
  private var checkQuestion: [UInt8] {
    let (type, classCode) = (RRType.ns.rawValue, RRClass.internet.rawValue)
    return options.healthCheckDomain.wire
      + [
        UInt8(truncatingIfNeeded: type >> 8), UInt8(truncatingIfNeeded: type),
        UInt8(truncatingIfNeeded: classCode >> 8), UInt8(truncatingIfNeeded: classCode),
      ]
  }

  /// Starts checking, if that is wanted and not going on.
  func startChecks(_ state: UpstreamState, now: UInt64) {
    guard options.maxFails > 0, state.checkCount == 0, !state.isRemoved else { return }
    sendCheck(state, now: now)
  }

  /// Stops checking.
  func stopChecks(_ state: UpstreamState) {
    closeCheck(state)
    state.checkCount = 0
    timers.remove(state)
  }

  /// The deadline of a check, or the time for another one, has come.
  func continueChecks(_ state: UpstreamState, now: UInt64) {
    guard state.checkCount > 0 else { return }
    if state.check == nil {
      sendCheck(state, now: now)
    } else {
      checkFailed(state, now: now)
    }
  }

  private func sendCheck(_ state: UpstreamState, now: UInt64) {
    state.checkedAt = now
    state.checkCount += 1
    let kind = streamsOnly(state) ? ChannelKind.stream : .datagram
    guard let channel = channels.open(kind, to: state.upstream) else {
      return checkFailed(state, now: now)
    }
    let id = UInt16(truncatingIfNeeded: random())
    state.check = UpstreamState.Check(channel: channel, kind: kind, id: id)
    checkChannels[channel] = state
    let query = UpstreamQuery(
      question: checkQuestion,
      flags: options.healthCheckRecurses ? HeaderFlag.recursionDesired : 0, edns: nil,
      isStream: kind == .stream)
    guard channels.send(query.message(id: id, withEDNS: false), on: channel) else {
      return checkFailed(state, now: now)
    }
    timers.set(state, later(now, by: EngineLimits.checkNanoseconds))
  }

  /// A message came on the channel of a check. Any code is a sign of life.
  func receivedCheck(_ message: borrowing Span<UInt8>, _ state: UpstreamState, now: UInt64) {
    guard let check = state.check else { return }
    let question = checkQuestion
    let verdict = judgeReply(
      message, id: check.id, question: question.span, askedWithEDNS: false)
    if case .ours = verdict {
      noteReply(state)
    } else {
      state.statistics.foreignReplies += 1
    }
  }

  /// Nothing came, or nothing could be sent: another check when its time has come, later each time.
  func checkFailed(_ state: UpstreamState, now: UInt64) {
    closeCheck(state)
    state.statistics.healthCheckFailures += 1
    if state.health.fail(now: now) {
      state.statistics.countFailure(.healthCheck, now: now)
    }
    let doublings = min(state.checkCount - 1, EngineLimits.checkDoublingCountMax)
    let first = max(options.healthCheckInterval, EngineLimits.checkIntervalNanosecondsMin)
    let (grown, overflow) = first.multipliedReportingOverflow(by: 1 << doublings)
    let due = later(state.checkedAt, by: jittered(overflow ? .max : grown))
    timers.set(state, max(due, later(now, by: 1)))
  }

  /// `duration`, up to a tenth more or less.
  private func jittered(_ duration: UInt64) -> UInt64 {
    let tenth = duration / 10
    return later(duration - tenth, by: random().multipliedFullWidth(by: 2 * tenth).high)
  }

  private func closeCheck(_ state: UpstreamState) {
    guard let check = state.check else { return }
    state.check = nil
    checkChannels[check.channel] = nil
    channels.close(check.channel)
  }
}
