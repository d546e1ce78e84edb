/// Objects as the server writes them: with owners, managed fields, nodes and whatever else clients
/// have no use for.
enum ObjectTrees {
  /// An object without `kind` and `apiVersion`, as in a list.
  static func tree(_ object: SimulatedObject, uid: String, version: Int) -> Tree {
    let metadata = metadata(object, uid: uid, version: version)
    switch object.body {
    case .service(let service): return Self.service(service, object, metadata)
    case .slice(let slice): return Self.slice(slice, object, metadata)
    case .namespace:
      return [
        "metadata": metadata, "spec": ["finalizers": ["kubernetes"]],
        "status": ["phase": "Active"],
      ]
    case .pod(let pod): return PodTrees.tree(pod, object, metadata)
    case .tree(let tree): return .object([.init(name: "metadata", value: metadata)] + tree.members)
    }
  }

  /// What a bookmark has for an object: nothing but a version.
  static func bookmark(_ kind: ResourceKind, version: Int, endsFirstEvents: Bool) -> Tree {
    var metadata: Tree = ["resourceVersion": .text("\(version)")]
    if endsFirstEvents {
      metadata = metadata.setting("annotations", to: ["k8s.io/initial-events-end": "true"])
    }
    switch kind {
    case .services: return ["metadata": metadata, "spec": [:], "status": ["loadBalancer": [:]]]
    case .endpointSlices:
      return ["metadata": metadata, "addressType": "", "endpoints": .null, "ports": .null]
    case .namespaces, .pods: return ["metadata": metadata, "spec": [:], "status": [:]]
    case .serviceImports: return ["metadata": metadata]
    }
  }

  // MARK: - Metadata

  static let creationTime = "2026-01-31T12:00:00Z"

  private static func metadata(_ object: SimulatedObject, uid: String, version: Int) -> Tree {
    .members([
      ("name", .text(object.name)),
      ("generateName", object.kind == .endpointSlices ? .text("\(owner(of: object))-") : nil),
      ("namespace", object.namespace.isEmpty ? nil : .text(object.namespace)),
      ("uid", .text(uid)), ("resourceVersion", .text("\(version)")),
      ("generation", object.kind == .endpointSlices ? 1 : nil),
      ("creationTimestamp", .text(creationTime)), ("labels", Tree.texts(object.labels)),
      ("annotations", Tree.texts(annotations(of: object))),
      ("ownerReferences", owners(of: object)),
      (
        "managedFields",
        [
          [
            "manager": object.kind == .pods ? "kubelet" : "kube-controller-manager",
            "operation": "Update", "apiVersion": .text(object.kind.apiVersion),
            "time": .text(creationTime), "fieldsType": "FieldsV1",
            "fieldsV1": managedFields(of: object),
          ]
        ]
      ),
    ])
  }

  private static func owner(of object: SimulatedObject) -> String {
    object.labels["kubernetes.io/service-name"] ?? object.name
  }

  private static func annotations(of object: SimulatedObject) -> [String: String] {
    guard object.kind == .endpointSlices else { return object.annotations }
    let time = "endpoints.kubernetes.io/last-change-trigger-time"
    return object.annotations.merging([time: creationTime]) { given, _ in given }
  }

  private static func owners(of object: SimulatedObject) -> Tree? {
    let (apiVersion, kind): (Tree, Tree)
    switch object.kind {
    case .endpointSlices: (apiVersion, kind) = ("v1", "Service")
    case .pods: (apiVersion, kind) = ("apps/v1", "ReplicaSet")
    default: return nil
    }
    return [
      [
        "apiVersion": apiVersion, "kind": kind, "name": .text(owner(of: object)),
        "uid": "7a0e6b1c-8a4d-4d53-9a68-1f4f6e2f8c11", "controller": true,
        "blockOwnerDeletion": true,
      ]
    ]
  }

