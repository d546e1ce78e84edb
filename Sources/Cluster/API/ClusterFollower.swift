import Glibc
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
  }

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

  /// Waits until everything has been seen once, but no longer than `limit`; whether it has. Once
  /// only.
  package func waitUntilSynced(atMost limit: Duration) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { [self] in
        for await _ in syncs where isSynced { return true }
        return isSynced
      }
      group.addTask {
        try? await Task.sleep(for: limit)
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

  /// Seconds since 1970: the serial's clock.
  private static func now() -> UInt32 { UInt32(truncatingIfNeeded: time(nil)) }

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
    } catch {
      tell(ReflectorNotice(severity: .warning, message: "the record store is full"))
    }
  }
}

extension ClusterFollower: ReflectorSink {
  package func perform(_ action: ReflectorAction) -> ReflectorEvent? {
    if case .apply(let events, _) = action { warnOfShadows(events) }
    let outcome = records.perform(action, now: Self.now())
    if case .rejected = outcome {
      tell(
        ReflectorNotice(
          severity: .warning, message: "the record store is full; changes are not served"))
    } else {
      publish()
    }
    return outcome
  }

  private func warnOfShadows(_ events: [ObjectEvent]) {
    for case .set(let object) in events where [.namespace, .service].contains(object.kind) {
      guard let text = shadowing.withLock({ $0.warning(.set(object)) }) else { continue }
      tell(ReflectorNotice(severity: .warning, message: text))
    }
  }

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

  package func tell(_ notice: ReflectorNotice) {
    if notice.severity == .warning { state.withLock { $0.lastWarning = notice.message } }
    tellOperator(notice)
  }
}
