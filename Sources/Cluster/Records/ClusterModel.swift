import DNSWire
import RecordStore

/// The cluster as far as DNS sees it: packed objects, and how changes to them become store edits.
///
/// A change touches the names of the Services it is about and nothing else: their records are
/// computed before and after, and the difference is the edit. Zone 0 of the store is the cluster
/// zone, the reverse zones follow in the order of `options.reverseZones`. What clusters have in
/// common is a model of its own (`Multicluster`), with another zone in the place of the cluster's.
struct ClusterModel {
  let options: RecordOptions
  /// The reverse zones' names, folded.
  let reverseZones: [[UInt8]]
  /// Changed by `store` alone; the rest of the house reads, or copies.
  var objects: PackedObjects
  private(set) var namespaceCount = 0
  /// Services and Pods by namespace: the namespaces that objects imply.
  private var namedCounts: [String: Int] = [:]
  /// Pods beyond the first that have an address.
  var sharedPodAddresses: [PodAddress: Int] = [:]
  /// Those counts before the running edit.
  var podCountsBefore: [(pod: PodAddress, count: Int?)] = []
  /// Services whose slices hold one of this server's own addresses.
  private(set) var ownServices: Set<ObjectKey> = []
  /// What is in the store, so that changes to it make edits; of the rest, objects are only kept.
  var published: ReadyParts = []
  /// What has been declared complete; pods that are not wanted are.
  var complete: ReadyParts

  /// The store's number of the cluster zone.
  let clusterZone: Int

  /// A model without objects; `nil` when no address space can be had.
  init?(options: RecordOptions, clusterZone: Int = 0) {
    self.clusterZone = clusterZone
    guard let objects = PackedObjects() else { return nil }
    self.objects = objects
    self.options = options
    complete = options.pods == .verified ? [] : .pods
    reverseZones = options.reverseZones.map(\.lowercased.wire)
  }

  /// An object to keep, or to take away, under its key.
  struct PackedChange {
    var kind: ObjectKind
    var key: ObjectKey
    var octets: [UInt8]?
  }

  // MARK: - Objects

  /// What of an object is kept: nothing when the options' selectors do not want it.
  private func pack(_ object: ClusterObject) -> PackedChange {
    let key = object.key
    var packed = PackedChange(kind: object.kind, key: key, octets: nil)
    switch object {
    case .service(let service):
      guard options.selector?.matches(service.labels) ?? true else { break }
      packed.octets = PackedService.octets(PackedKey(.service, key), service)
    case .endpointSlice(let slice):
      guard !options.ignoresEndpoints, !slice.serviceName.isEmpty,
        options.selector?.matches(slice.labels) ?? true
      else { break }
      packed.octets = PackedSlice.octets(
        PackedKey(.slice, key), slice, usesPodNames: options.usesEndpointPodNames)
    case .namespace(let namespace):
      var writer = PackedWriter(PackedKey(.namespace, key), uid: namespace.uid)
      writer.append8(options.namespaceSelector?.matches(namespace.labels) ?? true ? 1 : 0)
      packed.octets = writer.octets
    case .pod(let pod):
      // Pods are only looked at to verify their names.
      guard options.pods == .verified else { break }
      packed.octets = PackedPod.octets(PackedKey(.pod, key), pod)
    case .serviceImport: break  // Kept as a Service, in the model of what clusters have in common.
    }
    return packed
  }

  /// What an event makes of the object that has its name, whose block is `kept`; `nil` when it is
  /// about another one.
  func change(
    _ event: ObjectEvent, kept: @autoclosure () -> [UInt8]?, _ outcome: inout EventOutcome
  ) -> PackedChange? {
    let gone = PackedChange(kind: event.kind, key: event.key, octets: nil)
    switch event {
    case .set(let object): return pack(object)
    case .delete(_, _, nil): return gone
    case .delete(_, _, .some(let uid)):
      guard let kept = kept() else { return nil }
      if PackedReader(kept).uid == uid { return gone }
      outcome.otherUIDCount += 1
      return nil
    case .refuse(_, _, let uid):
      guard let kept = kept() else { return nil }
      return PackedReader(kept).uid == uid ? nil : gone
    }
  }

  /// What the events of a round come to for each object, where that differs from what is kept.
  func effective(
    _ events: some Collection<ObjectEvent>, _ outcome: inout EventOutcome
  ) -> [PackedChange] {
    var places: [PackedKey: Int] = [:]
    var result: [PackedChange] = []
    for event in events {
      let key = PackedKey(event.kind.packed, event.key)
      let place = places[key]
      let kept = { place.map { result[$0].octets } ?? objects[key] }
      guard let change = change(event, kept: kept(), &outcome) else { continue }
      if let place {
        result[place] = change
      } else {
        places[key] = result.count
        result.append(change)
      }
    }
    result.removeAll { objects.holds(PackedKey($0.kind.packed, $0.key), $0.octets) }
    outcome.changeCount += result.count
    return result
  }

