import DNSWire
import RecordStore

/// The cluster, and what it has in common with others if there are zones for it: changes go to
/// both, and to readers both are one.
struct ClusterModels {
  private(set) var cluster: ClusterModel
  private(set) var multicluster: ClusterModel?
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

  /// What the events of a round come to.
  struct Changes {
    /// In the cluster.
    fileprivate(set) var cluster: [ClusterModel.PackedChange] = []
    fileprivate var multicluster: [ClusterModel.PackedChange] = []

    /// Whether nothing differs from what is kept.
    var isEmpty: Bool { cluster.isEmpty && multicluster.isEmpty }
  }

  /// Keeps objects whose records are made later.
  mutating func keep(
    _ events: some Collection<ObjectEvent>, _ outcome: inout EventOutcome
  ) throws(StoreError) {
    try cluster.keep(events, &outcome)
    guard let view else { return }
    var others = EventOutcome()
    try multicluster?.keep(events.compactMap(view.event), &others)
  }

  /// What the events of a round come to for each object, where that differs from what is kept. An
  /// object of both models counts once.
  func effective(
    _ events: some Collection<ObjectEvent>, _ outcome: inout EventOutcome
  ) -> Changes {
    var changes = Changes(cluster: cluster.effective(events, &outcome))
    guard let view, let multicluster else { return changes }
    var others = EventOutcome()
    changes.multicluster = multicluster.effective(events.compactMap(view.event), &others)
    let known = Set(changes.cluster.map(\.key))
    outcome.changeCount += changes.multicluster.count { change in
      change.kind == .service || (change.kind == .endpointSlice && !known.contains(change.key))
    }
    return changes
  }

  /// Applies a round of changes and makes the edits that follow.
  mutating func apply(
    _ changes: Changes, to edit: inout StoreEdit, inverses: inout Inverses
  ) throws(StoreError) {
    try cluster.apply(changes.cluster, to: &edit, inverses: &inverses.cluster)
    try multicluster?.apply(
      changes.multicluster, to: &edit, inverses: &inverses.multicluster)
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
    let others = multiclusterKeys(of: kind)
    if others.isEmpty { return keys }
    let known = Set(keys)
    return keys + others.filter { !known.contains($0) }
  }

  /// The names of imports and of slices of imports; none of any other kind.
  func multiclusterKeys(of kind: ObjectKind) -> [ObjectKey] {
    guard kind == .serviceImport || kind == .endpointSlice, let multicluster else { return [] }
    var keys: [ObjectKey] = []
    multicluster.objects.forEachKey(kind == .serviceImport ? .service : .slice) { keys.append($0) }
    return keys
  }

  /// Objects of a kind that are kept.
  func count(of kind: ObjectKind) -> Int {
    let isCommon = multicluster != nil && (kind == .serviceImport || kind == .endpointSlice)
    return isCommon ? keys(of: kind).count : cluster.objects.count(of: kind.packed)
  }

  /// Octets that the objects take.
  var objectOctetCount: Int {
    cluster.objects.octetCount + (multicluster?.objects.octetCount ?? 0)
  }
}
