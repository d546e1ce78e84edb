import DNSWire
import RecordStore
import Synchronization

/// A record store fed with Kubernetes objects: the one writer of a `kubernetes` block.
///
/// Objects are only kept until their picture is complete (`declareReady`); from then on a change
/// to them is an edit of the store.
package final class ClusterRecords: Sendable {
  /// What readers read. Zone 0 is the cluster zone, relative names only; then the reverse zones,
  /// and the multicluster zone if there is one.
  package let store: RecordStore
  private let model: Mutex<ClusterModels>
  private let durations: ProgrammingDurations?
  private let hasAnswers = Atomic<Bool>(false)
  private let hasPods = Atomic<Bool>(false)
  private let hasSaved = Atomic<Bool>(false)
  private let hasSeenAll = Atomic<Bool>(false)
  private let changes = Atomic<Int>(0)
  private let edits = Atomic<Int>(0)

  /// Whether the first full picture is published. Free to ask from any thread.
  package var isReady: Bool { hasAnswers.load(ordering: .acquiring) }

  /// Whether the names of pods are published too, or not wanted. Free to ask from any thread;
  /// queries ask their snapshot.
  package var arePodsReady: Bool { hasPods.load(ordering: .acquiring) }

  /// Whether answers may come from objects that were saved before the start.
  package var isStale: Bool { hasSaved.load(ordering: .acquiring) }

  /// Whether everything has been seen since the start (`declareCurrent`).
  package var isCurrent: Bool { hasSeenAll.load(ordering: .acquiring) }

  /// Changes of objects so far.
  package var changeCount: Int { changes.load(ordering: .acquiring) }

  /// Edits so far that changed answers.
  package var editCount: Int { edits.load(ordering: .relaxed) }

  /// An empty store; `nil` when no address space can be had. `now` (seconds) seeds the serial;
  /// `durations` counts how long changes took that come after the first picture.
  package init?(
    options: RecordOptions, now: UInt32, durations: ProgrammingDurations? = nil,
    arenaOctetCount: Int = Arena.defaultOctetCount
  ) {
    guard let model = ClusterModels(options: options),
      let store = RecordStore(zones: model.zones, serial: now, arenaOctetCount: arenaOctetCount)
    else { return nil }
    self.store = store
    self.model = Mutex(model)
    self.durations = durations
  }

  // MARK: - Changes

  /// Applies a round of changes, once the store is ready as one edit: when the store cannot take
  /// it, nothing changes at all. Returns whether any answer changed.
  @discardableResult
  package func apply(_ changes: [ObjectChange], now: UInt32) throws(StoreError) -> Bool {
    try withModel { model throws(StoreError) in
      try apply(changes.lazy.map(ObjectEvent.init), to: &model, now).movedAnswers
    }
  }

  /// Applies what an API server says, as `apply(_:now:)` does: an object that is as it was, or a
  /// deletion of another one of its name, changes nothing.
  @discardableResult
  package func apply(events: [ObjectEvent], now: UInt32) throws(StoreError) -> EventOutcome {
    try withModel { model throws(StoreError) in try apply(events, to: &model, now) }
  }

  /// Takes away the objects that a list did not name, some at a time. When the store cannot take
  /// one of these edits, the objects that are left stay.
  @discardableResult
  package func sweep(_ seen: SeenKeys, now: UInt32) throws(StoreError) -> EventOutcome {
    try withModel { model throws(StoreError) in
      var outcome = EventOutcome()
      // Blocks that are not taken away stay where they are.
      var gone = model.cluster.objects.references(of: seen.kind.packed)
      gone.removeAll { seen.contains(hash: model.cluster.objects.hash($0, key: seen.hashKey)) }
      for first in stride(from: 0, to: gone.count, by: Self.sweepCountMax) {
        let batch = gone[first..<min(first + Self.sweepCountMax, gone.count)]
        let events = batch.map { reference in
          ObjectEvent.delete(seen.kind, model.cluster.objects.key(reference), uid: nil)
        }
        outcome += try apply(events, to: &model, now)
      }
      let others = model.multiclusterKeys(of: seen.kind).filter { !seen.contains($0) }
      for first in stride(from: 0, to: others.count, by: Self.sweepCountMax) {
        let batch = others[first..<min(first + Self.sweepCountMax, others.count)]
        let events = batch.map { ObjectEvent.delete(seen.kind, $0, uid: nil) }
        outcome += try apply(events, to: &model, now)
      }
      return outcome
    }
  }

  /// Deletions of one edit of a sweep.
  private static let sweepCountMax = 500

  private func apply(
    _ events: some Collection<ObjectEvent>, to model: inout ClusterModels, _ now: UInt32
  ) throws(StoreError) -> EventOutcome {
    var outcome = EventOutcome()
    // Counted even when the store is full: what could be kept is.
    defer { changes.add(outcome.changeCount, ordering: .releasing) }
    guard model.published.contains(.records) else {
      try model.keep(events, &outcome)
      return outcome
    }
    let changes = model.effective(events, &outcome)
    if changes.isEmpty { return outcome }
    let pending = durations == nil ? [] : model.triggers.pending(events, changes.cluster)
    var inverses = ClusterModels.Inverses()
    do throws(StoreError) {
      outcome.movedAnswers = try store.edit(now: now) { edit throws(StoreError) in
        try model.apply(changes, to: &edit, inverses: &inverses)
      }
      if outcome.movedAnswers { edits.add(1, ordering: .relaxed) }
      if let durations { model.cluster.observe(pending, durations) }
      return outcome
    } catch {
      model.undo(inverses)
      throw error
    }
  }

  /// Declares that all objects of these parts have come, and publishes their records: the store is
  /// ready after `records`, whether pods are or not. Pods that come first wait for the rest. What
  /// is published already stays as it is. When the store cannot take everything, it is not ready,
  /// and the same may be tried again.
  package func declareReady(_ parts: ReadyParts = .all, now: UInt32) throws(StoreError) {
    try withModel { model throws(StoreError) in
      model.complete.formUnion(parts)
      guard model.complete.contains(.records) else { return }
      try publish(&model, now)
    }
  }

  /// Publishes objects that were loaded from a file, and perhaps some that came since: all answers
  /// are stale until `declareCurrent`. Nothing when that has been; whether they are served.
  package func declareStale(now: UInt32) throws(StoreError) -> Bool {
    try withModel { model throws(StoreError) in
      if model.isCurrent { return false }
      try store.edit(now: now) { edit in edit.isStale = true }
      hasSaved.store(true, ordering: .releasing)
      model.complete = .all
      try publish(&model, now)
      return true
    }
  }

  /// Says that everything has been seen since the start: answers are not stale any more.
  package func declareCurrent(now: UInt32) throws(StoreError) {
    try withModel { model throws(StoreError) in
      try store.edit(now: now) { edit in edit.isStale = false }
      model.isCurrent = true
      hasSaved.store(false, ordering: .releasing)
      hasSeenAll.store(true, ordering: .releasing)
    }
  }

  private func publish(_ model: inout ClusterModels, _ now: UInt32) throws(StoreError) {
    let before = model.published
    try model.publish(model.complete, in: store, now: now)
    if model.published != before { edits.add(1, ordering: .relaxed) }
    hasPods.store(model.published.contains(.pods), ordering: .releasing)
    hasAnswers.store(true, ordering: .releasing)
  }

  /// The objects, alone; for what goes with them in other files.
  func withModels<Result: Sendable>(_ body: (inout ClusterModels) -> Result) -> Result {
    model.withLock { body(&$0) }
  }

  private func withModel<Result: Sendable>(
    _ body: (inout ClusterModels) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try model.withLock { model -> Swift.Result<Result, StoreError> in
      do throws(StoreError) {
        return .success(try body(&model))
      } catch {
        return .failure(error)
      }
    }.get()
  }

  // MARK: - Objects

  /// Looks at the cluster's model, and at that of what clusters have in common, if there is one.
  func inspect<Result: Sendable>(_ body: (ClusterModel, ClusterModel?) -> Result) -> Result {
    model.withLock { body($0.cluster, $0.multicluster) }
  }

  /// The UID of an object that is kept; `nil` when it is not.
  package func uid(of id: ObjectID) -> ObjectUID? { model.withLock { $0.uid(of: id) } }

  /// Objects of a kind that are kept.
  package func count(of kind: ObjectKind) -> Int { model.withLock { $0.count(of: kind) } }

  /// The names of all objects of a kind that are kept, in no useful order.
  package func keys(of kind: ObjectKind) -> [ObjectKey] { model.withLock { $0.keys(of: kind) } }

  /// Octets of what is kept of the objects of a kind.
  package func octetCount(of kind: ObjectKind) -> Int {
    model.withLock { $0.octetCount(of: kind) }
  }

  /// Octets that the objects take, beside those of the store.
  package var objectOctetCount: Int { model.withLock { $0.objectOctetCount } }
}
