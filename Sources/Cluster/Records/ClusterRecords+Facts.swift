import DNSWire

/// What a namespace is to the records.
package enum NamespaceState: Sendable, Equatable {
  /// It exists; its objects have names.
  case exists
  /// There is no Namespace object, and nothing implies one.
  case missing
  /// The option `namespaces` does not name it.
  case notNamed
  /// It exists, but its labels do not match `namespace_labels`.
  case labelsDiffer
}

/// What is kept of a Service, for people.
package struct ServiceFacts: Sendable {
  /// How it is published.
  package let type: ServiceType
  /// Its cluster IP is `None`.
  package let isHeadless: Bool
  /// Its cluster addresses.
  package let clusterIPs: [IPAddress]
  /// Its ports, as `name/protocol`; an unnamed port has nothing before the slash.
  package let ports: [String]
  /// The target of an ExternalName.
  package let externalName: String
  /// The labels of its ready endpoints, at most `endpointCountMax`.
  package let endpoints: [String]
  /// How many ready endpoints it has.
  package let endpointCount: Int

  /// Endpoints that are listed, at most.
  package static let endpointCountMax = 8
}

extension ClusterRecords {
  /// Why a namespace has names, or none.
  package func state(ofNamespace name: String) -> NamespaceState {
    inspect { cluster, _ in
      if cluster.isExposed(name) { return .exists }
      let options = cluster.options
      if !options.namespaces.isEmpty, !options.namespaces.contains(name) { return .notNamed }
      let key = PackedKey(.namespace, ObjectKey(namespace: "", name: name))
      return cluster.objects[key] == nil ? .missing : .labelsDiffer
    }
  }

  /// The Service of this name; `nil` when there is none, or `labels` does not match its labels.
  /// With `isImport`, what clusters have in common under this name.
  package func service(
    _ name: String, in namespace: String, isImport: Bool = false
  ) -> ServiceFacts? {
    inspect { cluster, multicluster in
      guard let model = isImport ? multicluster : cluster else { return nil }
      let key = ObjectKey(namespace: namespace, name: name)
      guard let service = model.service(key) else { return nil }
      let endpoints = model.endpoints(of: key)
      let count = endpoints.labelCount
      return ServiceFacts(
        type: service.type, isHeadless: service.isHeadless, clusterIPs: service.clusterIPs,
        ports: service.ports.map { port in
          String(decoding: port.name, as: UTF8.self) + "/" + port.transportProtocol.label
        },
        externalName: String(decoding: service.externalName, as: UTF8.self),
        endpoints: (0..<min(count, ServiceFacts.endpointCountMax)).map { number in
          String(
            decoding: endpoints.label(Int32(truncatingIfNeeded: number)), as: UTF8.self)
        },
        endpointCount: count)
    }
  }
}
