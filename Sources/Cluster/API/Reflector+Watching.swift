// MARK: - Watches

extension Reflector {
  /// A watch that ends sooner than this, without an event, has failed.
  static let shortWatchMax = Duration.seconds(1)
  /// So many watches may end that soon in a row with events before it counts as failing.
  static let shortWatchCountMax = 3

  /// Takes an event of a watch.
  mutating func take(_ event: APIWatchEvent, of request: Request) {
    let isFirst = request.step == .watchFromStart
    guard isFirst || request.step == .watch else { return }
    switch event {
    case .set(let item):
      counters.setEventCount &+= 1
      if isFirst {
        let count = seen?.count ?? 0
        take([item])
        if seen?.count ?? 0 > count { progress(request.id) }
        return
      }
      note(item)
      if let event = self.event(item) { apply([event]) }
      proceed(request.id, to: item.version)
    case .deleted(let item):
      counters.deleteEventCount &+= 1
      if let key = item.key {
        apply([.delete(resource.kind, key, uid: ObjectUID(text: item.uid))])
      }
      if !isFirst { proceed(request.id, to: item.version) }
    case .bookmark(let version, let endsFirstEvents):
      counters.bookmarkCount &+= 1
      if !isFirst { return proceed(request.id, to: version) }
      guard endsFirstEvents else { return }
      guard !version.isEmpty else {
        return giveUpFirstEvents(request, "the bookmark has no resourceVersion")
      }
      endList(version: version)
      counters.watchCount &+= 1
      phase = .asking(
        Request(
          id: request.id, step: .watch, sentAt: now, lastTraffic: now, lastProgress: now,
          isAccepted: true))
    case .error(let status):
      counters.errorEventCount &+= 1
      takeError(status, of: request)
    case .skipped(let problem):
      if isFirst { hasUnreadable = true }
      counters.refusedObjectCount &+= 1
      if notices.allows(.oversized, at: now) { tell(.warning, "\(problem)") }
    }
  }

  /// Only a new list helps after an error, whatever it says.
  private mutating func takeError(_ status: APIStatus, of request: Request) {
    if request.step == .watchFromStart {
      actions.append(.cancel(request.id))
      return listInstead(of: request, "the watch broke with \(status.summary)", status.retryAfter)
    }
    let isKnown = status.isExpired || status.isVersionTooLarge
    if !isKnown { hasProgress = false }
    relist("the watch broke with \(status.summary)", after: status.retryAfter)
  }

  /// Notes how far the watch has come.
  private mutating func proceed(_ id: UInt64, to version: String) {
    touch(id) { $0.hasEvents = true }
    if !version.isEmpty { self.version = version }
    lastContact = now
    hasProgress = true
  }

  /// Notes that an object came that is new in the first events.
  private mutating func progress(_ id: UInt64) {
    let now = now
    touch(id) { $0.lastProgress = now }
  }

  // MARK: - First events that fail

  /// Asks for a list because this server does not do without; from now on there are only lists.
  private mutating func giveUpFirstEvents(_ request: Request, _ reason: String) {
    isWatchListRefused = true
    actions.append(.cancel(request.id))
    listInstead(of: request, reason, nil)
  }

  /// Asks for a list this time: at once, unless the server wants to be left alone.
  mutating func listInstead(of request: Request, _ reason: String, _ delay: Duration?) {
    guard delay == nil else { return fail(.list(isWhole: false), reason, after: delay) }
    counters.failureCount &+= 1
    send(.list(isWhole: false))
  }

  // MARK: - Ends

  /// The response is over; with a reason when it should not be.
  mutating func end(_ request: Request, reason: String?) {
    guard request.step == .watch, request.isAccepted else {
      // A list needs less patience of whatever is in between.
      let isCutOff = request.step == .watchFromStart && request.isAccepted
      return fail(
        isCutOff ? .list(isWhole: false) : request.step, reason ?? "the response ended too early")
    }
    let isShort = now - request.sentAt < Self.shortWatchMax
    shortWatchCount = isShort ? shortWatchCount + 1 : 0
    if !isShort { hasProgress = true }
    if let reason { return fail(.watch, reason) }
    if isShort, !request.hasEvents || shortWatchCount > Self.shortWatchCountMax {
      return fail(.watch, "the watch ended at once")
    }
    send(.watch)
  }

  /// Nothing came for too long, or a verification is due.
  mutating func timer() {
    switch phase {
    case .idle: return
    case .waiting(let until, let step), .renewing(let until, let step):
      if now >= until { send(step) }
    case .asking(let request):
      guard let deadline, now >= deadline else { return }
      if now - request.lastTraffic >= options.silenceMax { return silence(request) }
      if request.step == .watch { return verify(request) }
      guard request.step == .watchFromStart else { return }
      giveUpFirstEvents(request, "the watch's first objects have no end")
    }
  }

  private mutating func silence(_ request: Request) {
    counters.silenceCount &+= 1
    actions.append(.cancel(request.id))
    guard request.step == .watch, request.isAccepted else {
      return fail(request.step, "the API server has gone silent")
    }
    if notices.allows(.failing, at: now) {
      tell(.warning, "the watch of \(resource.label) has gone silent; connecting again")
    }
    send(.watch)
  }
}