  private static func managedFields(of object: SimulatedObject) -> Tree {
    let labels = Tree.members(
      [(".", [:])] + object.labels.keys.sorted().map { ("f:\($0)", [:]) })
    let metadata: Tree = ["f:labels": labels]
    switch object.kind {
    case .services:
      return [
        "f:metadata": metadata,
        "f:spec": [
          "f:internalTrafficPolicy": [:], "f:ports": [".": [:]], "f:selector": [:],
          "f:sessionAffinity": [:], "f:type": [:],
        ],
      ]
    case .endpointSlices:
      return ["f:addressType": [:], "f:endpoints": [:], "f:metadata": metadata, "f:ports": [:]]
    case .namespaces, .pods, .serviceImports: return ["f:metadata": metadata]
    }
  }

  // MARK: - Kinds

  private static func service(
    _ service: SimulatedService, _ object: SimulatedObject, _ metadata: Tree
  ) -> Tree {
    let isAlias = service.type == "ExternalName"
    let isNodePort = service.type == "NodePort" || service.type == "LoadBalancer"
    let spec = Tree.members([
      ("ports", service.ports.isEmpty ? nil : .list(service.ports.map(servicePort))),
      ("selector", isAlias ? nil : ["app": .text(object.name)]),
      ("clusterIP", service.clusterIPs.first.map { .text($0) }),
      (
        "clusterIPs",
        service.clusterIPs.isEmpty ? nil : .list(service.clusterIPs.map { .text($0) })
      ), ("type", .text(service.type)), ("sessionAffinity", "None"),
      ("externalName", isAlias ? .text(service.externalName) : nil),
      ("externalTrafficPolicy", isNodePort ? "Cluster" : nil),
      ("publishNotReadyAddresses", service.publishesNotReady ? true : nil),
      ("ipFamilies", isAlias ? nil : families(service.clusterIPs)),
      ("ipFamilyPolicy", isAlias ? nil : "SingleStack"),
      ("internalTrafficPolicy", isAlias ? nil : "Cluster"),
    ])
    return ["metadata": metadata, "spec": spec, "status": ["loadBalancer": [:]]]
  }

  private static func families(_ addresses: [String]) -> Tree {
    .list(addresses.map { $0.contains(":") ? "IPv6" : "IPv4" })
  }

  private static func servicePort(_ port: SimulatedPort) -> Tree {
    .members([
      ("name", port.name.isEmpty ? nil : .text(port.name)), ("protocol", .text(port.transport)),
      ("port", .integer(port.number)), ("targetPort", .integer(port.number)),
    ])
  }

  private static func slice(
    _ slice: SimulatedSlice, _ object: SimulatedObject, _ metadata: Tree
  ) -> Tree {
    let ports = slice.ports.map { port in
      Tree.members([
        ("name", .text(port.name)), ("protocol", .text(port.transport)),
        ("port", .integer(port.number)),
      ])
    }
    let endpoints = slice.endpoints.map { endpoint($0, namespace: object.namespace) }
    return [
      "metadata": metadata, "addressType": .text(slice.addressType),
      "endpoints": .list(endpoints), "ports": .list(ports),
    ]
  }

  private static func endpoint(_ endpoint: SimulatedEndpoint, namespace: String) -> Tree {
    let conditions = endpoint.isReady.map { isReady in
      ["ready": .bool(isReady), "serving": .bool(isReady), "terminating": false] as Tree
    }
    let target: Tree? =
      endpoint.podName.isEmpty
      ? nil
      : [
        "kind": "Pod", "namespace": .text(namespace), "name": .text(endpoint.podName),
        "uid": "0f2d8d3e-5b0c-4c7e-8f25-3f0c6f0f4a77",
      ]
    return .members([
      ("addresses", .list(endpoint.addresses.map { .text($0) })), ("conditions", conditions ?? [:]),
      ("hostname", endpoint.hostname.isEmpty ? nil : .text(endpoint.hostname)),
      ("targetRef", target),
      ("nodeName", endpoint.nodeName.isEmpty ? nil : .text(endpoint.nodeName)),
      ("zone", endpoint.zone.isEmpty ? nil : .text(endpoint.zone)),
      (
        "hints",
        endpoint.zone.isEmpty ? nil : ["forZones": [["name": .text(endpoint.zone)]]]
      ),
    ])
  }
}
