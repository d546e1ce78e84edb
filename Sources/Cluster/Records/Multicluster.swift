import DNSWire

/// What clusters have in common (KEP-1645), told in the terms of one cluster: an import is a
/// Service of the multicluster zones, and the endpoints of its slices are named after their
/// clusters too.
///
/// A `ClusterModel` of its own then makes the same records of it as of a cluster's Services, but
/// for Pods and reverse names, which imports do not have.
struct Multicluster {
  /// The options of the model.
  let options: RecordOptions
  /// What of the slices is looked at.
  private let selector: LabelSelector?

  /// The view of a cluster with these options; `nil` without multicluster zones.
  init?(_ options: RecordOptions) {
    guard let zone = options.multiclusterZones.first else { return nil }
    var own = options
    own.primaryZone = zone.lowercased
    own.zoneOctetCountMax = options.multiclusterZones.map(\.wire.count).max() ?? 1
    own.reverseZones = []
    own.multiclusterZones = []
    own.pods = .disabled
    // Imports are made by a controller, which copies no labels; slices are looked at here.
    own.selector = nil
    self.options = own
    selector = options.selector
  }

  /// What an event in the cluster means here; `nil` for nothing.
  func event(_ event: ObjectEvent) -> ObjectEvent? {
    switch event {
    case .set(.serviceImport(let service)): .set(.service(Self.service(service)))
    case .set(.endpointSlice(let slice)): self.event(slice)
    case .set(.namespace): event
    case .set(.service), .set(.pod): nil
    case .delete(let kind, let key, let uid):
      id(ObjectID(kind: kind, key: key)).map { .delete($0.kind, $0.key, uid: uid) }
    case .refuse(let kind, let key, let uid):
      id(ObjectID(kind: kind, key: key)).map { .refuse($0.kind, $0.key, uid: uid) }
    }
  }

  /// What an object of the cluster is here; `nil` for one that has no place here.
  func id(_ id: ObjectID) -> ObjectID? {
    switch id.kind {
    case .serviceImport: ObjectID(kind: .service, key: id.key)
    case .endpointSlice, .namespace: id
    case .service, .pod: nil
    }
  }

  private static func service(_ service: ServiceImport) -> Service {
    Service(
      key: service.key, clusterIPs: service.ips, isHeadless: service.isHeadless,
      ports: service.ports, uid: service.uid)
  }

  /// A slice that belongs to no import may have belonged to one before.
  private func event(_ slice: EndpointSlice) -> ObjectEvent {
    guard !slice.importName.isEmpty, selector?.matches(slice.labels) ?? true else {
      return .delete(.endpointSlice, slice.key, uid: nil)
    }
    return .set(
      .endpointSlice(
        EndpointSlice(
          key: slice.key, serviceName: slice.importName,
          endpoints: slice.endpoints.flatMap { named($0, slice.sourceCluster) },
          ports: slice.ports, uid: slice.uid)))
  }

  /// The endpoint with its cluster behind its label, `HOSTNAME.CLUSTER`; one for each address where
  /// addresses are the labels.
  private func named(_ endpoint: Endpoint, _ cluster: String) -> [Endpoint] {
    if cluster.isEmpty { return [endpoint] }
    let label = PackedSlice.label(endpoint, usesPodNames: options.usesEndpointPodNames)
    guard label.isEmpty else {
      return [Self.endpoint(endpoint, endpoint.addresses, label, cluster)]
    }
    return endpoint.addresses.map { address in
      Self.endpoint(endpoint, [address], AddressNames.label(address), cluster)
    }
  }

  private static func endpoint(
    _ endpoint: Endpoint, _ addresses: [IPAddress], _ label: String, _ cluster: String
  ) -> Endpoint {
    Endpoint(addresses: addresses, hostname: "\(label).\(cluster)", isReady: endpoint.isReady)
  }
}
