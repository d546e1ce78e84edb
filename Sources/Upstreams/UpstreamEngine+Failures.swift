// What goes wrong.

extension UpstreamEngine {
  /// `channel` failed. A datagram channel that was refused stays open with what is in flight there;
  /// any other is closed.
  package func failed(_ channel: UInt64, _ failure: ChannelFailure, now: UInt64) {
    if let state = checkChannels[channel] {
      checkFailed(state, now: now)
      return
    }
    guard let pooled = openChannels[channel] else { return }
    switch (pooled.kind, failure) {
    case (.datagram, .refused), (.datagram, .unreachable): refused(pooled, failure, now: now)
    default: broke(pooled, failure, now: now)
    }
    settle(now: now)
  }

  /// ICMP: the next upstream is asked at once, but since anybody could have forged it, what is in
  /// flight may still be answered.
  private func refused(_ channel: PooledChannel, _ failure: ChannelFailure, now: UInt64) {
    noteFailure(channel.state, .channel(failure), now: now)
    let waiting = channel.attempts.values.filter { $0.progress == .waiting }
    for attempt in waiting.sorted(by: { $0.id < $1.id }) {
      attempt.progress = .refused
      attempt.flight.isUrgent = true
      lookAgain(at: attempt.flight)
    }
  }

  /// A channel is of no use any more. Questions in flight in a stream go out once more on a fresh
  /// one: upstreams close streams whenever they like (RFC 7766 §6.2.4), which says nothing against
  /// them if it worked until then.
  func broke(_ channel: PooledChannel, _ failure: ChannelFailure, now: UInt64) {
    guard !channel.isClosed else { return }
    let lost = channel.removeAll()
    close(channel)
    let isOrdinary = channel.kind == .stream && (channel.hasReplied || lost.isEmpty)
    if !isOrdinary { noteFailure(channel.state, .channel(failure), now: now) }
    let mayRepeat =
      channel.kind == .stream && (failure == .closed || failure == .error)
    for attempt in lost {
      let flight = attempt.flight
      attempt.progress = .over
      if mayRepeat, !flight[attempt.state].isRepeated {
        flight[attempt.state].isRepeated = true
        flight.repeats.append(
          Flight.Repeat(state: attempt.state, kind: .stream, serialMin: channelSerial))
      } else {
        flight.isUrgent = true
      }
      lookAgain(at: flight)
    }
  }

  // MARK: - Health

  /// Counts a failure of `state` and starts health checks with the first.
  func noteFailure(_ state: UpstreamState, _ trouble: UpstreamTrouble, now: UInt64) {
    guard state.health.fail(now: now) else { return }
    state.statistics.countFailure(trouble, now: now)
    startChecks(state, now: now)
  }

  /// A valid reply came from `state`.
  func noteReply(_ state: UpstreamState) {
    guard state.health.failureCount > 0 else { return }
    state.health.recover()
    stopChecks(state)
  }
}
