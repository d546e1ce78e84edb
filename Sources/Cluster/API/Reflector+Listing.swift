// MARK: - Lists

extension Reflector {
  /// Marks objects of a page and passes on those that differ from what is known.
  mutating func take(_ items: [APIObject]) {
    var changes: [ObjectChange] = []
    for item in items {
      note(item)
      if item.key == nil { hasUnreadable = true }
      if let change = held.take(item) { changes.append(change) }
    }
    if isVerifying { counters.differenceCount &+= UInt64(changes.count) }
    apply(changes)
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
    if !hasUnreadable {
      let gone = held.sweep()
      if isVerifying { counters.differenceCount &+= UInt64(gone.count) }
      apply(gone)
    }
    if sync == .never {
      tell(.info, "synced \(held.count) \(resource.label)")
    }
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

  /// Passes on changes in batches.
  mutating func apply(_ changes: [ObjectChange]) {
    var rest = changes[...]
    while !rest.isEmpty {
      let batch = rest.prefix(max(1, options.changeCountMax))
      actions.append(.apply(Array(batch)))
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
