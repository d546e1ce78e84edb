import DNSWire
import RecordStore
import Synchronization

/// A record store fed with Kubernetes objects: the one writer of a `kubernetes` block.
///
/// Objects are only kept until their picture is complete (`declareReady`); from then on a change
/// to them is an edit of the store.
package final class ClusterRecords: Sendable {
  /// What readers read. Zone 0 is the cluster zone, relative names only; then the reverse zones.
  package let store: RecordStore
  private let model: Mutex<ClusterModel>
  private let hasAnswers = Atomic<Bool>(false)
  private let hasPods = Atomic<Bool>(false)

  /// Whether the first full picture is published. Free to ask from any thread.
  package var isReady: Bool { hasAnswers.load(ordering: .acquiring) }

  /// Whether the names of pods are published too, or not wanted. Free to ask from any thread;
  /// queries ask their snapshot.
  package var arePodsReady: Bool { hasPods.load(ordering: .acquiring) }

  /// An empty store; `nil` when no address space can be had. `now` (seconds) seeds the serial.
  package init?(
    options: RecordOptions, now: UInt32, arenaOctetCount: Int = Arena.defaultOctetCount
  ) {
    let zones = [options.primaryZone] + options.reverseZones
    guard
      let store = RecordStore(zones: zones, serial: now, arenaOctetCount: arenaOctetCount),
      let model = ClusterModel(options: options)
    else { return nil }
    self.store = store
    self.model = Mutex(model)
  }

  // MARK: - Changes

  /// Applies a round of changes, once the store is ready as one edit: when the store cannot take
  /// it, nothing changes at all. Returns whether any answer changed.
  @discardableResult
  package func apply(_ changes: [ObjectChange], now: UInt32) throws(StoreError) -> Bool {
    try withModel { model throws(StoreError) in
      guard model.published.contains(.records) else {
        try model.keep(changes)
        return false
      }
      var inverses: [ClusterModel.PackedChange] = []
      do throws(StoreError) {
        return try store.edit(now: now) { edit throws(StoreError) in
          try model.apply(changes, to: &edit, inverses: &inverses)
        }
      } catch {
        model.undo(inverses)
        throw error
      }
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
      try model.publish(model.complete, in: store, now: now)
      hasPods.store(model.published.contains(.pods), ordering: .releasing)
      hasAnswers.store(true, ordering: .releasing)
    }
  }

  private func withModel<Result: Sendable>(
    _ body: (inout ClusterModel) throws(StoreError) -> Result
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

  /// The UID of an object that is kept; `nil` when it is not.
  package func uid(of id: ObjectID) -> ObjectUID? { model.withLock { $0.uid(of: id) } }

  /// The names of all objects of a kind that are kept, in no useful order: for sweeps.
  package func keys(of kind: ObjectKind) -> [ObjectKey] {
    model.withLock { model in
      var keys: [ObjectKey] = []
      model.objects.forEachKey(kind.packed) { keys.append($0) }
      return keys
    }
  }

  /// Octets that the objects take, beside those of the store.
  package var objectOctetCount: Int { model.withLock { $0.objects.octetCount } }
}
