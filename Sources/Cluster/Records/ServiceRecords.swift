import DNSWire
import RecordStore

/// Records of one Service: a pure function of the Service, its slices and the options.
struct ServiceRecords {
  /// Names relative to the cluster zone, each once, and their sets.
  private(set) var names: [(name: [UInt8], sets: [RRset])] = []
  /// PTR targets, relative to the cluster zone, and whether they name the Service itself (which
  /// comes before endpoints).
  private(set) var pointers: [PointerTarget] = []

  /// One PTR target and the address that it belongs to.
  struct PointerTarget: Hashable {
    var address: IPAddress
    var name: [UInt8]
    var isService: Bool
  }

  private let options: RecordOptions
  /// The Service's own name; `nil` where it is too long to exist.
  private let base: [UInt8]?

  /// With `only`, of the endpoints' own names just those with these labels: the others are as they
  /// were.
  init(
    _ key: ObjectKey, _ service: PackedService, _ slices: [PackedSlice], _ options: RecordOptions,
    only: Set<[UInt8]>? = nil
  ) {
    self.options = options
    base = options.name([key.name, key.namespace, "svc"])
    guard base != nil else { return }
    var slices = options.ignoresEndpoints ? [] : slices
    let isEmpty = slices.allSatisfy(\.endpoints.isEmpty)
    if let only, !service.isHeadless {
      for index in slices.indices {
        slices[index].endpoints.removeAll { !only.contains(ServiceEndpoints.label($0)) }
      }
    }
    let endpoints = ServiceEndpoints(slices)
    switch service.type {
    case .externalName:
      addExternalName(String(decoding: service.externalName, as: UTF8.self))
    case _ where service.isHeadless:
      addEndpoints(endpoints, only)
      addHeadless(endpoints)
    default:
      addServicePointers(service)
      if options.ignoresEmptyServices, isEmpty { return }
      addEndpoints(endpoints, only)
      addClusterIPs(service)
    }
  }

  /// `front`'s labels before the Service's name; `nil` where one or the whole is too long.
  private func name(_ front: [[UInt8]]) -> [UInt8]? {
    guard let base else { return nil }
    var wire: [UInt8] = []
    wire.reserveCapacity(64)
    for label in front {
      guard Self.append(label, to: &wire) else { return nil }
    }
    wire += base
    let zoneOctetCount = max(options.zoneOctetCountMax, options.primaryZone.wire.count)
    return wire.count + zoneOctetCount <= WireLimits.nameOctetCountMax ? wire : nil
  }

  /// Appends a label, or several with dots between them: an endpoint of another cluster has a
  /// label of its own and those of the cluster. Whether they can be labels.
  private static func append(_ text: [UInt8], to wire: inout [UInt8]) -> Bool {
    var start = wire.count
    wire.append(0)
    for octet in text {
      guard octet == UInt8(ascii: ".") else {
        wire.append(DomainName.folded(octet))
        continue
      }
      guard endLabel(at: start, &wire) else { return false }
      start = wire.count
      wire.append(0)
    }
    return endLabel(at: start, &wire)
  }

  private static func endLabel(at start: Int, _ wire: inout [UInt8]) -> Bool {
    let length = wire.count - start - 1
    guard (1...WireLimits.labelOctetCountMax).contains(length) else { return false }
    wire[start] = UInt8(truncatingIfNeeded: length)
    return true
  }

  // MARK: - Kinds of Service

  /// A CNAME to a host name; an address is none, and the name then does not exist (as CoreDNS).
  private mutating func addExternalName(_ text: String) {
    guard !text.isEmpty, IPAddress(text: text) == nil, let target = DomainName(text: text),
      target.wire.count > 1, let base
    else { return }
    names.append((base, [.single(.cname, ttl: options.ttl, data: target.wire)]))
  }

  private mutating func addClusterIPs(_ service: PackedService) {
    let addresses = service.clusterIPs
    guard let base else { return }
    func records(_ ports: [PackedPort]) -> [RRset] {
      // One SRV record a port; the weight counts a record for each address, as CoreDNS's does.
      let distinct = unique(ports)
      let weight = Self.weight(distinct.count * addresses.count)
      let entries = unique(distinct.map { ServiceTarget.Entry(weight: weight, port: $0.port) })
      return sets(
        addresses,
        addresses.isEmpty || entries.isEmpty
          ? [] : [ServiceTarget(name: base, entries: entries, addresses: addresses)])
    }
    names.append((base, records(service.ports)))
    for (key, ports) in Dictionary(grouping: service.ports, by: PortKey.init) {
      if let portName = portName(key) { names.append((portName, records(ports))) }
    }
  }

