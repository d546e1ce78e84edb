/// A port of a Service or slice.
package struct SimulatedPort: Hashable, Sendable {
  /// The name; may be empty.
  package var name: String
  /// `TCP`, `UDP` or `SCTP`.
  package var transport: String
  /// The number.
  package var number: Int64

  /// A port from its parts.
  package init(_ name: String, _ number: Int64, _ transport: String = "TCP") {
    self.name = name
    self.number = number
    self.transport = transport
  }
}

/// What is in a Service.
package struct SimulatedService: Hashable, Sendable {
  /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
  package var type = "ClusterIP"
  /// The cluster addresses; `None` alone for a headless one.
  package var clusterIPs: [String]
  /// The alias of an ExternalName.
  package var externalName = ""
  /// The ports.
  package var ports: [SimulatedPort]
  /// Whether endpoints that are not ready count.
  package var publishesNotReady = false

  /// A Service with cluster addresses, or a headless one.
  package init(
    clusterIPs: [String], ports: [SimulatedPort] = [SimulatedPort("http", 80)]
  ) {
    self.clusterIPs = clusterIPs
    self.ports = ports
  }

  /// A headless Service.
  package static func headless(
    ports: [SimulatedPort] = [SimulatedPort("http", 80)]
  ) -> SimulatedService {
    SimulatedService(clusterIPs: ["None"], ports: ports)
  }

  /// An alias.
  package static func alias(of name: String) -> SimulatedService {
    var service = SimulatedService(clusterIPs: [], ports: [])
    service.type = "ExternalName"
    service.externalName = name
    return service
  }
}

/// One endpoint of a slice.
package struct SimulatedEndpoint: Hashable, Sendable {
  /// The addresses.
  package var addresses: [String]
  /// The name below the Service; empty for none.
  package var hostname = ""
  /// The Pod; empty for none.
  package var podName = ""
  /// The node; empty for none.
  package var nodeName = ""
  /// The zone; empty for none.
  package var zone = ""
  /// Whether it is ready; `nil` for no conditions.
  package var isReady: Bool? = true

  /// A ready endpoint without a Pod.
  package init(_ addresses: String..., hostname: String = "", isReady: Bool? = true) {
    self.addresses = addresses
    self.hostname = hostname
    self.isReady = isReady
  }
}

/// What is in a slice.
package struct SimulatedSlice: Hashable, Sendable {
  /// `IPv4`, `IPv6` or `FQDN`.
  package var addressType: String
  /// The endpoints.
  package var endpoints: [SimulatedEndpoint]
  /// The ports.
  package var ports: [SimulatedPort]

  /// A slice from its parts.
  package init(
    _ endpoints: [SimulatedEndpoint], addressType: String = "IPv4",
    ports: [SimulatedPort] = [SimulatedPort("http", 8080)]
  ) {
    self.endpoints = endpoints
    self.addressType = addressType
    self.ports = ports
  }
}

/// What is in a Pod.
package struct SimulatedPod: Hashable, Sendable {
  /// The addresses; none before it is scheduled.
  package var addresses: [String]
  /// `Pending`, `Running`, `Succeeded` or `Failed`.
  package var phase: String
  /// The node.
  package var nodeName = "node-0"

  /// A Pod from its parts.
  package init(addresses: [String], phase: String = "Running") {
    self.addresses = addresses
    self.phase = phase
  }
}
