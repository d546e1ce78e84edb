import DNSWire
import RecordStore

extension ClusterModel {
  /// What a round of changes is about.
  struct Round {
    var changes: [PackedChange]
    /// Namespaces whose objects may come or go as a whole.
    var namespaces = Set<String>()
    /// What was admitted before the round.
    var admitted: [String: Bool] = [:]
    /// The changes of each Service and its slices.
    var services: [ObjectKey: [PackedChange]] = [:]
    /// Services that have a slice in common, before and after: one step for all of them.
    var joint = Set<ObjectKey>()

    /// Whether objects of a namespace had records before.
    func wasAdmitted(_ namespace: String) -> Bool { admitted[namespace] ?? false }
  }

  /// Applies a round of changes to the objects and makes the edits that follow.
  /// `inverses` collects what undoes them.
  mutating func apply(
    _ changes: [PackedChange], to edit: inout StoreEdit, inverses: inout [PackedChange]
  ) throws(StoreError) {
    var round = Round(changes: changes)
    if round.changes.isEmpty { return }
    noteNamespaces(&round)
    noteServices(&round)
    let touched = round.namespaces.union(
      impliesNamespaces
        ? round.changes.filter { $0.kind != .namespace }.map(\.key.namespace) : [])
    let exposedBefore = touched.filter(isExposed)
    podCountsBefore = []

    for change in round.changes where change.kind == .namespace {
      inverses.append(try store(change))
    }
    try publishPods(round, &edit, &inverses)
    for (key, list) in round.services where !round.joint.contains(key) {
      try publishService(key, list, round, &edit, &inverses)
    }
    try publishJoint(round, &edit, &inverses)
    for namespace in touched.sorted() {
      try publishNamespace(namespace, wasExposed: exposedBefore.contains(namespace), &edit)
    }
    if !round.services.isEmpty { try publishNameServers(&edit) }
  }

  /// Puts the objects back as they were before changes whose edit failed.
  mutating func undo(_ inverses: [PackedChange]) {
    undoPodCounts()
    for change in inverses.reversed() {
      // What was there fits again.
      guard let inverse = try? store(change) else { continue }
      for owner in owners(change, inverse.octets) { noteOwnService(owner) }
    }
  }

  // MARK: - What a round is about

  private func noteNamespaces(_ round: inout Round) {
    let moved = round.changes.filter { $0.kind == .namespace }.map(\.key.name)
    if moved.isEmpty { return }
    round.namespaces.formUnion(moved)
    if options.impliesNamespaces, namespaceCount <= moved.count {
      // Whether namespaces are implied may flip: look at all of them, those included that only
      // this round's objects name.
      round.namespaces.formUnion(namedNamespaces)
      round.namespaces.formUnion(round.changes.map(\.key.namespace).filter { !$0.isEmpty })
    }
  }

  private func noteServices(_ round: inout Round) {
    for key in services(in: round.namespaces) { round.services[key] = [] }
    for change in round.changes where change.kind == .service || change.kind == .endpointSlice {
      let owners =
        change.kind == .service
        ? [change.key]
        : owners(change, objects[PackedKey(.slice, change.key)])
      if owners.count > 1 { round.joint.formUnion(owners) }
      for owner in owners.prefix(1) { round.services[owner, default: []].append(change) }
      for owner in owners.dropFirst() { round.services[owner, default: []] += [] }
    }
    let pods = round.changes.lazy.filter { $0.kind == .pod }.map(\.key.namespace)
    for namespace in Set(round.services.keys.map(\.namespace)).union(round.namespaces).union(pods) {
      round.admitted[namespace] = admits(namespace)
    }
  }

  /// The Services that a slice is and was of.
  private func owners(_ change: PackedChange, _ old: [UInt8]?) -> [ObjectKey] {
    guard change.kind == .endpointSlice else { return [] }
    let names = [change.octets, old].compactMap { $0.map(PackedSlice.serviceName) }
    return unique(names).map { ObjectKey(namespace: change.key.namespace, name: $0) }
  }

  // MARK: - Services

  /// One Service's step: records before, the changes, records after, the difference.
  private mutating func publishService(
    _ key: ObjectKey, _ changes: [PackedChange], _ round: Round, _ edit: inout StoreEdit,
    _ inverses: inout [PackedChange]
  ) throws(StoreError) {
    let wasAdmitted = round.wasAdmitted(key.namespace)
    let isAdmitted = admits(key.namespace)
    let isSlicesOnly =
      wasAdmitted && isAdmitted && changes.allSatisfy { $0.kind == .endpointSlice }
    // Where a round brings all of a Service's slices, nothing stays as it was.
    let only =
      isSlicesOnly && objects.sliceCount(of: key) > changes.count ? labels(changes) : nil
    let old = wasAdmitted ? records(of: key, only: only) : nil
    for change in changes { inverses.append(try store(change)) }
    noteOwnService(key)
    try publish(old, isAdmitted ? records(of: key, only: only) : nil, &edit)
  }