  /// One A or AAAA record a ready endpoint; without any the name does not exist.
  private mutating func addHeadless(_ endpoints: ServiceEndpoints) {
    guard !endpoints.entries.isEmpty, let base else { return }
    names.append((base, records(endpoints, endpoints.entries[...])))
    for (key, indices) in Dictionary(
      grouping: endpoints.ports.indices, by: { PortKey(endpoints.ports[$0]) })
    {
      guard let portName = portName(key) else { continue }
      let ports = Set(indices)
      let list = endpoints.entries.filter { ports.contains($0.port) }
      if !list.isEmpty { names.append((portName, records(endpoints, list[...]))) }
    }
  }

  private mutating func addEndpoints(_ endpoints: ServiceEndpoints, _ only: Set<[UInt8]>?) {
    names.reserveCapacity(endpoints.labels.count + 3)
    endpoints.forEachLabel { label, entries in
      if let only, !only.contains(label) { return }
      guard let name = name([label]) else { return }
      names.append((name, records(endpoints, entries)))
      for address in unique(entries.map(\.address)) {
        pointers.append(PointerTarget(address: address, name: name, isService: false))
      }
    }
  }

  private mutating func addServicePointers(_ service: PackedService) {
    guard let base else { return }
    for address in unique(service.clusterIPs) {
      pointers.append(PointerTarget(address: address, name: base, isService: true))
    }
  }

  // MARK: - Sets

  /// What a port name is made of; ports without a name have none.
  private struct PortKey: Hashable {
    var name: [UInt8]
    var transportProtocol: TransportProtocol

    init(_ port: PackedPort) {
      name = port.name
      transportProtocol = port.transportProtocol
    }
  }

  private func portName(_ key: PortKey) -> [UInt8]? {
    guard !key.name.isEmpty else { return nil }
    let underscore = [UInt8(ascii: "_")]
    return name([underscore + key.name, underscore + key.transportProtocol.label.utf8])
  }

  /// Addresses and SRV records of endpoint entries.
  private func records(
    _ endpoints: ServiceEndpoints, _ entries: ArraySlice<ServiceEndpoints.Entry>
  ) -> [RRset] {
    let weight = Self.weight(entries.count)
    var targets: [ServiceTarget] = []
    var placeOfLabel: [Int: Int] = [:]
    var lastLabel = -1
    var last: Int?
    for entry in entries where entry.port >= 0 {
      let port = ServiceTarget.Entry(weight: weight, port: endpoints.ports[entry.port].port)
      // Entries of one endpoint mostly stand together.
      if entry.label != lastLabel {
        if lastLabel >= 0 { placeOfLabel[lastLabel] = last }
        last = placeOfLabel[entry.label]
        lastLabel = entry.label
        if last == nil, let name = name([endpoints.labels[entry.label]]) {
          last = targets.count
          targets.append(ServiceTarget(name: name, entries: [], addresses: []))
        }
      }
      guard let last else { continue }
      targets[last].entries.append(port)
      targets[last].addresses.append(entry.address)
    }
    for index in targets.indices {
      targets[index].entries = unique(targets[index].entries)
      targets[index].addresses = unique(targets[index].addresses)
    }
    return sets(entries.map(\.address), targets)
  }

  private func sets(_ addresses: [IPAddress], _ targets: [ServiceTarget]) -> [RRset] {
    var sets: [RRset] = []
    if let v4 = RRset.addresses(addresses, family: .v4, ttl: options.ttl) { sets.append(v4) }
    if let v6 = RRset.addresses(addresses, family: .v6, ttl: options.ttl) { sets.append(v6) }
    if !targets.isEmpty {
      sets.append(RRset(type: .srv, ttl: options.ttl, data: .targets(targets)))
    }
    return sets
  }

  /// CoreDNS's weight: an equal share of 100, at least 1. Here duplicates do not count.
  private static func weight(_ count: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: max(1, 100 / max(1, count)))
  }
}
