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
      try publishServices([key], list, round, &edit, &inverses)
    }
    let joint = round.joint.sorted()
    let shared = joint.flatMap { round.services[$0] ?? [] }
    try publishServices(joint, shared, round, &edit, &inverses)
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
      for owner in owners(change, inverse.octets) { noteOwnService(owner, nil) }
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
