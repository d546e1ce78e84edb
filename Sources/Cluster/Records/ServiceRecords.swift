import DNSWire
import RecordStore

/// Names and records of one Service: a pure function of the Service, its endpoints and the options.
struct ServiceRecords {
  /// One PTR target and the address that it belongs to.
  struct PointerTarget: Hashable {
    var address: IPAddress
    /// Relative to the cluster zone.
    var name: [UInt8]
  }

  /// A name, relative to the cluster zone, and how its sets are made.
  typealias OwnName = (name: [UInt8], sets: () -> [RRset])

  private let options: RecordOptions
  /// The Service's own name.
  private let base: [UInt8]

  /// `nil` where the Service's name is too long to exist.
  init?(_ key: ObjectKey, _ options: RecordOptions) {
    guard let base = options.name([key.name, key.namespace, "svc"]) else { return nil }
    self.options = options
    self.base = base
  }

  /// `front`'s labels before the Service's name; `nil` where one or the whole is too long.
  private func name(_ front: ArraySlice<UInt8>...) -> [UInt8]? {
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
  private static func append(_ text: ArraySlice<UInt8>, to wire: inout [UInt8]) -> Bool {
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

  // MARK: - Endpoints

  /// Whether endpoints of a Service have names.
  static func namesEndpoints(_ service: PackedService?) -> Bool {
    service.map { $0.type != .externalName } ?? false
  }

  /// Each endpoint's name, its addresses and how its sets are made.
  func forEachEndpoint<Failure: Error>(
    _ endpoints: ServiceEndpoints,
    _ body: ([UInt8], [IPAddress], () -> [RRset]) throws(Failure) -> Void
  ) throws(Failure) {
    try endpoints.forEachLabel { (label, entries) throws(Failure) in
      guard let name = name(label) else { return }
      let addresses = unique(entries.map(\.address))
      try body(name, addresses) {
        endpointSets(endpoints, name, addresses, entries) ?? records(endpoints, entries)
      }
    }
  }

  /// The sets of an endpoint with one address, as nearly all are.
  private func endpointSets(
    _ endpoints: ServiceEndpoints, _ name: [UInt8], _ addresses: [IPAddress],
    _ entries: ArraySlice<ServiceEndpoints.Entry>
  ) -> [RRset]? {
    guard addresses.count == 1 else { return nil }
    let type: RRType = addresses[0].family == .v4 ? .a : .aaaa
    let address = RRset(type: type, ttl: options.ttl, data: .addresses(addresses))
    let weight = Self.weight(entries.count)
    let ports = unique(
      entries.lazy.filter { $0.port >= 0 }.map {
        ServiceTarget.Entry(weight: weight, port: endpoints.ports[Int($0.port)].port)
      })
    if ports.isEmpty { return [address] }
    let target = ServiceTarget(name: name, entries: ports, addresses: addresses)
    return [address, RRset(type: .srv, ttl: options.ttl, data: .targets([target]))]
  }

  // MARK: - The Service's own names

  /// The Service's own names; `endpoints` are asked for by headless ones only.
  func ownNames(_ service: PackedService, _ endpoints: () -> ServiceEndpoints) -> [OwnName] {
    if service.type == .externalName { return alias(service.externalName) }
    return service.isHeadless ? headless(endpoints()) : clusterIPs(service)
  }

  /// The PTR records of the Service itself.
  func ownPointers(_ service: PackedService) -> [PointerTarget] {
    if service.type == .externalName || service.isHeadless { return [] }
    return unique(service.clusterIPs).map { PointerTarget(address: $0, name: base) }
  }

  /// A CNAME to a host name; an address is none, and the name then does not exist (as CoreDNS).
  private func alias(_ octets: [UInt8]) -> [OwnName] {
    let text = String(decoding: octets, as: UTF8.self)
    guard !text.isEmpty, IPAddress(text: text) == nil, let target = DomainName(text: text),
      target.wire.count > 1
    else { return [] }
    return [(base, { [.single(.cname, ttl: options.ttl, data: target.wire)] })]
  }

  private func clusterIPs(_ service: PackedService) -> [OwnName] {
    let addresses = service.clusterIPs
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
    var names: [OwnName] = [(base, { records(service.ports) })]
    for (key, ports) in Dictionary(grouping: service.ports, by: PortKey.init) {
      if let portName = portName(key) { names.append((portName, { records(ports) })) }
    }
    return names
  }

  /// One A or AAAA record a ready endpoint; without any the name does not exist.
  private func headless(_ endpoints: ServiceEndpoints) -> [OwnName] {
    if endpoints.entries.isEmpty { return [] }
    var names: [OwnName] = [(base, { records(endpoints, endpoints.entries[...]) })]
    let groups = Dictionary(
      grouping: endpoints.ports.indices, by: { PortKey(endpoints.ports[$0]) })
    for (key, indices) in groups {
      guard let portName = portName(key) else { continue }
      let isAll = indices.count == endpoints.ports.count
      names.append(
        (
          portName,
          {
            let ports = Set(indices.map { Int32(truncatingIfNeeded: $0) })
            let list =
              isAll && endpoints.entries.allSatisfy { $0.port >= 0 }
              ? endpoints.entries : endpoints.entries.filter { ports.contains($0.port) }
            return records(endpoints, list[...])
          }
        ))
    }
    return names
  }

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
    return name(
      (underscore + key.name)[...], (underscore + key.transportProtocol.label.utf8)[...])
  }

  // MARK: - Sets

  /// Addresses and SRV records of endpoint entries, no more of them than a set can have.
  private func records(
    _ endpoints: ServiceEndpoints, _ entries: ArraySlice<ServiceEndpoints.Entry>
  ) -> [RRset] {
    let weight = Self.weight(entries.count)
    var targets: [ServiceTarget] = []
    var placeOfLabel: [Int32: Int] = [:]
    var lastLabel: Int32 = -1
    var last: Int?
    for entry in entries.prefix(RRset.recordCountMax) where entry.port >= 0 {
      let port = ServiceTarget.Entry(weight: weight, port: endpoints.ports[Int(entry.port)].port)
      // Entries of one endpoint mostly stand together.
      if entry.label != lastLabel {
        if lastLabel >= 0 { placeOfLabel[lastLabel] = last }
        last = placeOfLabel[entry.label]
        lastLabel = entry.label
        if last == nil, let name = name(endpoints.label(entry.label)) {
          last = targets.count
          targets.append(ServiceTarget(name: name, entries: [], addresses: []))
        }
      }
      guard let last else { continue }
      targets[last].entries.append(port)
      targets[last].addresses.append(entry.address)
    }
    for index in targets.indices where targets[index].entries.count > 1 {
      targets[index].entries = unique(targets[index].entries)
      targets[index].addresses = unique(targets[index].addresses)
    }
    return sets(entries.lazy.map(\.address), targets)
  }

  private func sets(
    _ addresses: some Collection<IPAddress>, _ targets: [ServiceTarget]
  ) -> [RRset] {
    var sets: [RRset] = []
    for family in [IPAddress.Family.v4, .v6]
    where addresses.contains(where: { $0.family == family }) {
      if let set = RRset.addresses(Array(addresses), family: family, ttl: options.ttl) {
        sets.append(set)
      }
    }
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