  private mutating func publishJoint(
    _ round: Round, _ edit: inout StoreEdit, _ inverses: inout [PackedChange]
  ) throws(StoreError) {
    let old = round.joint.sorted().map { key in
      (key, round.wasAdmitted(key.namespace) ? records(of: key) : nil)
    }
    for (key, _) in old {
      for change in round.services[key] ?? [] { inverses.append(try store(change)) }
    }
    for (key, records) in old {
      noteOwnService(key)
      try publish(records, admits(key.namespace) ? self.records(of: key) : nil, &edit)
    }
  }

  /// The labels of endpoints that slices have or had: no other endpoint's name can change.
  private func labels(_ changes: [PackedChange]) -> Set<[UInt8]> {
    var labels = Set<[UInt8]>()
    for change in changes {
      for octets in [objects[PackedKey(.slice, change.key)], change.octets] {
        for endpoint in octets.map(PackedSlice.init)?.endpoints ?? [] {
          labels.insert(ServiceEndpoints.label(endpoint))
        }
      }
    }
    return labels
  }

  func publish(
    _ old: ServiceRecords?, _ new: ServiceRecords?, _ edit: inout StoreEdit
  ) throws(StoreError) {
    let zone = clusterZone
    let names = new?.names ?? []
    for name in Self.difference(old?.names.map(\.name) ?? [], names.map(\.name)) {
      try edit.remove(name, zone: zone)
    }
    for (name, sets) in names { try edit.set(name, zone: zone, sets) }
    let (gone, come) = (old?.pointers ?? [], new?.pointers ?? [])
    for pointer in Self.difference(come, gone) {
      try publishPointer(pointer, isThere: true, &edit)
    }
    for pointer in Self.difference(gone, come) {
      try publishPointer(pointer, isThere: false, &edit)
    }
  }

  /// The elements of `list` that are not in `other`.
  private static func difference<Element: Hashable>(
    _ list: [Element], _ other: [Element]
  ) -> [Element] {
    // A look at a few is cheaper than a set of them.
    if min(list.count, other.count) <= 8 { return list.filter { !other.contains($0) } }
    let other = Set(other)
    return list.filter { !other.contains($0) }
  }

  /// Changes the PTR set of an address. Names of Services come first and hide those of endpoints,
  /// and of several Services with one address only the first is shown, as CoreDNS has it; the
  /// others wait in the set until it is their turn.
  private func publishPointer(
    _ pointer: ServiceRecords.PointerTarget, isThere: Bool, _ edit: inout StoreEdit
  ) throws(StoreError) {
    guard let (zone, name) = AddressNames.reverseName(pointer.address, in: reverseZones) else {
      return
    }
    let target = pointer.name + options.primaryZone.wire
    var targets: [[UInt8]] = []
    for set in edit.sets(name, zone: zone + 1) where set.type == .ptr {
      if case .whole(let list, _) = set.data { targets += list }
    }
    targets.removeAll { $0 == target }
    if isThere { targets.append(target) }
    if targets.isEmpty { return try edit.remove(name, zone: zone + 1) }
    let visibleCount: Int
    if targets.count == 1 {
      visibleCount = 1
    } else {
      let services = targets.filter(isServiceName).sorted { $0.lexicographicallyPrecedes($1) }
      let endpoints = targets.filter { !isServiceName($0) }
        .sorted { $0.lexicographicallyPrecedes($1) }
      visibleCount = services.isEmpty ? endpoints.count : 1
      targets = services + endpoints
    }
    let data = RRset.Content.whole(targets, visibleCount: visibleCount)
    try edit.set(name, zone: zone + 1, [RRset(type: .ptr, ttl: options.ttl, data: data)])
  }

  /// A Service's name has three labels below the zone, an endpoint's four.
  private func isServiceName(_ wire: [UInt8]) -> Bool {
    let end = wire.count - options.primaryZone.wire.count
    var (labelCount, index) = (0, 0)
    while index < end {
      labelCount += 1
      index += 1 + Int(wire[index])
    }
    return labelCount == 3
  }

  // MARK: - Namespaces

  func publishNamespace(
    _ namespace: String, wasExposed: Bool, _ edit: inout StoreEdit
  ) throws(StoreError) {
    let isExposed = isExposed(namespace)
    let labels = options.pods == .disabled ? ["svc"] : ["svc", "pod"]
    for label in labels {
      guard let name = options.name([namespace, label]) else { continue }
      if isExposed {
        try edit.set(name, zone: clusterZone, [])
      } else if wasExposed {
        try edit.remove(name, zone: clusterZone)
      }
    }
  }
}
