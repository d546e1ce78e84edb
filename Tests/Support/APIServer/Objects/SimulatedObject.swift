/// An object to put into a world. What real objects have besides is added when it is written.
package struct SimulatedObject: Hashable, Sendable {
  /// What is in it.
  package enum Body: Hashable, Sendable {
    /// A Service.
    case service(SimulatedService)
    /// An EndpointSlice.
    case slice(SimulatedSlice)
    /// A Namespace.
    case namespace
    /// A Pod.
    case pod(SimulatedPod)
    /// Any object: everything but its metadata.
    case tree(Tree)
  }

  /// The kind.
  package let kind: ResourceKind
  /// The namespace; empty for Namespaces.
  package let namespace: String
  /// The name.
  package let name: String
  /// The labels.
  package var labels: [String: String]
  /// The annotations.
  package var annotations: [String: String] = [:]
  /// What is in it.
  package var body: Body

  /// An object from its parts.
  package init(
    kind: ResourceKind, namespace: String = "", name: String, labels: [String: String] = [:],
    body: Body
  ) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.labels = labels
    self.body = body
  }

  /// Any object from everything but its metadata, whether it makes sense or not.
  package static func tree(
    _ kind: ResourceKind, namespace: String = "", name: String, labels: [String: String] = [:],
    _ tree: Tree
  ) -> SimulatedObject {
    SimulatedObject(
      kind: kind, namespace: namespace, name: name, labels: labels, body: .tree(tree))
  }

  /// A Service.
  package static func service(
    _ namespace: String, _ name: String, labels: [String: String] = [:],
    _ service: SimulatedService
  ) -> SimulatedObject {
    SimulatedObject(
      kind: .services, namespace: namespace, name: name, labels: labels, body: .service(service))
  }

  /// A slice of a Service.
  package static func slice(
    _ namespace: String, _ name: String, of service: String, _ slice: SimulatedSlice
  ) -> SimulatedObject {
    let labels = [
      "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
      "kubernetes.io/service-name": service,
    ]
    return SimulatedObject(
      kind: .endpointSlices, namespace: namespace, name: name, labels: labels, body: .slice(slice))
  }

  /// A Namespace.
  package static func namespace(
    _ name: String, labels: [String: String] = [:]
  ) -> SimulatedObject {
    let own = ["kubernetes.io/metadata.name": name]
    return SimulatedObject(
      kind: .namespaces, name: name, labels: own.merging(labels) { _, new in new },
      body: .namespace)
  }

  /// A Pod.
  package static func pod(
    _ namespace: String, _ name: String, labels: [String: String] = [:], _ pod: SimulatedPod
  ) -> SimulatedObject {
    SimulatedObject(
      kind: .pods, namespace: namespace, name: name, labels: labels, body: .pod(pod))
  }

  /// `namespace/name`: what objects of a kind are sorted by.
  var key: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}
