// MARK: - Failures

extension Reflector {
  /// How long credentials may take to be read.
  static let renewalMax = Duration.seconds(10)
  /// The longest wait that a server may ask for.
  static let retryAfterMax = Duration.seconds(300)
  /// So many times the same page is asked for again.
  static let pageFailureCountMax = 5

  /// The server said no.
  mutating func refuse(_ request: Request, _ status: APIStatus) {
    let step = request.step
    let story = "the API server says \(status.summary)"
    switch status.code {
    case 401:
      counters.unauthorizedCount &+= 1
      guard !isRenewed else {
        isRenewed = false
        return fail(step, story)
      }
      isRenewed = true
      phase = .renewing(until: now + Self.renewalMax, step)
      actions.append(.refreshCredentials)
      return
    case 403 where step != .watchFromStart:
      counters.forbiddenCount &+= 1
      let verb = step == .watch ? "watch" : "list"
      if notices.allows(.forbidden, at: now) {
        tell(.warning, "not allowed to \(verb) \(resource.label): \(story)")
      }
      return wait(step, nil, after: status.retryAfter)
    case 404 where resource.isCustom && sync == .never:
      // Nobody defined the kind, so there are no objects of it. Somebody may yet.
      sync = .synced
      return fail(step, "\(story); there are none until it is defined")
    default: break
    }
    switch step {
    case .watch where status.isExpired || status.isVersionTooLarge:
      // The request is over; there is nothing to cancel.
      phase = .idle
      relist(story, after: status.retryAfter)
    case .watch where status.isFinal:
      counters.relistCount &+= 1
      fail(firstStep, story, after: status.retryAfter)
    case .watchFromStart:
      // Not offered here; lists are. Other refusals may be about this moment.
      isWatchListRefused = status.isFinal
      listInstead(of: request, story, status.retryAfter)
    case .page where status.isExpired:
      counters.relistCount &+= 1
      send(.list(isWhole: true))
    case .page where status.isFinal:
      fail(step, story, after: status.retryAfter, restarts: true)
    default: fail(step, story, after: status.retryAfter)
    }
  }

  /// Notes a failure and tries again later: the same page a few times, the same watch.
  mutating func fail(
    _ step: Step, _ reason: String, after delay: Duration? = nil, restarts: Bool = false
  ) {
    var step = restarts ? firstStep : step
    if case .page = step {
      pageFailureCount += 1
      if pageFailureCount > Self.pageFailureCountMax { step = firstStep }
    }
    wait(step, reason, after: delay)
  }

  /// Waits before a step; `reason` is told unless it was told a short time ago. A verification is
  /// given up for the watch it came from.
  mutating func wait(_ step: Step, _ reason: String?, after delay: Duration?) {
    counters.failureCount &+= 1
    let step = isVerifying ? .watch : step
    isVerifying = false
    if case .page = step {} else { pageFailureCount = 0 }
    var pause = backoff.next(at: now, fraction: fraction())
    if let delay {
      let asked = min(delay, Self.retryAfterMax) * (1 + fraction() / 4)
      pause = max(pause, asked)
    }
    phase = .waiting(until: now + pause, step)
    notices.hasTrouble = true
    if let reason, notices.allows(.failing, at: now) {
      tell(.warning, "\(resource.label) cannot be followed: \(reason); trying again")
    }
  }

  /// Says something.
  mutating func tell(_ severity: ReflectorNotice.Severity, _ message: String) {
    actions.append(.tell(ReflectorNotice(severity: severity, message: message)))
  }
}

/// Which lines were said when, so that none is said too often.
struct NoticeLimits: Sendable {
  /// A line that may repeat.
  enum Topic: Hashable {
    /// Requests fail.
    case failing
    /// The server forbids it.
    case forbidden
    /// An object is too large to be read.
    case oversized
  }

  /// How long a line is not said again.
  static let interval = Duration.seconds(60)
  /// The most objects whose problems are remembered.
  static let objectCountMax = 1_000

  /// Whether anything went wrong since the last list.
  var hasTrouble = false
  private var last: [Topic: MonotonicTime] = [:]
  private var told: [ObjectKey?: Int] = [:]

  /// Whether a line may be said now; it counts as said then.
  mutating func allows(_ topic: Topic, at now: MonotonicTime) -> Bool {
    if let last = last[topic], now - last < Self.interval { return false }
    last[topic] = now
    return true
  }

  /// Whether an object's problems are others than those that were told of it last.
  mutating func isNews(_ item: APIObject) -> Bool {
    let digest = item.problems.hashValue
    guard told[item.key] != digest else { return false }
    if told.count >= Self.objectCountMax { told = [:] }
    told[item.key] = digest
    return true
  }
}
