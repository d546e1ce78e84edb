import Files
import RecordStore
import Synchronization

/// Keeps records up to date with the objects of a cluster's API server: one reflector a resource.
/// Records are published when everything they are made of has been seen; pods may come later.
package final class ClusterFollower: Sendable {
  /// Takes a line for the operator.
  package typealias Tell = @Sendable (ReflectorNotice) -> Void

  private struct State {
    /// Kinds that have been seen whole.
    var synced: Set<ObjectKind> = []
    /// Parts that are complete and could not be published yet: the store was full.
    var unpublished: ReadyParts = []
    /// Whether the records know that everything has been seen.
    var isCurrent = false
    var lastWarning = ""
    /// Whether free memory is about to be given back.
    var isReleaseDue = false
    /// Events since `countingStart`, and at how many of them idle code is let go.
    var eventCount = 0
    var countingStart = ContinuousClock.now
    var codeReleaseAt = ClusterFollower.codeReleaseEventCount
  }

  /// So many events within `codeReleaseTime` are a list and no single changes: what its connection
  /// took of the code is let go then, and what it goes on to use after each `codeReleasePace`.
  private static let codeReleaseEventCount = 100
  private static let codeReleasePace = 1_000
  private static let codeReleaseTime = Duration.milliseconds(200)

  /// How long after a list its free memory is given back: other lists end about then too.
  private static let releaseDelay = Duration.milliseconds(200)

  /// The numbers of what was asked.
  package var requests: RequestMetrics { client.metrics }
  private let records: ClusterRecords
  private let kinds: Set<ObjectKind>
  private let thread: APIThread
  private let client: APIClient
  private let drivers = Mutex<[ReflectorDriver]>([])
  private let tellOperator: Tell
  private let state = Mutex(State())
  private let shadowing = Mutex(ShadowingNamespaces())
  private let syncs: AsyncStream<ObjectKind>
  private let syncContinuation: AsyncStream<ObjectKind>.Continuation

  /// A follower of some resources of a server that has not begun. `version` is the program's.
  package init(
    _ resources: [APIResource], of configuration: APIServerConfiguration,
    into records: ClusterRecords, version: String, options: ReflectorOptions = ReflectorOptions(),
    tell: @escaping Tell
  ) {
    self.records = records
    kinds = Set(resources.map(\.kind))
    thread = APIThread()
    client = APIClient(configuration, version: version, thread: thread)
    tellOperator = tell
    (syncs, syncContinuation) = AsyncStream.makeStream()
    let list = resources.map {
      ReflectorDriver($0, client: client, options: options, sink: self)
    }
    drivers.withLock { $0 = list }
  }

  /// How each resource stands; from any thread.
  package var statuses: [ReflectorStatus] { drivers.withLock { $0 }.map(\.status) }

  /// The last warning; empty when there was none.
  package var lastWarning: String { state.withLock { $0.lastWarning } }

  /// Follows until the task is cancelled. Once only.
  package func run() async {
    await withTaskGroup(of: Void.self) { group in
      for driver in drivers.withLock({ $0 }) { group.addTask { await driver.run() } }
    }
    syncContinuation.finish()
    await client.close()
    await thread.stop()
  }

  /// Waits until everything has been seen once, but no longer than `limit`, or than `patience` when
  /// nothing was seen of a resource by then; whether all has been seen. Once only.
  package func waitUntilSynced(
    atMost limit: Duration, patience: Duration? = nil
  ) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { [self] in
        for await _ in syncs where isSynced { return true }
        return isSynced
      }
      group.addTask { [self] in
        let patience = min(patience ?? limit, limit)
        try? await Task.sleep(for: patience)
        if !isAnyUnseen { try? await Task.sleep(for: limit - patience) }
        return false
      }
      let result = await group.next() ?? false
      group.cancelAll()
      return result
    }
  }

  /// Whether everything has been seen once and is published.
  package var isSynced: Bool {
    state.withLock { $0.synced.isSuperset(of: kinds) && $0.unpublished.isEmpty && $0.isCurrent }
  }

  /// Whether requests for a resource failed and none of its objects ever came.
  private var isAnyUnseen: Bool {
    statuses.contains { status in
      let counters = status.counters
      return status.sync == .never && counters.failureCount > 0 && counters.pageCount == 0
        && counters.setEventCount == 0
    }
  }

  /// Seconds since 1970: the serial's clock.
  private static func now() -> UInt32 { UInt32(truncatingIfNeeded: WallClock.now) }

  /// Once everything is published that was seen, saved objects are of no use any more.
  private func declareCurrent() {
    let isDue = state.withLock { state in
      state.synced.isSuperset(of: kinds) && state.unpublished.isEmpty && !state.isCurrent
    }
    // A store that has no room for that is told of already.
    guard isDue, (try? records.declareCurrent(now: Self.now())) != nil else { return }
    state.withLock { $0.isCurrent = true }
  }

  /// Publishes what is complete. The store may be full: then it is tried again with each change.
  private func publish() {
    defer { declareCurrent() }
    let parts = state.withLock { $0.unpublished }
    if parts.isEmpty { return }
    do throws(StoreError) {
      try records.declareReady(parts, now: Self.now())
      state.withLock { $0.unpublished.subtract(parts) }
      releaseMemorySoon()
    } catch {
      tell(ReflectorNotice(severity: .warning, message: "the record store is full"))
    }
  }
}

