import DNSWire

/// A Service, stripped at the door to what DNS needs: node ports, load-balancer status
/// and annotations never enter the process's memory.
package struct Service: Hashable, Sendable {
  /// Namespace and name; both are DNS labels (RFC 1123 §2.1).
  package let key: ObjectKey
  /// The labels, for the `labels` selector.
  package let labels: [String: String]
  /// How the Service is published.
  package let type: ServiceType
  /// The allocated cluster addresses, both families, in the order of the manifest, each once;
  /// empty when headless, not allocated yet, or an ExternalName.
  package let clusterIPs: [IPAddress]
  /// Whether the cluster IP is `None`: the endpoints' addresses are the answer.
  package let isHeadless: Bool
  /// The alias target of an ExternalName, as written (a trailing dot or an address literal may
  /// stand here); empty for every other type.
  package let externalName: String
  /// The ports in the manifest's order.
  package let ports: [ServicePort]
  /// Whether endpoints that are not ready count as ready.
  package let publishNotReadyAddresses: Bool
  /// Whether `spec.selector` is there: endpoints follow Pods, and are not made by hand.
  package let hasSelector: Bool
  /// The object's UID; empty when the manifest names none.
  package let uid: String

  /// A Service from its parts, taken as they are.
  package init(
    key: ObjectKey, labels: [String: String] = [:], type: ServiceType = .clusterIP,
    clusterIPs: [IPAddress] = [], isHeadless: Bool = false, externalName: String = "",
    ports: [ServicePort] = [], publishNotReadyAddresses: Bool = false,
    hasSelector: Bool = false, uid: String = ""
  ) {
    self.key = key
    self.labels = labels
    self.type = type
    self.clusterIPs = clusterIPs
    self.isHeadless = isHeadless
    self.externalName = externalName
    self.ports = ports
    self.publishNotReadyAddresses = publishNotReadyAddresses
    self.hasSelector = hasSelector
    self.uid = uid
  }
}

/// A Service's `spec.type`.
package enum ServiceType: UInt8, CaseIterable, Hashable, Sendable {
  /// `ClusterIP`, what Kubernetes assumes when the manifest names none; also headless Services.
  case clusterIP
  /// `NodePort`; answered as a ClusterIP.
  case nodePort
  /// `LoadBalancer`; answered as a ClusterIP.
  case loadBalancer
  /// `ExternalName`: a CNAME.
  case externalName

  /// The type that a manifest's text names; `nil` for an unknown one.
  package init?(manifestText text: String) {
    switch text {
    case "ClusterIP": self = .clusterIP
    case "NodePort": self = .nodePort
    case "LoadBalancer": self = .loadBalancer
    case "ExternalName": self = .externalName
    default: return nil
    }
  }
}

/// One port of a Service, stripped at the door to what an SRV record needs.
package struct ServicePort: Hashable, Sendable {
  /// The port's name, a DNS label; empty for an unnamed port, which has no SRV name.
  package let name: String
  /// The transport protocol.
  package let transportProtocol: TransportProtocol
  /// The port number, 1...65535.
  package let port: UInt16

  /// A port from its parts, taken as they are.
  package init(name: String, transportProtocol: TransportProtocol, port: UInt16) {
    self.name = name
    self.transportProtocol = transportProtocol
    self.port = port
  }
}
