import DNSWire
import RecordStore

/// What a round does to one Service, as it was before.
private struct ServiceStep {
  let key: ObjectKey
  /// `nil` when its name is too long to exist.
  let records: ServiceRecords?
  /// The Service as it was and will be; `nil` without records.
  let old: PackedService?
  let new: PackedService?
  /// The labels of endpoints that may change while others do not.
  let filter: EndpointFilter
  /// Whether the Service's own names may change.
  let movesOwn: Bool
  var endpointNames: [[UInt8]] = []
  var endpointPointers: [ServiceRecords.PointerTarget] = []
  var ownNames: [[UInt8]] = []
  var ownPointers: [ServiceRecords.PointerTarget] = []

  var hadEndpoints: Bool { ServiceRecords.namesEndpoints(old) }
  var hasEndpoints: Bool { ServiceRecords.namesEndpoints(new) }
}

/// Services: what a change costs is the endpoints it names, and the Service's own few names.
extension ClusterModel {
  /// One step of Services that changes are about: names before, the changes, names after.
  mutating func publishServices(
    _ keys: [ObjectKey], _ changes: [PackedChange], _ round: Round, _ edit: inout StoreEdit,
    _ inverses: inout [PackedChange]
  ) throws(StoreError) {
    var steps: [ServiceStep] = []
    for key in keys {
      var step = step(key, changes, wasAdmitted: round.wasAdmitted(key.namespace))
      try begin(&step, &edit)
      steps.append(step)
    }
    for change in changes { inverses.append(try store(change)) }
    for step in steps {
      noteOwnService(step.key, changes)
      try finish(step, &edit)
    }
  }

  /// A Service of the first full picture.
  mutating func publishFirst(_ key: ObjectKey, _ edit: inout StoreEdit) throws(StoreError) {
    noteOwnService(key, nil)
    guard admits(key.namespace), let service = service(key) else { return }
    let step = ServiceStep(
      key: key, records: ServiceRecords(key, options), old: nil, new: service,
      filter: EndpointFilter(), movesOwn: true)
    try finish(step, &edit)
  }

  // MARK: - Before and after

  private func step(
    _ key: ObjectKey, _ changes: [PackedChange], wasAdmitted: Bool
  ) -> ServiceStep {
    let isAdmitted = admits(key.namespace)
    let old = service(key)
    var new = old
    var filter = EndpointFilter()
    var isOwnChanged = wasAdmitted != isAdmitted || options.ignoresEmptyServices
    for change in changes where change.kind == .service && change.key == key {
      new = change.octets.map(PackedService.init)
      isOwnChanged = true
    }
    let (before, after) = (wasAdmitted ? old : nil, isAdmitted ? new : nil)
    if ServiceRecords.namesEndpoints(before), ServiceRecords.namesEndpoints(after) {
      for change in changes where change.kind == .endpointSlice {
        for octets in [objects[PackedKey(.slice, change.key)], change.octets].compactMap(\.self)
        where change.key.namespace == key.namespace
          && PackedSlice.serviceName(octets) == key.name
        {
          filter.insert(octets)
        }
      }
    }
    return ServiceStep(
      key: key, records: ServiceRecords(key, options), old: before, new: after, filter: filter,
      movesOwn: isOwnChanged || before?.isHeadless ?? false || after?.isHeadless ?? false)
  }

  /// Notes the names that may go, and takes those of endpoints away when all of them go.
  private func begin(_ step: inout ServiceStep, _ edit: inout StoreEdit) throws(StoreError) {
    guard let records = step.records, let old = step.old else { return }
    if step.hadEndpoints, !step.hasEndpoints {
      try records.forEachEndpoint(endpoints(of: step.key)) {
        (name, addresses, _) throws(StoreError) in
        try edit.remove(name, zone: clusterZone)
        for address in addresses {
          try publishPointer(.init(address: address, name: name), isThere: false, &edit)
        }
      }
    } else if step.hadEndpoints, !step.filter.isEmpty {
      records.forEachEndpoint(endpoints(of: step.key, step.filter)) { name, addresses, _ in
        step.endpointNames.append(name)
        step.endpointPointers += addresses.map { .init(address: $0, name: name) }
      }
    }
    guard step.movesOwn else { return }
    step.ownNames = ownNames(records, old, step.key, nil).map(\.name)
    step.ownPointers = records.ownPointers(old)
  }

  /// Publishes the names that there are, and takes away those noted before that are none of them.
  private func finish(_ step: ServiceStep, _ edit: inout StoreEdit) throws(StoreError) {
    guard let records = step.records else { return }
    let isWhole = step.hasEndpoints && !step.hadEndpoints
    let all = isWhole ? endpoints(of: step.key) : nil
    if let all {
      try records.forEachEndpoint(all) { (name, addresses, sets) throws(StoreError) in
        try edit.set(name, zone: clusterZone, sets())
        for address in addresses {
          try publishPointer(.init(address: address, name: name), isThere: true, &edit)
        }
      }
    } else if step.hasEndpoints, !step.filter.isEmpty {
      try finishSome(step, records, &edit)
    }
    guard step.movesOwn else { return }
    var names: [[UInt8]] = []
    let own = step.new.map { ownNames(records, $0, step.key, all) } ?? []
    for (name, _) in own { names.append(name) }
    for name in difference(step.ownNames, names) {
      try edit.remove(name, zone: clusterZone)
    }
    for (name, sets) in own { try edit.set(name, zone: clusterZone, sets()) }
    try publishPointers(
      step.ownPointers, step.new.map(records.ownPointers) ?? [], &edit)
  }

  /// The names of some endpoints, where others stay as they are.
  private func finishSome(
    _ step: ServiceStep, _ records: ServiceRecords, _ edit: inout StoreEdit
  ) throws(StoreError) {
    let some = endpoints(of: step.key, step.filter)
    var names: [[UInt8]] = []
    var pointers: [ServiceRecords.PointerTarget] = []
    records.forEachEndpoint(some) { name, addresses, _ in
      names.append(name)
      pointers += addresses.map { .init(address: $0, name: name) }
    }
    for name in difference(step.endpointNames, names) {
      try edit.remove(name, zone: clusterZone)
    }
    try records.forEachEndpoint(some) { (name, _, sets) throws(StoreError) in
      try edit.set(name, zone: clusterZone, sets())
    }
    try publishPointers(step.endpointPointers, pointers, &edit)
  }

  /// The own names of a Service with things as they stand; `all` are its endpoints, where known.
  private func ownNames(
    _ records: ServiceRecords, _ service: PackedService, _ key: ObjectKey, _ all: ServiceEndpoints?
  ) -> [ServiceRecords.OwnName] {
    let isCluster = service.type != .externalName && !service.isHeadless
    if isCluster, options.ignoresEmptyServices, !hasEndpoints(key) { return [] }
    return records.ownNames(service) { all ?? endpoints(of: key) }
  }
}

/// The elements of `list` that are not in `other`.
func difference<Element: Hashable>(_ list: [Element], _ other: [Element]) -> [Element] {
  // A look at a few is cheaper than a set of them.
  if min(list.count, other.count) <= 8 { return list.filter { !other.contains($0) } }
  let other = Set(other)
  return list.filter { !other.contains($0) }
}
