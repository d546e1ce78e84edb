import DNSWire
import RecordStore

/// The cluster as far as DNS sees it: objects by key, and how changes to them become store edits.
///
/// A change touches the names of the Services it is about and nothing else: their records are
/// computed before and after, and the difference is the edit. Zone 0 of the store is the cluster
/// zone, the reverse zones follow in the order of `options.reverseZones`.
struct ClusterModel {
  let options: RecordOptions
  private var services: [ObjectKey: Service] = [:]
  /// Slices by the Service they belong to, then by their own key.
  private var slices: [ObjectKey: [ObjectKey: EndpointSlice]] = [:]
  private var serviceOfSlice: [ObjectKey: ObjectKey] = [:]
  private var namespaces: [String: Namespace] = [:]
  private var pods: [String: [ObjectKey: Pod]] = [:]
  /// Services whose slices hold one of this server's own addresses.
  private var ownServices: Set<ObjectKey> = []
  private var servicesByNamespace: [String: Set<ObjectKey>] = [:]

  init(options: RecordOptions) {
    self.options = options
  }

  /// The store's number of the cluster zone.
  static let clusterZone = 0

  // MARK: - Applying

  /// Applies a round of changes to the objects and makes the edits that follow.
  /// `inverses` collects what undoes them.
  mutating func apply(
    _ changes: [ObjectChange], to edit: inout StoreEdit, inverses: inout [ObjectChange]
  ) throws(StoreError) {
    let impliedBefore = impliesNamespaces
    var dirty = Set<ObjectKey>()
    var dirtyNamespaces = Set<String>()
    var dirtyPodNamespaces = Set<String>()
    for change in changes { note(change, &dirty, &dirtyNamespaces, &dirtyPodNamespaces) }
    // Where objects imply their namespace, its own name may come or go with them; that changes no
    // other object's records.
    let named =
      impliesNamespaces
      ? Set(changes.lazy.filter { $0.kind != .namespace }.map(\.key.namespace)) : []
    let namespaceObjectsMove = changes.contains { $0.kind == .namespace }
    if namespaceObjectsMove && (impliedBefore || namespaces.count <= changes.count) {
      // Whether namespaces are implied may flip: look at all of them, those included that only
      // this round's objects name.
      dirtyNamespaces.formUnion(servicesByNamespace.keys)
      dirtyNamespaces.formUnion(pods.keys)
      dirtyNamespaces.formUnion(changes.lazy.map(\.key.namespace).filter { !$0.isEmpty })
    }
    for namespace in dirtyNamespaces { dirty.formUnion(servicesByNamespace[namespace] ?? []) }
    dirtyPodNamespaces.formUnion(dirtyNamespaces)

    let before = dirty.map { ($0, records(of: $0)) }
    let podsBefore = dirtyPodNamespaces.map { ($0, podNames($0)) }
    let touchedNamespaces = dirtyNamespaces.union(named)
    let namespacesBefore = Set(touchedNamespaces.filter(isExposed))
    for change in changes {
      inverses.append(inverse(change))
      store(change)
    }

    for namespace in touchedNamespaces.sorted() {
      try publishNamespace(namespace, wasExposed: namespacesBefore.contains(namespace), &edit)
    }
    for (key, old) in before { try publish(old, records(of: key), &edit) }
    for (namespace, old) in podsBefore { try publishPods(namespace, old, &edit) }
    if !dirty.isEmpty { try publishNameServers(&edit) }
  }

