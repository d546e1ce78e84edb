import DNSWire

/// Asks upstreams: which one, when again, which reply to believe.
///
/// A state machine without sockets, clock or threads: `channels` carries the messages, `now` (in
/// nanoseconds of a monotonic clock) comes with every call, and everything happens on the thread of
/// whoever calls. One question is one `Flight`, whoever and however many ask it; a flight makes
/// `Attempt`s until the first good reply or its deadline. Everything is bounded by `EngineLimits`.
package final class UpstreamEngine: UpstreamEvents {
  let options: UpstreamOptions
  let channels: any UpstreamChannels
  let random: () -> UInt64
  /// Datagram channels for questions to one upstream.
  let socketCountMax: Int

  /// The upstreams that are asked, in the order given.
  var states: [UpstreamState]
  var flights: [FlightKey: Flight] = [:]
  /// Open channels by number, those of health checks left out.
  var openChannels: [UInt64: PooledChannel] = [:]
  /// Upstreams by the channel of their health check.
  var checkChannels: [UInt64: UpstreamState] = [:]
  var timers = DeadlineHeap()
  /// Flights that something happened to and that are looked at before a call returns.
  var pending: [Flight] = []
  var hedgeBudget = HedgeBudget()
  /// Where `roundRobin` starts next.
  var roundRobinPlace = 0
  var channelSerial: UInt64 = 0
  /// Tickets of all flights.
  private(set) var waitingCount = 0
  private var finished: [UInt64] = []
  private var results: [UInt64: UpstreamResult] = [:]
  /// Told of every flight that ends, and with what; must not call back.
  package var flightEnded: ((FlightKey, UpstreamResult) -> Void)?

  /// An engine that has asked nothing yet.
  ///
  /// - Parameters:
  ///   - random: the source of IDs and choices: a generator that cannot be guessed (RFC 5452 §9.2).
  ///   - socketCountMax: datagram sockets that one upstream may have open, at least 2.
  package init(
    upstreams: [Upstream], options: UpstreamOptions, channels: any UpstreamChannels,
    random: @escaping () -> UInt64,
    socketCountMax: Int = EngineLimits.socketPerUpstreamCountMax
  ) {
    states = upstreams.map(UpstreamState.init)
    self.options = options
    self.channels = channels
    self.random = random
    self.socketCountMax = max(1, socketCountMax - 1)
  }

  // MARK: - Asking

  /// Asks `query` for `ticket`, a number of the caller's that is not waiting yet.
  package func ask(_ query: UpstreamQuery, ticket: UInt64, now: UInt64) -> Asked {
    guard query.isAskable else { return .failed(.noneReachable) }
    guard waitingCount + results.count < EngineLimits.waitingTicketCountMax else {
      return .overloaded
    }
    let key = FlightKey(query)
    if let flight = flights[key] {
      flight.tickets.append(ticket)
      waitingCount += 1
      return .waiting
    }
    let areAllDown = areAllDown(now: now)
    if let failure = reasonNotToStart(areAllDown: areAllDown, now: now) { return .failed(failure) }
    let flight = Flight(key: key, query: query, ticket: ticket, isTrial: areAllDown, now: now)
    flights[key] = flight
    waitingCount += 1
    hedgeBudget.earn()
    advance(flight, now: now)
    settle(now: now)
    // What ends at once needs no wait.
    if flight.isEnded, case .failed(let failure)? = results.removeValue(forKey: ticket) {
      finished.removeAll { $0 == ticket }
      return .failed(failure)
    }
    return .waiting
  }

  /// When `tick` is wanted next; `.max` for never.
  package var deadline: UInt64 { timers.next }

  /// Does what is due.
  package func tick(now: UInt64) {
    while let entry = timers.popDue(now: now) {
      entry.due(self, now: now)
      settle(now: now)
    }
  }

  /// Looks at flights that something happened to. A loop, not a recursion: a channel that breaks
  /// while a flight uses it concerns other flights too.
  func settle(now: UInt64) {
    while let flight = pending.popLast() {
      flight.isPending = false
      advance(flight, now: now)
    }
  }

  /// Has `settle` look at `flight`.
  func lookAgain(at flight: Flight) {
    guard !flight.isPending, !flight.isEnded else { return }
    flight.isPending = true
    pending.append(flight)
  }

  // MARK: - Results

  /// Tickets whose wait is over since the last call.
  package func takeFinished() -> [UInt64] {
    let taken = finished
    finished = []
    return taken
  }

  /// What became of `ticket`, once; `nil` for one that waits or whose result is gone.
  package func takeResult(_ ticket: UInt64) -> UpstreamResult? {
    results.removeValue(forKey: ticket)
  }

  /// Lets go of results that nobody took.
  package func discardResults() {
    results = [:]
  }

  /// Ends a flight: its tickets get the result, its channels are free.
  func end(_ flight: Flight, _ result: UpstreamResult, now: UInt64) {
    guard !flight.isEnded else { return }
    flight.isEnded = true
    flights[flight.key] = nil
    timers.remove(flight)
    for attempt in flight.attempts { release(attempt, now: now) }
    flight.attempts = []
    flight.repeats = []
    waitingCount -= flight.tickets.count
    for ticket in flight.tickets { results[ticket] = result }
    finished += flight.tickets
    flightEnded?(flight.key, result)
  }

  /// Fails what waits and closes all channels, before the engine is let go.
  package func stop(now: UInt64) {
    for flight in Array(flights.values) { end(flight, .failed(.network), now: now) }
    replace([])
  }

  // MARK: - Numbers

  /// Whether `key` is on its way.
  package func isInFlight(_ key: FlightKey) -> Bool { flights[key] != nil }
  /// Questions on their way.
  package var flightCount: Int { flights.count }
  /// Tickets that wait.
  package var waitingTicketCount: Int { waitingCount }
  /// Channels open, to whomever and whatever for.
  package var channelCount: Int { openChannels.count + checkChannels.count }
  /// Deadlines kept; 0 when nothing is going on.
  package var deadlineCount: Int { timers.count }

  /// The numbers of each upstream, in their order.
  package func statistics(now: UInt64) -> [UpstreamStatistics] {
    states.map { $0.statistics(maxFails: options.maxFails, now: now) }
  }
}
