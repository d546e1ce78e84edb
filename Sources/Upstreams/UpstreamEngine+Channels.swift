// Which channel a message takes, and how long channels live.

extension UpstreamEngine {
  /// A datagram channel: a new one, thus a fresh random port, as long as the budget lasts; after
  /// that any of those open. `nil` when none can be had.
  func datagram(to state: UpstreamState, now: UInt64) -> PooledChannel? {
    if state.datagrams.count < socketCountMax {
      if let channel = open(.datagram, to: state, now: now) {
        channel.place = state.datagrams.count
        state.datagrams.append(channel)
        return channel
      }
    }
    guard !state.datagrams.isEmpty else {
      noteFailure(state, .noSocket, now: now)
      return nil
    }
    let channel = state.datagrams[randomIndex(below: state.datagrams.count)]
    return channel.hasRoom ? channel : nil
  }

  /// A stream: one opened after `serialMin` that this flight has not tried, that is neither old nor
  /// full nor silent; a new one when there is none or those there are busy. `nil` when none can be
  /// had.
  func stream(
    to state: UpstreamState, for flight: Flight, serialMin: UInt64, now: UInt64
  ) -> PooledChannel? {
    for stream in state.streams { retireIfDue(stream, now: now) }
    let able = state.streams.filter(\.hasRoom)
    let wanted = able.filter { stream in
      stream.serial > serialMin && !flight.attempts.contains { $0.channel === stream }
    }
    let best = wanted.min { $0.attempts.count < $1.attempts.count }
    let mayOpen = state.streams.count < EngineLimits.streamPerUpstreamCountMax
    if let best, !mayOpen || best.attempts.count < EngineLimits.attemptPerStreamCountWanted {
      state.statistics.streamReuseHits += 1
      return best
    }
    if mayOpen {
      if let channel = open(.stream, to: state, now: now) {
        state.streams.append(channel)
        state.statistics.streamReuseMisses += 1
        return channel
      }
    }
    if let other = best ?? able.min(by: { $0.attempts.count < $1.attempts.count }) {
      state.statistics.streamReuseHits += 1
      return other
    }
    // Full streams are no failure of the upstream's.
    if state.streams.isEmpty { noteFailure(state, .noSocket, now: now) }
    return nil
  }

  private func open(_ kind: ChannelKind, to state: UpstreamState, now: UInt64) -> PooledChannel? {
    guard let number = channels.open(kind, to: state.upstream) else { return nil }
    channelSerial += 1
    let channel = PooledChannel(
      number: number, kind: kind, state: state, serial: channelSerial, now: now,
      retiresAt: kind == .stream ? retirement(now: now) : .max)
    openChannels[number] = channel
    return channel
  }

  /// When a stream opened now has become too old: up to a tenth early, so that streams opened
  /// together do not go together.
  private func retirement(now: UInt64) -> UInt64 {
    guard options.maxAge > 0 else { return .max }
    let tenth = options.maxAge / 10
    return later(now, by: options.maxAge - random().multipliedFullWidth(by: tenth).high)
  }

  /// A stream that is old takes nothing new, nor one that has been silent with questions in flight:
  /// its upstream may long have forgotten it.
  private func retireIfDue(_ stream: PooledChannel, now: UInt64) {
    let isSilent = stream.silentSince.map {
      elapsed(since: $0, now: now) >= EngineLimits.streamSilenceNanoseconds
    }
    guard now >= stream.retiresAt || isSilent == true else { return }
    stream.isRetired = true
    if stream.attempts.isEmpty { close(stream) }
  }

  // MARK: - Ends

  /// An attempt left `channel`. With none left it is closed, unless it is a stream that may be used
  /// again.
  func vacated(_ channel: PooledChannel, now: UInt64) {
    guard !channel.isClosed, channel.attempts.isEmpty else { return }
    guard channel.kind == .stream, !channel.isRetired, !channel.state.isRemoved else {
      return close(channel)
    }
    channel.idleSince = now
    closeIfExpired(channel, now: now)
    closeSurplus(channel.state)
  }

  /// Closes an idle stream whose time is over.
  func closeIfExpired(_ channel: PooledChannel, now: UInt64) {
    guard !channel.isClosed, channel.attempts.isEmpty else { return }
    let end = min(later(channel.idleSince, by: options.expire), channel.retiresAt)
    guard now < end else { return close(channel) }
    timers.set(channel, end)
  }

  /// Closes idle streams above the configured number, the oldest first.
  private func closeSurplus(_ state: UpstreamState) {
    guard options.maxIdleConnections > 0 else { return }
    let idle = state.streams.filter { $0.attempts.isEmpty }
    let surplus = idle.count - options.maxIdleConnections
    guard surplus > 0 else { return }
    for stream in idle.prefix(surplus) { close(stream) }
  }

  /// Closes a channel and takes it out of all tables.
  func close(_ channel: PooledChannel) {
    guard !channel.isClosed else { return }
    channel.isClosed = true
    timers.remove(channel)
    openChannels[channel.number] = nil
    let state = channel.state
    switch channel.kind {
    case .datagram:
      guard let last = state.datagrams.popLast() else { break }
      guard last !== channel, state.datagrams.indices.contains(channel.place) else { break }
      state.datagrams[channel.place] = last
      last.place = channel.place
    case .stream: state.streams.removeAll { $0 === channel }
    }
    channels.close(channel.number)
  }
}