  /// Declares what exists in every cluster: the fixed names of the zones.
  func declareZones(_ edit: inout StoreEdit) throws(StoreError) {
    let ttl = options.ttl
    let version = Array(RecordOptions.specificationVersion.utf8)
    let text = [UInt8(truncatingIfNeeded: version.count)] + version
    for label in ["svc", "pod"] {
      try edit.set(relativeName([label]) ?? [], zone: Self.clusterZone, [])
    }
    try edit.set(
      relativeName(["dns-version"]) ?? [], zone: Self.clusterZone,
      [.single(.txt, ttl: RecordOptions.versionTTL, data: text)])
    let addresses = options.serverAddresses
    var sets: [RRset] = []
    if let v4 = RRset.addresses(addresses, family: .v4, ttl: ttl) { sets.append(v4) }
    if let v6 = RRset.addresses(addresses, family: .v6, ttl: ttl) { sets.append(v6) }
    let target = ServiceTarget(
      name: Self.defaultNameServer, entries: [.init(weight: 0, port: 0)], addresses: addresses)
    for zone in 0...options.reverseZones.count {
      try edit.set(Self.defaultNameServer, zone: zone, sets)
      try edit.set([], zone: zone, [RRset(type: .ns, ttl: ttl, data: .targets([target]))])
    }
  }

  /// `ns.dns`, the zones' name server unless a Service of the cluster turns out to be this server.
  private static let defaultNameServer = relativeName(["ns", "dns"]) ?? []

  // MARK: - Objects

  /// Manifests without a single Namespace object (a chart's, say) imply those that they name.
  private var impliesNamespaces: Bool { namespaces.isEmpty }

  /// Whether a namespace exists and is not filtered away.
  private func isExposed(_ name: String) -> Bool {
    if !options.namespaces.isEmpty, !options.namespaces.contains(name) { return false }
    guard let namespace = namespaces[name] else {
      return impliesNamespaces && options.namespaceSelector == nil && isNamed(name)
    }
    return options.namespaceSelector?.matches(namespace.labels) ?? true
  }

  private func isNamed(_ namespace: String) -> Bool {
    !(servicesByNamespace[namespace] ?? []).isEmpty || !(pods[namespace] ?? [:]).isEmpty
  }

  /// Which Services and namespaces a change is about.
  private func note(
    _ change: ObjectChange, _ dirty: inout Set<ObjectKey>, _ dirtyNamespaces: inout Set<String>,
    _ dirtyPodNamespaces: inout Set<String>
  ) {
    let key = change.key
    switch change.kind {
    case .service:
      dirty.insert(key)
    case .endpointSlice:
      if let old = serviceOfSlice[key] { dirty.insert(old) }
      if case .set(.endpointSlice(let slice)) = change {
        dirty.insert(ObjectKey(namespace: key.namespace, name: slice.serviceName))
      }
    case .namespace: dirtyNamespaces.insert(key.name)
    case .pod:
      if options.pods == .verified { dirtyPodNamespaces.insert(key.namespace) }
    }
  }

  private mutating func store(_ change: ObjectChange) {
    let key = change.key
    switch change.kind {
    case .endpointSlice:
      if let old = serviceOfSlice.removeValue(forKey: key) {
        slices[old]?[key] = nil
        if slices[old]?.isEmpty ?? false { slices[old] = nil }
        noteOwnService(old)
      }
    case .service:
      services[key] = nil
      servicesByNamespace[key.namespace]?.remove(key)
      if servicesByNamespace[key.namespace]?.isEmpty ?? false {
        servicesByNamespace[key.namespace] = nil
      }
    case .namespace: namespaces[key.name] = nil
    case .pod:
      pods[key.namespace]?[key] = nil
      if pods[key.namespace]?.isEmpty ?? false { pods[key.namespace] = nil }
    }
    guard case .set(let object) = change else { return }
    switch object {
    case .service(let service):
      guard options.selector?.matches(service.labels) ?? true else { return }
      services[key] = service
      servicesByNamespace[key.namespace, default: []].insert(key)
    case .endpointSlice(let slice):
      guard !options.ignoresEndpoints, options.selector?.matches(slice.labels) ?? true else {
        return
      }
      let owner = ObjectKey(namespace: key.namespace, name: slice.serviceName)
      serviceOfSlice[key] = owner
      slices[owner, default: [:]][key] = slice
      noteOwnService(owner)
    case .namespace(let namespace): namespaces[key.name] = namespace
    case .pod(let pod):
      // Pods are only looked at to verify their names.
      if options.pods == .verified { pods[key.namespace, default: [:]][key] = pod }
    }
  }