extension ClusterFollower: ReflectorSink {
  /// Does what a reflector wants done with objects, and publishes what is complete.
  package func perform(_ action: ReflectorAction) -> ReflectorEvent? {
    if case .apply(let events, _) = action {
      warnOfShadows(events)
      releaseCode(after: events.count)
    }
    let outcome = records.perform(action, now: Self.now())
    if case .rejected = outcome {
      tell(
        ReflectorNotice(
          severity: .warning, message: "the record store is full; changes are not served"))
    } else {
      publish()
    }
    // The end of a list, which leaves more free memory than anything else.
    if case .sweep = action {
      releaseIdleCode()
      releaseMemorySoon()
    }
    return outcome
  }

  private func releaseCode(after eventCount: Int) {
    let now = ContinuousClock.now
    let isDue = state.withLock { state in
      if now - state.countingStart > Self.codeReleaseTime {
        // Slow enough for single changes, unless a release is what took its time.
        let isList = state.eventCount >= Self.codeReleaseEventCount
        state.codeReleaseAt = isList ? Self.codeReleasePace : Self.codeReleaseEventCount
        state.countingStart = now
        state.eventCount = isList ? state.eventCount : 0
      }
      state.eventCount += eventCount
      guard state.eventCount >= state.codeReleaseAt else { return false }
      state.eventCount = 0
      state.countingStart = now
      state.codeReleaseAt = Self.codeReleasePace
      return true
    }
    if isDue { releaseIdleCode() }
  }

  /// Gives free memory back to the system once all is published, away from the caller's thread.
  private func releaseMemorySoon() {
    let isFirst = state.withLock { state in
      guard !state.isReleaseDue, state.synced.isSuperset(of: kinds.subtracting([.pod])) else {
        return false
      }
      state.isReleaseDue = true
      return true
    }
    guard isFirst else { return }
    Task.detached { [weak self] in
      try? await Task.sleep(for: Self.releaseDelay)
      self?.state.withLock { $0.isReleaseDue = false }
      releaseFreeMemory()
      // The program's own code is what the next list needs again.
      releaseIdleCode(keepsProgram: true)
    }
  }

  private func warnOfShadows(_ events: [ObjectEvent]) {
    for case .set(let object) in events where [.namespace, .service].contains(object.kind) {
      guard let text = shadowing.withLock({ $0.warning(.set(object)) }) else { continue }
      tell(ReflectorNotice(severity: .warning, message: text))
    }
  }

  /// Notes that a kind has been seen whole.
  package func didSync(_ kind: ObjectKind) {
    state.withLock { state in
      state.synced.insert(kind)
      if kind == .pod {
        state.unpublished.insert(.pods)
      } else if state.synced.isSuperset(of: kinds.subtracting([.pod])) {
        state.unpublished.insert(.records)
      }
    }
    publish()
    syncContinuation.yield(kind)
  }

  /// Hands a line on to the operator.
  package func tell(_ notice: ReflectorNotice) {
    if notice.severity == .warning { state.withLock { $0.lastWarning = notice.message } }
    tellOperator(notice)
  }
}
