import DNSWire

/// An EndpointSlice, stripped at the door to what DNS needs: zones, hints and nodes never
/// enter the process's memory.
package struct EndpointSlice: Hashable, Sendable {
  /// Namespace and name.
  package let key: ObjectKey
  /// The Service these endpoints belong to, in the same namespace: the value of the label
  /// `kubernetes.io/service-name`; empty without it.
  package let serviceName: String
  /// The ServiceImport these endpoints belong to, in the same namespace: the value of the label
  /// `multicluster.kubernetes.io/service-name`; empty without it. A slice with neither name is not
  /// kept at all.
  package let importName: String
  /// The cluster that the endpoints of an import are in: the value of the label
  /// `multicluster.kubernetes.io/source-cluster`; empty without it.
  package let sourceCluster: String
  /// The slice's labels, for the `labels` option.
  package let labels: [String: String]
  /// The endpoints in the manifest's order; none when the slice's address type is FQDN.
  package let endpoints: [Endpoint]
  /// The ports in the manifest's order; a port without a number ("all ports") is not kept.
  package let ports: [EndpointPort]
  /// The object's UID; empty when the manifest names none.
  package let uid: String
  /// When what led to this version of the slice happened. Of no weight where slices are compared,
  /// and never kept.
  package let trigger: ChangeTrigger

  /// A slice from its parts, taken as they are.
  package init(
    key: ObjectKey, serviceName: String, importName: String = "", sourceCluster: String = "",
    labels: [String: String] = [:], endpoints: [Endpoint] = [], ports: [EndpointPort] = [],
    uid: String = "", trigger: ChangeTrigger = .unknown
  ) {
    self.key = key
    self.serviceName = serviceName
    self.importName = importName
    self.sourceCluster = sourceCluster
    self.labels = labels
    self.endpoints = endpoints
    self.ports = ports
    self.uid = uid
    self.trigger = trigger
  }
}

/// One endpoint of a slice, stripped at the door to what DNS needs.
package struct Endpoint: Hashable, Sendable {
  /// The endpoint's addresses; at least one.
  package let addresses: [IPAddress]
  /// The endpoint's own name below the Service, a DNS label; empty when it has none.
  package let hostname: String
  /// The Pod behind the endpoint (`targetRef` of kind Pod); empty when there is none.
  package let podName: String
  /// The `ready` condition; an absent one counts as ready (EndpointConditions of the API).
  package let isReady: Bool

  /// An endpoint from its parts, taken as they are.
  package init(
    addresses: [IPAddress], hostname: String = "", podName: String = "", isReady: Bool = true
  ) {
    self.addresses = addresses
    self.hostname = hostname
    self.podName = podName
    self.isReady = isReady
  }
}

/// One port of a slice, stripped at the door to what an SRV record needs.
package struct EndpointPort: Hashable, Sendable {
  /// The port's name, a DNS label; empty for an unnamed port.
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
