import DNSWire
import RecordStore

/// The cluster, and what it has in common with others if there are zones for it: changes go to
/// both, and to readers both are one.
struct ClusterModels {
  private(set) var cluster: ClusterModel
  private var multicluster: ClusterModel?
  private let view: Multicluster?
  /// Which changes count for the DNS programming latency.
  var triggers = SliceTriggers()
  /// The names of the store's zones.
  let zones: [DomainName]

  /// What undoes changes.
  struct Inverses {
    fileprivate var cluster: [ClusterModel.PackedChange] = []
    fileprivate var multicluster: [ClusterModel.PackedChange] = []
  }

  /// Models without objects; `nil` when no address space can be had.
  init?(options: RecordOptions) {
    guard let cluster = ClusterModel(options: options) else { return nil }
    self.cluster = cluster
    view = Multicluster(options)
    let ownZones = [options.primaryZone] + options.reverseZones
    guard let view else {
      zones = ownZones
      return
    }
    zones = ownZones + [view.options.primaryZone]
    guard let model = ClusterModel(options: view.options, clusterZone: ownZones.count) else {
      return nil
    }
    multicluster = model
  }

  // MARK: - Changes

  /// What is in the store.
  var published: ReadyParts { cluster.published }

  /// What has been declared complete.
  var complete: ReadyParts {
    get { cluster.complete }
    set { cluster.complete = newValue }
  }

  /// Keeps objects whose records are made later.
  mutating func keep(_ changes: [ObjectChange]) throws(StoreError) {
    try cluster.keep(changes)
    if let view { try multicluster?.keep(changes.compactMap(view.change)) }
  }

  /// Applies a round of changes and makes the edits that follow.
  mutating func apply(
    _ changes: [ObjectChange], to edit: inout StoreEdit, inverses: inout Inverses
  ) throws(StoreError) {
    try cluster.apply(changes, to: &edit, inverses: &inverses.cluster)
    if let view {
      let changes = changes.compactMap(view.change)
      try multicluster?.apply(changes, to: &edit, inverses: &inverses.multicluster)
    }
  }

  /// Puts the objects back as they were before changes whose edit failed.
  mutating func undo(_ inverses: Inverses) {
    cluster.undo(inverses.cluster)
    multicluster?.undo(inverses.multicluster)
  }

  /// Publishes parts that are complete and not in the store yet.
  mutating func publish(
    _ parts: ReadyParts, in store: RecordStore, now: UInt32
  ) throws(StoreError) {
    try cluster.publish(parts, with: &multicluster, in: store, now: now)
  }

  // MARK: - Objects

  /// The UID of an object that is kept; `nil` when it is not.
  func uid(of id: ObjectID) -> ObjectUID? {
    cluster.uid(of: id) ?? view?.id(id).flatMap { multicluster?.uid(of: $0) }
  }

  /// The names of all objects of a kind that are kept, in no useful order.
  func keys(of kind: ObjectKind) -> [ObjectKey] {
    var keys: [ObjectKey] = []
    cluster.objects.forEachKey(kind.packed) { keys.append($0) }
    // Slices may be in both models, or in one.
    guard kind == .serviceImport || kind == .endpointSlice, let multicluster else { return keys }
    let known = Set(keys)
    multicluster.objects.forEachKey(kind == .serviceImport ? .service : .slice) {
      if !known.contains($0) { keys.append($0) }
    }
    return keys
  }

  /// Octets that the objects take.
  var objectOctetCount: Int {
    cluster.objects.octetCount + (multicluster?.objects.octetCount ?? 0)
  }
}