  /// What `change` would have to be undone with.
  private func inverse(_ change: ObjectChange) -> ObjectChange {
    let key = change.key
    let old: ClusterObject? =
      switch change.kind {
      case .service: services[key].map(ClusterObject.service)
      case .endpointSlice:
        serviceOfSlice[key].flatMap { slices[$0]?[key] }.map(ClusterObject.endpointSlice)
      case .namespace: namespaces[key.name].map(ClusterObject.namespace)
      case .pod: pods[key.namespace]?[key].map(ClusterObject.pod)
      }
    return old.map(ObjectChange.set) ?? .delete(change.kind, key)
  }

  /// Puts the objects back as they were before changes whose edit failed.
  mutating func undo(_ inverses: [ObjectChange]) {
    for change in inverses.reversed() { store(change) }
  }

  private mutating func noteOwnService(_ key: ObjectKey) {
    let own = options.serverAddresses
    let leadsHere = (slices[key] ?? [:]).values.contains { slice in
      slice.endpoints.contains { $0.isReady && $0.addresses.contains(where: own.contains) }
    }
    if leadsHere {
      ownServices.insert(key)
    } else {
      ownServices.remove(key)
    }
  }

  // MARK: - Services

  /// The records of a Service as things stand; none when it does not exist or is not exposed.
  private func records(of key: ObjectKey) -> ServiceRecords? {
    guard let service = services[key], isExposed(key.namespace) else { return nil }
    let own = slices[key] ?? [:]
    return ServiceRecords(service, own.keys.sorted().compactMap { own[$0] }, options)
  }

  private func publish(
    _ old: ServiceRecords?, _ new: ServiceRecords?, _ edit: inout StoreEdit
  ) throws(StoreError) {
    let names = new?.names ?? [:]
    for name in (old?.names ?? [:]).keys where names[name] == nil {
      try edit.remove(name, zone: Self.clusterZone)
    }
    for (name, sets) in names { try edit.set(name, zone: Self.clusterZone, sets) }
    let oldPointers = old?.pointers ?? [:]
    let newPointers = new?.pointers ?? [:]
    for address in Set(oldPointers.keys).union(newPointers.keys) {
      let gone = oldPointers[address] ?? []
      let come = newPointers[address] ?? []
      if gone == come { continue }
      try publishPointers(address, remove: gone, add: come, &edit)
    }
  }

  /// Changes the PTR set of an address. Names of Services come first and hide those of endpoints,
  /// and of several Services with one address only the first is shown, as CoreDNS has it; the
  /// others wait in the set until it is their turn.
  private func publishPointers(
    _ address: IPAddress, remove: [ServiceRecords.PointerTarget],
    add: [ServiceRecords.PointerTarget], _ edit: inout StoreEdit
  ) throws(StoreError) {
    guard let (zone, name) = AddressNames.reverseName(address, in: options.reverseZones) else {
      return
    }
    var targets = Set<[UInt8]>()
    for set in edit.sets(name, zone: zone + 1) where set.type == .ptr {
      if case .whole(let list, _) = set.data { targets.formUnion(list) }
    }
    targets.subtract(remove.map(absolute))
    targets.formUnion(add.map(absolute))
    if targets.isEmpty { return try edit.remove(name, zone: zone + 1) }
    let services = targets.filter(isServiceName).sorted { $0.lexicographicallyPrecedes($1) }
    let endpoints = targets.subtracting(services).sorted { $0.lexicographicallyPrecedes($1) }
    let visibleCount = services.isEmpty ? endpoints.count : 1
    try edit.set(
      name, zone: zone + 1,
      [
        RRset(
          type: .ptr, ttl: options.ttl,
          data: .whole(services + endpoints, visibleCount: visibleCount))
      ])
  }

