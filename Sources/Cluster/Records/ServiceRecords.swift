import DNSWire
import RecordStore

/// All records of one Service: a pure function of the Service, its slices and the options.
struct ServiceRecords {
  /// Names relative to the cluster zone, and their sets.
  private(set) var names: [[UInt8]: [RRset]] = [:]
  /// For each address the names that its PTR records show, relative to the cluster zone, and
  /// whether they name the Service itself (which comes before endpoints).
  private(set) var pointers: [IPAddress: [PointerTarget]] = [:]

  /// One PTR target.
  struct PointerTarget: Hashable {
    var name: [UInt8]
    var isService: Bool
  }

  /// One endpoint address with one port: what an SRV record is made of. `port` is `nil` for an
  /// endpoint of a slice without ports.
  private struct Entry: Hashable {
    var label: String
    var address: IPAddress
    var portName: String
    var transportProtocol: TransportProtocol?
    var port: UInt16?
  }

  private let options: RecordOptions
  private let base: [String]

  init(_ service: Service, _ slices: [EndpointSlice], _ options: RecordOptions) {
    self.options = options
    base = [service.key.name, service.key.namespace, "svc"]
    let entries = options.ignoresEndpoints ? [] : Self.entries(slices, options)
    switch service.type {
    case .externalName:
      addExternalName(service.externalName)
    case _ where service.isHeadless:
      addEndpoints(entries)
      addHeadless(entries)
    default:
      addServicePointers(service)
      if options.ignoresEmptyServices, entries.isEmpty { return }
      addEndpoints(entries)
      addClusterIPs(service)
    }
  }

  // MARK: - Kinds of Service

  /// A CNAME to a host name; an address is none, and the name then does not exist (as CoreDNS).
  private mutating func addExternalName(_ text: String) {
    guard !text.isEmpty, IPAddress(text: text) == nil, let target = DomainName(text: text),
      target.wire.count > 1, let name = options.name(base)
    else { return }
    names[name] = [.single(.cname, ttl: options.ttl, data: target.wire)]
  }

  private mutating func addClusterIPs(_ service: Service) {
    let addresses = service.clusterIPs
    guard let name = options.name(base) else { return }
    func records(_ ports: [ServicePort]) -> [RRset] {
      // One SRV record a port; the weight counts a record for each address, as CoreDNS's does.
      let distinct = unique(ports)
      let weight = Self.weight(distinct.count * addresses.count)
      let entries = unique(distinct.map { ServiceTarget.Entry(weight: weight, port: $0.port) })
      return sets(
        addresses,
        addresses.isEmpty || entries.isEmpty
          ? [] : [ServiceTarget(name: name, entries: entries, addresses: addresses)])
    }
    names[name] = records(service.ports)
    for (key, ports) in Dictionary(grouping: service.ports, by: PortKey.init) {
      guard let portName = self.portName(key) else { continue }
      names[portName] = records(ports)
    }
  }

  /// One A or AAAA record a ready endpoint; without any the name does not exist.
  private mutating func addHeadless(_ entries: [Entry]) {
    guard !entries.isEmpty, let name = options.name(base) else { return }
    names[name] = records(entries)
    for (key, list) in Dictionary(grouping: entries, by: PortKey.init) {
      guard let portName = self.portName(key) else { continue }
      names[portName] = records(list)
    }
  }

  private mutating func addEndpoints(_ entries: [Entry]) {
    for (label, list) in Dictionary(grouping: entries, by: \.label) {
      guard let name = options.name([label] + base) else { continue }
      names[name] = records(list)
      for address in unique(list.map(\.address)) {
        pointers[address, default: []].append(PointerTarget(name: name, isService: false))
      }
    }
  }

  private mutating func addServicePointers(_ service: Service) {
    guard let name = options.name(base) else { return }
    for address in unique(service.clusterIPs) {
      pointers[address, default: []].append(PointerTarget(name: name, isService: true))
    }
  }

  // MARK: - Sets

  /// What a port name is made of; ports without a name or protocol have none.
  private struct PortKey: Hashable {
    var name: String
    var transportProtocol: TransportProtocol?

    init(_ port: ServicePort) {
      name = port.name
      transportProtocol = port.transportProtocol
    }

    init(_ entry: Entry) {
      name = entry.portName
      transportProtocol = entry.port == nil ? nil : entry.transportProtocol
    }
  }

  private func portName(_ key: PortKey) -> [UInt8]? {
    guard !key.name.isEmpty, let transportProtocol = key.transportProtocol else { return nil }
    return options.name(["_" + key.name, "_" + transportProtocol.label] + base)
  }

  /// Addresses and SRV records of endpoint entries.
  private func records(_ entries: [Entry]) -> [RRset] {
    let weight = Self.weight(entries.count)
    var order: [String] = []
    var byLabel: [String: [Entry]] = [:]
    for entry in entries {
      if byLabel[entry.label] == nil { order.append(entry.label) }
      byLabel[entry.label, default: []].append(entry)
    }
    let targets = order.compactMap { label -> ServiceTarget? in
      let list = byLabel[label] ?? []
      let ports = unique(
        list.compactMap { $0.port.map { ServiceTarget.Entry(weight: weight, port: $0) } })
      guard !ports.isEmpty, let name = options.name([label] + base) else { return nil }
      return ServiceTarget(name: name, entries: ports, addresses: unique(list.map(\.address)))
    }
    return sets(unique(entries.map(\.address)), targets)
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

  /// Every ready address with every port, once each.
  private static func entries(_ slices: [EndpointSlice], _ options: RecordOptions) -> [Entry] {
    var seen = Set<Entry>()
    var result: [Entry] = []
    for slice in slices {
      for endpoint in slice.endpoints where endpoint.isReady {
        for address in endpoint.addresses {
          let label = label(endpoint, address, options)
          var entry = Entry(label: label, address: address, portName: "")
          if slice.ports.isEmpty, seen.insert(entry).inserted { result.append(entry) }
          for port in slice.ports {
            entry.portName = port.name
            entry.transportProtocol = port.transportProtocol
            entry.port = port.port
            if seen.insert(entry).inserted { result.append(entry) }
          }
        }
      }
    }
    return result
  }

  /// An endpoint's label: its hostname, its pod's name when asked for and fit, else its address.
  private static func label(
    _ endpoint: Endpoint, _ address: IPAddress, _ options: RecordOptions
  ) -> String {
    if !endpoint.hostname.isEmpty { return endpoint.hostname }
    if options.usesEndpointPodNames,
      (1...WireLimits.labelOctetCountMax).contains(endpoint.podName.utf8.count),
      !endpoint.podName.contains(".")
    {
      return endpoint.podName
    }
    return AddressNames.label(address)
  }
}

/// The distinct elements, each where it was first.
package func unique<Element: Hashable>(_ list: [Element]) -> [Element] {
  var seen = Set<Element>()
  return list.filter { seen.insert($0).inserted }
}
