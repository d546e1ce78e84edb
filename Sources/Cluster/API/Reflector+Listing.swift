// MARK: - Lists

extension Reflector {
  /// Notes the names of a page's objects and passes the objects on.
  mutating func take(_ items: [APIObject]) {
    var events: [ObjectEvent] = []
    events.reserveCapacity(items.count)
    for item in items {
      note(item)
      guard let event = event(item) else {
        hasUnreadable = true
        continue
      }
      seen?.insert(event.key)
      events.append(event)
    }
    apply(events)
  }

  /// What an object in a list, or in a watch as ADDED or MODIFIED, says; `nil` without a name.
  func event(_ item: APIObject) -> ObjectEvent? {
    guard let key = item.key else { return nil }
    if let object = item.object { return .set(object) }
    // Refused objects are there; slices that left their Service are as good as gone.
    return item.isRefused
      ? .refuse(resource.kind, key, uid: ObjectUID(text: item.uid))
      : .delete(resource.kind, key, uid: nil)
  }

  /// Goes on with the next page, or ends the list and watches.
  mutating func endPage(_ end: APIListEnd, of request: Request) {
    guard case .asking = phase, request.step != .watchFromStart else { return }
    counters.pageCount &+= 1
    pageFailureCount = 0
    if !end.continueToken.isEmpty {
      if case .page(end.continueToken) = request.step {
        return fail(request.step, "the list goes round in circles", restarts: true)
      }
      return send(.page(token: end.continueToken))
    }
    guard !end.version.isEmpty else {
      return fail(request.step, "the list has no resourceVersion", restarts: true)
    }
    endList(version: end.version)
    send(.watch)
  }

  /// Takes away what a list did not name; from now on the picture is whole.
  mutating func endList(version: String) {
    if sync == .never {
      tell(.info, "synced \(seen?.count ?? 0) \(resource.label)")
    }
    if let seen, !hasUnreadable { actions.append(.sweep(seen, verifies: isVerifying)) }
    seen = nil
    recover()
    self.version = version
    counters.listCount &+= 1
    sync = .synced
    lastContact = now
    isVerifying = false
    hasProgress = false
    scheduleVerification()
  }

  /// Lists everything again although nothing seems wrong.
  mutating func verify(_ request: Request) {
    actions.append(.cancel(request.id))
    counters.verificationCount &+= 1
    isVerifying = true
    // Should the list fail, the next try is an interval away.
    scheduleVerification()
    send(firstStep)
  }

  /// Lists everything again because the server cannot go on from here; at once if the last list
  /// led anywhere.
  mutating func relist(_ reason: String, after delay: Duration? = nil) {
    counters.relistCount &+= 1
    if case .asking(let request) = phase { actions.append(.cancel(request.id)) }
    if hasProgress, delay == nil {
      hasProgress = false
      return send(firstStep)
    }
    wait(firstStep, reason, after: delay)
  }

  /// Passes on events in batches.
  mutating func apply(_ events: [ObjectEvent]) {
    var rest = events[...]
    while !rest.isEmpty {
      let batch = rest.prefix(max(1, options.changeCountMax))
      actions.append(.apply(Array(batch), verifies: isVerifying))
      rest = rest.dropFirst(batch.count)
    }
  }

  /// Counts and tells what is wrong with an object, once for each kind of wrong.
  mutating func note(_ item: APIObject) {
    if item.isRefused { counters.refusedObjectCount &+= 1 }
    guard !item.problems.isEmpty, notices.isNews(item) else { return }
    let note = item.isRefused ? "; the object is skipped" : ""
    for problem in item.problems { tell(.warning, "\(problem)\(note)") }
  }

  /// Says that all is well after it was not.
  mutating func recover() {
    guard notices.hasTrouble else { return }
    notices.hasTrouble = false
    if sync == .synced { tell(.info, "\(resource.label) are followed again") }
  }

  private mutating func scheduleVerification() {
    let interval = options.verifyInterval * (0.9 + 0.2 * fraction())
    verifyAt = now + (hasRejected ? min(interval, options.retryDelayMax) : interval)
    hasRejected = false
  }
}