  private func absolute(_ target: ServiceRecords.PointerTarget) -> [UInt8] {
    target.name + options.primaryZone.wire
  }

  /// A Service's name has three labels below the zone, an endpoint's four.
  private func isServiceName(_ wire: [UInt8]) -> Bool {
    (DomainName(wire: wire)?.labelCount ?? 0) == options.primaryZone.labelCount + 3
  }

  // MARK: - Namespaces and pods

  private func publishNamespace(
    _ namespace: String, wasExposed: Bool, _ edit: inout StoreEdit
  ) throws(StoreError) {
    let isExposed = isExposed(namespace)
    let labels = options.pods == .disabled ? ["svc"] : ["svc", "pod"]
    for label in labels {
      guard let name = options.name([namespace, label]) else { continue }
      if isExposed {
        try edit.set(name, zone: Self.clusterZone, [])
      } else if wasExposed {
        try edit.remove(name, zone: Self.clusterZone)
      }
    }
  }

  /// The addresses of the pods of a namespace that have names, in verified mode.
  private func podNames(_ namespace: String) -> Set<IPAddress> {
    guard options.pods == .verified, isExposed(namespace) else { return [] }
    var result = Set<IPAddress>()
    for pod in (pods[namespace] ?? [:]).values where !pod.isFinished { result.formUnion(pod.ips) }
    return result
  }

  private func publishPods(
    _ namespace: String, _ old: Set<IPAddress>, _ edit: inout StoreEdit
  ) throws(StoreError) {
    let new = podNames(namespace)
    func name(_ address: IPAddress) -> [UInt8]? {
      options.name([AddressNames.label(address), namespace, "pod"])
    }
    for address in old.subtracting(new) {
      if let name = name(address) { try edit.remove(name, zone: Self.clusterZone) }
    }
    for address in new.subtracting(old) {
      guard let name = name(address),
        let set = RRset.addresses([address], family: address.family, ttl: options.ttl)
      else { continue }
      try edit.set(name, zone: Self.clusterZone, [set])
    }
  }

  // MARK: - Name servers

  /// The endpoints of a headless Service as name servers.
  private func endpointTargets(of key: ObjectKey) -> [ServiceTarget] {
    var addresses: [[UInt8]: [IPAddress]] = [:]
    for (address, targets) in records(of: key)?.pointers ?? [:] {
      for target in targets where !target.isService {
        addresses[target.name, default: []].append(address)
      }
    }
    return addresses.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { name, list in
      ServiceTarget(
        name: name, entries: [.init(weight: 0, port: 0)],
        addresses: list.sorted { ($0.high, $0.low) < ($1.high, $1.low) })
    }
  }

  /// Names the Services that lead to this server as the cluster zone's name servers; without any,
  /// `ns.dns` stays.
  private func publishNameServers(_ edit: inout StoreEdit) throws(StoreError) {
    if options.serverAddresses.isEmpty { return }
    var targets: [ServiceTarget] = []
    for key in ownServices.sorted() where isExposed(key.namespace) {
      guard let service = services[key] else { continue }
      if service.isHeadless {
        targets += endpointTargets(of: key)
      } else if !service.clusterIPs.isEmpty,
        let name = options.name([key.name, key.namespace, "svc"])
      {
        targets.append(
          ServiceTarget(
            name: name, entries: [.init(weight: 0, port: 0)], addresses: service.clusterIPs))
      }
    }
    if targets.isEmpty {
      targets = [
        ServiceTarget(
          name: Self.defaultNameServer, entries: [.init(weight: 0, port: 0)],
          addresses: options.serverAddresses)
      ]
    }
    try edit.set(
      [], zone: Self.clusterZone,
      [RRset(type: .ns, ttl: options.ttl, data: .targets(targets))])
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
