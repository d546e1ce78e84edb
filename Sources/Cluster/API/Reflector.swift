/// Follows the objects of one resource through list and watch, without I/O: events go in, actions
/// come out, and `deadline` says when to come back without an event.
///
/// What is known is never given up while the server is away: a new list goes over it object by
/// object, and what the list did not name goes at its end. The objects are somebody else's
/// (`ClusterRecords`); here are a page at a time, and hashes of names for the time of a list.
/// Versions are opaque; they are handed back as they came and compared with nothing.
package struct Reflector: Sendable {
  /// What to ask for next.
  enum Step: Hashable {
    /// A list from its first page; `isWhole` asks for everything in one page.
    case list(isWhole: Bool)
    /// The page behind this token.
    case page(token: String)
    /// A watch that begins with all objects.
    case watchFromStart
    /// A watch from `version`.
    case watch

    /// Whether the answer is part of a list.
    var lists: Bool { self != .watch }
  }

  /// A request under way.
  struct Request {
    /// Its number.
    let id: UInt64
    /// What it is for.
    let step: Step
    /// When it was sent.
    let sentAt: MonotonicTime
    /// When anything came last.
    var lastTraffic: MonotonicTime
    /// When a watch from the start came closer to the end of its first objects.
    var lastProgress: MonotonicTime
    /// Whether the response is 200.
    var isAccepted = false
    /// Whether a change or bookmark came.
    var hasEvents = false
  }

  /// What the reflector does at the moment.
  enum Phase {
    /// Nothing, before the start and after the end.
    case idle
    /// Waits for a response or more of it.
    case asking(Request)
    /// Waits until it may ask again.
    case waiting(until: MonotonicTime, Step)
    /// Waits for credentials, but no longer than this.
    case renewing(until: MonotonicTime, Step)
  }

  /// What is followed.
  package let resource: APIResource
  /// How far the picture is.
  package internal(set) var sync = ReflectorSync.never
  /// What was seen and done, ever.
  package internal(set) var counters = ReflectorCounters()
  /// The version to watch from; empty before the first list.
  package internal(set) var version = ""

  let options: ReflectorOptions
  /// What the list under way has named.
  var seen: SeenKeys?
  var phase = Phase.idle
  var actions: [ReflectorAction] = []
  var now: MonotonicTime = .zero
  var backoff: Backoff
  /// When what is known was last certainly what the server knows.
  var lastContact: MonotonicTime?
  var verifyAt: MonotonicTime?
  var isVerifying = false
  /// Whether changes were not taken since the last list began: another one is due soon.
  var hasRejected = false
  /// Failures of one page in a row.
  var pageFailureCount = 0
  /// Whether an object of the current list could not be told: nothing may be swept then.
  var hasUnreadable = false
  /// Whether a watch went on since the last list: else a new list has to wait.
  var hasProgress = true
  /// Watches in a row that ended within `shortWatchMax`.
  var shortWatchCount = 0
  /// Whether the credentials were read again since the last response that was none of 401.
  var isRenewed = false
  var isWatchListRefused = false
  var notices = NoticeLimits()
  private var lastID: UInt64 = 0
  private var random: any RandomNumberGenerator & Sendable

  /// A reflector that does nothing yet.
  package init(
    _ resource: APIResource, options: ReflectorOptions = ReflectorOptions(),
    random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
  ) {
    self.resource = resource
    self.options = options
    self.random = random
    backoff = Backoff(shortest: options.retryDelayMin, longest: options.retryDelayMax)
  }

  // MARK: - State

  /// How long it is since what is known was certainly what the server knows: since the last event,
  /// bookmark or list. `nil` before the first list.
  package func age(at time: MonotonicTime) -> Duration? {
    guard sync == .synced else { return nil }
    return lastContact.map { max(.zero, time - $0) }
  }

  /// When a `timer` event is due, if none comes before.
  package var deadline: MonotonicTime? {
    switch phase {
    case .idle: return nil
    case .waiting(let until, _), .renewing(let until, _): return until
    case .asking(let request):
      let silence = request.lastTraffic + options.silenceMax
      switch request.step {
      case .watch where request.isAccepted: return verifyAt.map { min($0, silence) } ?? silence
      case .watchFromStart where request.isAccepted:
        return min(
          silence, request.sentAt + Self.firstEventsMax,
          request.lastProgress + Self.firstEventsPauseMax)
      default: return silence
      }
    }
  }

  // MARK: - Events

  /// Begins with a list.
  package mutating func start(at time: MonotonicTime) -> [ReflectorAction] {
    now = max(now, time)
    if case .idle = phase { send(firstStep) }
    return drain()
  }

  /// Ends for good; what is known stays.
  package mutating func stop() -> [ReflectorAction] {
    if case .asking(let request) = phase { actions.append(.cancel(request.id)) }
    phase = .idle
    return drain()
  }

  /// Takes an event. Time that seems to go back stands still.
  package mutating func handle(
    _ event: ReflectorEvent, at time: MonotonicTime
  ) -> [ReflectorAction] {
    now = max(now, time)
    switch event {
    case .timer: timer()
    case .credentialsRefreshed:
      if case .renewing(_, let step) = phase { send(step) }
    case .applied(let outcome, let verifies):
      counters.otherUIDCount &+= UInt64(outcome.otherUIDCount)
      if verifies { counters.differenceCount &+= UInt64(outcome.changeCount) }
    case .rejected:
      hasRejected = true
      verifyAt = verifyAt.map { min($0, now + options.retryDelayMax) }
    case .accepted(let id):
      let now = now
      let request = touch(id) { request in
        request.isAccepted = true
        request.lastProgress = now
      }
      if request?.step == .watch { recover() }
    case .traffic(let id):
      // Octets of a large object.
      let now = now
      touch(id) { $0.lastProgress = now }
    case .listed(let id, let items):
      if let request = touch(id), request.step.lists { take(items) }
    case .listEnded(let id, let end):
      if let request = touch(id), request.step.lists { endPage(end, of: request) }
    case .watched(let id, let event):
      if let request = touch(id) { take(event, of: request) }
    case .refused(let id, let status):
      if let request = touch(id) { refuse(request, status) }
    case .ended(let id):
      if let request = request(id) { end(request, reason: nil) }
    case .failed(let id, let reason):
      if let request = request(id) { end(request, reason: reason) }
    }
    return drain()
  }

  // MARK: - Parts

  /// How long the objects that a watch begins with may take before a list is asked for instead.
  static let firstEventsMax = Duration.seconds(120)
  /// How long no further object of those may come. A server that does not know the option sends all
  /// objects, and then changes without end.
  static let firstEventsPauseMax = Duration.seconds(10)

  /// Where a new list begins.
  var firstStep: Step {
    options.usesWatchList && !isWatchListRefused ? .watchFromStart : .list(isWhole: false)
  }

  /// A random number in 0..<1.
  mutating func fraction() -> Double { Double(random.next() >> 11) * 0x1p-53 }

  /// Asks for a step's objects under a new number.
  mutating func send(_ step: Step) {
    lastID &+= 1
    let request: APIRequest
    let watchSeconds = Int(Double(options.watchSecondsMin) * (1 + fraction()))
    switch step {
    case .list(let isWhole):
      beginList()
      request = .list(limit: isWhole ? 0 : options.pageObjectCountMax, continueToken: "")
    case .page(let token):
      request = .list(limit: options.pageObjectCountMax, continueToken: token)
    case .watchFromStart:
      beginList()
      request = .watchFromStart(timeoutSeconds: watchSeconds)
    case .watch:
      seen = nil
      counters.watchCount &+= 1
      request = .watch(version: version, timeoutSeconds: watchSeconds)
    }
    phase = .asking(
      Request(id: lastID, step: step, sentAt: now, lastTraffic: now, lastProgress: now))
    actions.append(.send(lastID, request))
  }

  private mutating func beginList() {
    seen = SeenKeys(kind: resource.kind, hashKey: random.next())
    hasUnreadable = false
  }

  /// The request under way, if this is its number.
  private func request(_ id: UInt64) -> Request? {
    guard case .asking(let request) = phase, request.id == id else { return nil }
    return request
  }

  /// Notes that something came for a request, and changes what is noted of it.
  @discardableResult
  mutating func touch(_ id: UInt64, _ change: (inout Request) -> Void = { _ in }) -> Request? {
    guard var request = request(id) else { return nil }
    request.lastTraffic = now
    change(&request)
    if request.isAccepted { isRenewed = false }
    phase = .asking(request)
    return request
  }

  private mutating func drain() -> [ReflectorAction] {
    defer { actions = [] }
    return actions
  }
}
