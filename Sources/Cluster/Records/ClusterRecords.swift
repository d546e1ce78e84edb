import DNSWire
import RecordStore
import Synchronization

/// A record store fed with Kubernetes objects: the one writer of a `kubernetes` block.
package final class ClusterRecords: Sendable {
  /// What readers read. Zone 0 is the cluster zone, relative names only; then the reverse zones.
  package let store: RecordStore
  private let model: Mutex<ClusterModel>
  private let hasAnswers = Atomic<Bool>(false)

  /// Whether the first full picture is published. Free to ask from any thread.
  package var isReady: Bool { hasAnswers.load(ordering: .acquiring) }

  /// An empty store; `nil` when no address space can be had. `now` (seconds) seeds the serial.
  package init?(options: RecordOptions, now: UInt32) {
    guard
      let store = RecordStore(zones: [options.primaryZone] + options.reverseZones, serial: now),
      let model = ClusterModel(options: options)
    else { return nil }
    self.store = store
    self.model = Mutex(model)
  }

  /// Applies a round of changes as one edit; after the first, the store is ready. Returns whether
  /// any answer changed. When the store cannot take the edit, nothing changes at all.
  @discardableResult
  package func apply(_ changes: [ObjectChange], now: UInt32) throws(StoreError) -> Bool {
    let outcome = model.withLock { model -> Result<Bool, StoreError> in
      var inverses: [ClusterModel.PackedChange] = []
      do throws(StoreError) {
        let moved = try store.edit(now: now) { edit throws(StoreError) in
          if !edit.isReady {
            try model.declareZones(&edit)
            edit.isReady = true
          }
          try model.apply(changes, to: &edit, inverses: &inverses)
        }
        hasAnswers.store(true, ordering: .releasing)
        return .success(moved)
      } catch {
        model.undo(inverses)
        return .failure(error)
      }
    }
    return try outcome.get()
  }

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
