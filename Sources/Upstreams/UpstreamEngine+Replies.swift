import DNSWire

// What comes in.

extension UpstreamEngine {
  /// A message came on `channel`. Whatever is not the reply to something in flight there is counted
  /// and otherwise ignored: it neither ends a flight nor says anything of the upstream's health.
  package func received(_ message: borrowing Span<UInt8>, on channel: UInt64, now: UInt64) {
    if let state = checkChannels[channel] { return receivedCheck(message, state, now: now) }
    guard let pooled = openChannels[channel] else { return }
    pooled.heard(now: now)
    guard let attempt = pooled.attempts[message.word16(0)] else {
      pooled.state.statistics.foreignReplies += 1
      return
    }
    let question = attempt.flight.query.question
    let verdict = judgeReply(
      message, id: attempt.id, question: question.span, askedWithEDNS: attempt.hasEDNS)
    switch verdict {
    case .foreign: pooled.state.statistics.foreignReplies += 1
    case .ednsRefused: ednsRefused(attempt, now: now)
    case .ours(let summary):
      let reply = UpstreamReply(
        octets: octets(message), summary: summary, upstream: pooled.state.upstream,
        kind: pooled.kind)
      answered(attempt, reply, now: now)
    }
    settle(now: now)
  }

  private func octets(_ message: borrowing Span<UInt8>) -> [UInt8] {
    var octets: [UInt8] = []
    octets.reserveCapacity(message.count)
    for index in message.indices { octets.append(message[index]) }
    return octets
  }

  /// The upstream knows no EDNS: it is asked once more without (RFC 6891 §7). Not remembered for
  /// other questions, since the message is easier forged than a whole reply.
  private func ednsRefused(_ attempt: Attempt, now: UInt64) {
    let flight = attempt.flight
    let wasPlain = flight[attempt.state].isPlain
    flight[attempt.state].isPlain = true
    release(attempt, now: now)
    if !wasPlain {
      flight.repeats.append(
        Flight.Repeat(state: attempt.state, kind: attempt.channel.kind, serialMin: 0))
    }
    lookAgain(at: flight)
  }

  private func answered(_ attempt: Attempt, _ reply: UpstreamReply, now: UInt64) {
    let (flight, state) = (attempt.flight, attempt.state)
    let code = reply.summary.responseCode.rawValue
    let nanoseconds = elapsed(since: attempt.sentAt, now: now)
    attempt.channel.hasReplied = true
    state.latencies.add(nanoseconds)
    state.statistics.countReply(code: code, nanoseconds: nanoseconds, now: now)
    noteReply(state)
    release(attempt, now: now)
    if reply.kind == .datagram, reply.summary.isTruncated, options.preferUDP {
      askByStream(flight, state, reply)
    } else if options.failoverCodes.contains(code) {
      failOver(flight, reply)
    } else {
      noteOutrun(flight, by: attempt, now: now)
      end(flight, .reply(reply), now: now)
    }
  }

  /// A cut reply: the whole one by stream, from the same upstream. All else in flight is moot.
  private func askByStream(_ flight: Flight, _ state: UpstreamState, _ reply: UpstreamReply) {
    if flight.truncated == nil {
      flight.truncated = reply
      flight.repeats = [Flight.Repeat(state: state, kind: .stream, serialMin: 0)]
    }
    lookAgain(at: flight)
  }

  /// A reply that the next upstream might better.
  private func failOver(_ flight: Flight, _ reply: UpstreamReply) {
    flight.fallback = reply
    flight.isUrgent = true
    lookAgain(at: flight)
  }

  /// Counts against those that were asked before and had not answered when another upstream did.
  private func noteOutrun(_ flight: Flight, by winner: Attempt, now: UInt64) {
    for attempt in flight.attempts where attempt.isHopeful && !attempt.isTimedOut {
      guard attempt.state !== winner.state, attempt.sentAt < winner.sentAt else { continue }
      noteFailure(attempt.state, .silence, now: now)
    }
  }
}