  /// Keeps a change; what would undo it.
  @discardableResult
  mutating func store(_ change: PackedChange) throws(StoreError) -> PackedChange {
    let key = change.key
    let old: [UInt8]?
    if change.kind == .endpointSlice {
      old = try objects.setSlice(key, change.octets)
    } else {
      old = try objects.set(PackedKey(change.kind.packed, key), change.octets)
      let step = (change.octets == nil ? 0 : 1) - (old == nil ? 0 : 1)
      if change.kind == .namespace {
        namespaceCount += step
      } else if step != 0 {
        let count = (namedCounts[key.namespace] ?? 0) + step
        namedCounts[key.namespace] = count == 0 ? nil : count
      }
    }
    return PackedChange(kind: change.kind, key: key, octets: old)
  }

  /// Looks whether a Service leads to this server, after changes; `nil` for any.
  mutating func noteOwnService(_ key: ObjectKey, _ changes: [PackedChange]?) {
    let own = options.serverAddresses
    if own.isEmpty { return }
    func leadsHere(_ octets: [UInt8]) -> Bool {
      var reader = PackedSliceReader(octets)
      while let endpoint = reader.next() {
        if own.contains(endpoint.address) { return true }
      }
      return false
    }
    // Slices that never led here do not begin to without a change.
    let isOld = ownServices.contains(key)
    if let changes, !isOld,
      !changes.contains(where: { change in
        change.kind == .endpointSlice && change.octets.map(leadsHere) ?? false
      })
    {
      return
    }
    var isOwn = false
    objects.forEachSlice(of: key) { isOwn = isOwn || leadsHere($0) }
    if isOwn { ownServices.insert(key) } else { ownServices.remove(key) }
  }

  // MARK: - Namespaces

  /// Manifests without a single Namespace object (a chart's, say) imply those that they name.
  var impliesNamespaces: Bool { options.impliesNamespaces && namespaceCount == 0 }

  /// Whether objects of a namespace have records.
  func admits(_ name: String) -> Bool {
    if !options.namespaces.isEmpty, !options.namespaces.contains(name) { return false }
    let key = PackedKey(.namespace, ObjectKey(namespace: "", name: name))
    guard let octets = objects[key] else {
      return impliesNamespaces && options.namespaceSelector == nil
    }
    var reader = PackedReader(octets)
    return reader.read8() == 1
  }

  /// Whether a namespace exists and is not filtered away.
  func isExposed(_ name: String) -> Bool {
    admits(name) && (!impliesNamespaces || namedCounts[name] != nil)
  }

  /// The namespaces that Services and Pods are in.
  var namedNamespaces: Set<String> { Set(namedCounts.keys) }

  /// The Services of some namespaces.
  func services(in namespaces: Set<String>) -> Set<ObjectKey> {
    var result = Set<ObjectKey>()
    if namespaces.isEmpty { return result }
    objects.forEachKey(.service) { if namespaces.contains($0.namespace) { result.insert($0) } }
    return result
  }

  // MARK: - Services and Pods

  /// The Service as it is kept.
  func service(_ key: ObjectKey) -> PackedService? {
    objects[PackedKey(.service, key)].map(PackedService.init)
  }

  /// The endpoints of a Service as things stand, those that pass a filter.
  func endpoints(of key: ObjectKey, _ filter: EndpointFilter? = nil) -> ServiceEndpoints {
    var endpoints = ServiceEndpoints(hashKey: objects.hashKey)
    if options.ignoresEndpoints { return endpoints }
    objects.forEachSlice(of: key) { endpoints.add($0, filter) }
    return endpoints
  }

  /// Whether a Service has any endpoint.
  func hasEndpoints(_ key: ObjectKey) -> Bool {
    var hasAny = false
    objects.forEachSlice(of: key) { hasAny = hasAny || !PackedSliceReader($0).isAtEnd }
    return hasAny
  }

  /// The UID of an object that is kept; `nil` when it is not.
  func uid(of id: ObjectID) -> ObjectUID? {
    objects[PackedKey(id.kind.packed, id.key)].map { PackedReader($0).uid }
  }
}

extension ObjectKind {
  /// The kind of the object's block.
  var packed: PackedKind {
    switch self {
    case .service: .service
    case .endpointSlice: .slice
    case .namespace: .namespace
    case .pod: .pod
    case .serviceImport: .serviceImport
    }
  }
}

extension ObjectChange {
  /// The kind of the object that changes.
  package var kind: ObjectKind {
    switch self {
    case .set(let object): object.kind
    case .delete(let kind, _): kind
    }
  }

  /// Its key.
  package var key: ObjectKey {
    switch self {
    case .set(let object): object.key
    case .delete(_, let key): key
    }
  }
}
