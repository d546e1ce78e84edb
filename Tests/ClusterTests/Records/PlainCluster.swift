import Cluster
import DNSWire

/// The records of a cluster the plain way: dictionaries of text, made anew from all objects, with
/// the default options. Aliases and SRV weights are left out.
struct PlainCluster {
  /// Lines `NAME TYPE DATA` as `RecordWorld` has them, SRV without weight.
  private(set) var lines = Set<String>()
  private var servicePointers: [IPAddress: Set<String>] = [:]
  private var endpointPointers: [IPAddress: Set<String>] = [:]

  /// One endpoint address with one port.
  private struct Entry {
    var label: String
    var address: IPAddress
    var port: EndpointPort?
  }

  /// The records of these objects.
  init(_ objects: some Sequence<ClusterObject>) {
    var namespaces = Set<String>()
    var services: [Service] = []
    var entries: [ObjectKey: [Entry]] = [:]
    for object in objects {
      switch object {
      case .namespace(let namespace): namespaces.insert(namespace.name)
      case .service(let service): services.append(service)
      case .endpointSlice(let slice):
        let owner = ObjectKey(namespace: slice.key.namespace, name: slice.serviceName)
        entries[owner, default: []] += Self.entries(slice)
      case .pod, .serviceImport: break
      }
    }
    for service in services
    where namespaces.isEmpty || namespaces.contains(service.key.namespace) {
      add(service, entries[service.key] ?? [])
    }
    addPointers()
  }

  private static func entries(_ slice: EndpointSlice) -> [Entry] {
    slice.endpoints.filter(\.isReady).flatMap { endpoint in
      endpoint.addresses.flatMap { address in
        let label = endpoint.hostname.isEmpty ? AddressNames.label(address) : endpoint.hostname
        let ports: [EndpointPort?] = slice.ports.isEmpty ? [nil] : slice.ports
        return ports.map { Entry(label: label, address: address, port: $0) }
      }
    }
  }

  private mutating func add(_ service: Service, _ entries: [Entry]) {
    let base = "\(service.key.name).\(service.key.namespace).svc"
    if service.type == .externalName { return }
    for entry in entries {
      let name = "\(entry.label).\(base)"
      add(name, entry.address, entry.port?.port, to: name)
      endpointPointers[entry.address, default: []].insert(name)
      guard service.isHeadless else { continue }
      add(base, entry.address, entry.port?.port, to: name)
      guard let port = entry.port, !port.name.isEmpty else { continue }
      add(
        "_\(port.name)._\(port.transportProtocol.label).\(base)", entry.address, port.port, to: name
      )
    }
    if service.isHeadless { return }
    for address in service.clusterIPs {
      add(base, address, nil, to: base)
      servicePointers[address, default: []].insert(base)
      for port in service.ports {
        add(base, address, port.port, to: base)
        if port.name.isEmpty { continue }
        add("_\(port.name)._\(port.transportProtocol.label).\(base)", address, port.port, to: base)
      }
    }
  }

  private mutating func add(
    _ name: String, _ address: IPAddress, _ port: UInt16?, to target: String
  ) {
    lines.insert("\(name) \(address.family == .v4 ? "A" : "AAAA") \(address)")
    if let port { lines.insert("\(name) SRV \(port) \(target)") }
  }

  private mutating func addPointers() {
    for address in Set(servicePointers.keys).union(endpointPointers.keys) {
      let names = servicePointers[address].map { [$0.min() ?? ""] }
      for name in names ?? Array(endpointPointers[address] ?? []) {
        lines.insert("\(address) PTR \(name)")
      }
    }
  }
}
