import DNSWire
import RecordStore

extension ClusterModel {
  /// `ns.dns`, the zones' name server unless a Service of the cluster turns out to be this server.
  private static let defaultNameServer = relativeName(["ns", "dns"]) ?? []

  /// Declares what exists in every cluster: the fixed names of the zones.
  func declareZones(_ edit: inout StoreEdit) throws(StoreError) {
    let ttl = options.ttl
    let version = Array(RecordOptions.specificationVersion.utf8)
    let text = [UInt8(truncatingIfNeeded: version.count)] + version
    for label in ["svc", "pod"] {
      try edit.set(relativeName([label]) ?? [], zone: clusterZone, [])
    }
    try edit.set(
      relativeName(["dns-version"]) ?? [], zone: clusterZone,
      [.single(.txt, ttl: RecordOptions.versionTTL, data: text)])
    let addresses = options.serverAddresses
    var sets: [RRset] = []
    if let v4 = RRset.addresses(addresses, family: .v4, ttl: ttl) { sets.append(v4) }
    if let v6 = RRset.addresses(addresses, family: .v6, ttl: ttl) { sets.append(v6) }
    let target = ServiceTarget(
      name: Self.defaultNameServer, entries: [.init(weight: 0, port: 0)], addresses: addresses)
    for zone in [clusterZone] + reverseZones.indices.map({ $0 + 1 }) {
      try edit.set(Self.defaultNameServer, zone: zone, sets)
      try edit.set([], zone: zone, [RRset(type: .ns, ttl: ttl, data: .targets([target]))])
    }
  }

  /// The endpoints of a headless Service as name servers.
  private func endpointTargets(of key: ObjectKey) -> [ServiceTarget] {
    var addresses: [[UInt8]: [IPAddress]] = [:]
    ServiceRecords(key, options)?.forEachEndpoint(endpoints(of: key)) { name, list, _ in
      addresses[name, default: []] += list
    }
    return addresses.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { name, list in
      ServiceTarget(
        name: name, entries: [.init(weight: 0, port: 0)],
        addresses: list.sorted { ($0.high, $0.low) < ($1.high, $1.low) })
    }
  }

  /// Names the Services that lead to this server as the cluster zone's name servers; without any,
  /// `ns.dns` stays.
  func publishNameServers(_ edit: inout StoreEdit) throws(StoreError) {
    if options.serverAddresses.isEmpty { return }
    var targets: [ServiceTarget] = []
    for key in ownServices.sorted() where admits(key.namespace) {
      guard let service = service(key) else { continue }
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
      [], zone: clusterZone,
      [RRset(type: .ns, ttl: options.ttl, data: .targets(targets))])
  }
}
