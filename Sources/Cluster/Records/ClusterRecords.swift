import DNSWire
import RecordStore
import Synchronization

/// A record store fed with Kubernetes objects: the one writer of a `kubernetes` block.
package final class ClusterRecords: Sendable {
  /// What readers read. Zone 0 is the cluster zone, relative names only; then the reverse zones,
  /// and the multicluster zone if there is one.
  package let store: RecordStore
  private let models: Mutex<Models>
  private let durations: ProgrammingDurations?
  private let hasAnswers = Atomic<Bool>(false)

  /// The cluster, and what it has in common with others.
  private struct Models {
    var cluster: ClusterModel
    var multicluster: ClusterModel?
    let view: Multicluster?
    var triggers = SliceTriggers()
  }

  /// Whether the first full picture is published. Free to ask from any thread.
  package var isReady: Bool { hasAnswers.load(ordering: .acquiring) }

  /// An empty store; `nil` when no address space can be had. `now` (seconds) seeds the serial.
  /// `durations` counts how long changes took that come after the first picture.
  package init?(options: RecordOptions, now: UInt32, durations: ProgrammingDurations? = nil) {
    let view = Multicluster(options)
    let zones = [options.primaryZone] + options.reverseZones
    guard
      let store = RecordStore(
        zones: zones + (view.map { [$0.options.primaryZone] } ?? []), serial: now),
      let cluster = ClusterModel(options: options)
    else { return nil }
    var models = Models(cluster: cluster, view: view)
    if let view {
      guard let model = ClusterModel(options: view.options, clusterZone: zones.count) else {
        return nil
      }
      models.multicluster = model
    }
    self.store = store
    self.models = Mutex(models)
    self.durations = durations
  }

  /// Applies a round of changes as one edit; after the first, the store is ready. Returns whether
  /// any answer changed. When the store cannot take the edit, nothing changes at all.
  @discardableResult
  package func apply(_ changes: [ObjectChange], now: UInt32) throws(StoreError) -> Bool {
    let outcome = models.withLock { models -> Result<Bool, StoreError> in
      let isMeasured = durations != nil && isReady
      let pending = isMeasured ? models.triggers.pending(changes, in: models.cluster) : []
      var inverses: [ClusterModel.PackedChange] = []
      var otherInverses: [ClusterModel.PackedChange] = []
      do throws(StoreError) {
        let moved = try store.edit(now: now) { edit throws(StoreError) in
          if !edit.isReady {
            try models.cluster.declareZones(&edit)
            try models.multicluster?.declareZones(&edit)
            edit.isReady = true
          }
          try models.cluster.apply(changes, to: &edit, inverses: &inverses)
          if let view = models.view {
            try models.multicluster?.apply(
              changes.compactMap(view.change), to: &edit, inverses: &otherInverses)
          }
        }
        hasAnswers.store(true, ordering: .releasing)
        if let durations { models.cluster.observe(pending, durations) }
        return .success(moved)
      } catch {
        models.cluster.undo(inverses)
        models.multicluster?.undo(otherInverses)
        return .failure(error)
      }
    }
    return try outcome.get()
  }

  /// The UID of an object that is kept; `nil` when it is not.
  package func uid(of id: ObjectID) -> ObjectUID? {
    models.withLock { models in
      let other = models.view?.id(id).flatMap { models.multicluster?.uid(of: $0) }
      return models.cluster.uid(of: id) ?? other
    }
  }

  /// The names of all objects of a kind that are kept, in no useful order: for sweeps.
  package func keys(of kind: ObjectKind) -> [ObjectKey] {
    models.withLock { models in
      var keys: [ObjectKey] = []
      models.cluster.objects.forEachKey(kind.packed) { keys.append($0) }
      // Slices may be in both models, or in one.
      guard kind == .serviceImport || kind == .endpointSlice, let model = models.multicluster
      else { return keys }
      let known = Set(keys)
      model.objects.forEachKey(kind == .serviceImport ? .service : .slice) {
        if !known.contains($0) { keys.append($0) }
      }
      return keys
    }
  }

  /// Octets that the objects take, beside those of the store.
  package var objectOctetCount: Int {
    models.withLock { $0.cluster.objects.octetCount + ($0.multicluster?.objects.octetCount ?? 0) }
  }
}
