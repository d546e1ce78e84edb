import DNSWire

// One message out.

extension UpstreamEngine {
  /// Asks `candidate` as the schedule says.
  func send(_ flight: Flight, to candidate: Candidate, isHedge: Bool, now: UInt64) {
    let state = candidate.state
    if flight.last == nil { roundRobinPlace = (candidate.place + 1) % max(states.count, 1) }
    flight.last = (state, candidate.place, now)
    flight.round = max(flight.round, candidate.round)
    flight.isUrgent = false
    flight.scheduledCount += 1
    flight[state].count += 1
    if isHedge { state.statistics.hedges += 1 }
    // The last try goes without OPT where nothing is lost by that: some middleboxes drop EDNS.
    let isLast = flight[state].count >= EngineLimits.attemptPerUpstreamCountMax
    let isPlain = flight[state].isPlain || (isLast && flight.query.mayGoPlain)
    attempt(flight, state, kind(for: flight.query, state), withEDNS: !isPlain, now: now)
  }

  /// Sends the next message that goes out besides the schedule; `false` when there is none.
  func sendRepeat(_ flight: Flight, now: UInt64) -> Bool {
    guard let next = flight.repeats.popLast() else { return false }
    guard flight.attemptCount < EngineLimits.attemptCountMax, !next.state.isRemoved else {
      return true
    }
    attempt(
      flight, next.state, next.kind, withEDNS: !flight[next.state].isPlain,
      serialMin: next.serialMin, now: now)
    return true
  }

  private func kind(for query: UpstreamQuery, _ state: UpstreamState) -> ChannelKind {
    if streamsOnly(state) { return .stream }
    return query.isStream && !options.preferUDP ? .stream : .datagram
  }

  /// Whether this upstream is never spoken to by UDP.
  func streamsOnly(_ state: UpstreamState) -> Bool {
    state.upstream.transport != .plain || options.forceTCP
  }

  private func attempt(
    _ flight: Flight, _ state: UpstreamState, _ kind: ChannelKind, withEDNS: Bool,
    serialMin: UInt64 = 0, now: UInt64
  ) {
    flight.attemptCount += 1
    state.askedAt = now
    let found =
      kind == .datagram
      ? datagram(to: state, now: now)
      : stream(to: state, for: flight, serialMin: serialMin, now: now)
    guard let channel = found, let id = channel.freshID(random) else { return }
    let attempt = Attempt(
      flight: flight, state: state, channel: channel, id: id, hasEDNS: withEDNS,
      sentAt: now)
    flight.attempts.append(attempt)
    channel.add(attempt, now: now)
    timers.remove(channel)
    state.statistics.requests += 1
    let message = flight.query.message(id: id, withEDNS: withEDNS)
    if !channels.send(message, on: channel.number) { broke(channel, .error, now: now) }
  }

  /// Takes an attempt out of its channel.
  func release(_ attempt: Attempt, now: UInt64) {
    guard attempt.progress != .over else { return }
    attempt.progress = .over
    attempt.channel.remove(attempt)
    vacated(attempt.channel, now: now)
  }
}
