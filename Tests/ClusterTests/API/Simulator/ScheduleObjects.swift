import APISimulator
import Cluster
import DNSWire

/// Objects of every kind that are told apart by a number, as the server has them and as DNS has
/// them; the one is not made from the other.
enum ScheduleObjects {
  /// Names that come and go.
  static let names = (0..<10).map { "web-\($0)" }
  /// Names that are always there.
  static let pinned = ["pinned-0", "pinned-1"]

  /// The server's kind.
  static func resource(_ kind: ObjectKind) -> ResourceKind {
    switch kind {
    case .service: .services
    case .endpointSlice: .endpointSlices
    case .namespace: .namespaces
    case .pod: .pods
    case .serviceImport: .serviceImports
    }
  }

  /// An object for the server. The number is in its annotations, too, where `expected` finds it.
  static func object(_ kind: ObjectKind, _ name: String, number: Int) -> SimulatedObject {
    var object: SimulatedObject
    switch kind {
    case .service:
      object = .service("shop", name, SimulatedService(clusterIPs: [address(number)], ports: []))
    case .endpointSlice:
      let endpoint = SimulatedEndpoint(address(number), isReady: !number.isMultiple(of: 3))
      object = .slice("shop", name, of: "web", SimulatedSlice([endpoint], ports: []))
    case .namespace: object = .namespace(name, labels: ["number": "\(number)"])
    case .pod, .serviceImport:
      object = .pod("shop", name, SimulatedPod(addresses: [address(number)]))
    }
    object.annotations = ["number": "\(number)"]
    return object
  }

  /// What DNS should know of the server's object.
  static func expected(_ kind: ObjectKind, _ stored: StoredObject) -> ClusterObject {
    let object = stored.object
    let number = Int(object.annotations["number"] ?? "") ?? 0
    let key = ObjectKey(namespace: object.namespace, name: object.name)
    let addresses = ObjectText.addresses(address(number))
    switch kind {
    case .service:
      return .service(
        Service(key: key, clusterIPs: addresses, hasSelector: true, uid: stored.uid))
    case .endpointSlice:
      return .endpointSlice(
        EndpointSlice(
          key: key, serviceName: "web", labels: object.labels,
          endpoints: [Endpoint(addresses: addresses, isReady: !number.isMultiple(of: 3))],
          uid: stored.uid))
    case .namespace:
      return .namespace(Namespace(name: object.name, labels: object.labels, uid: stored.uid))
    case .pod, .serviceImport: return .pod(Pod(key: key, ips: addresses, uid: stored.uid))
    }
  }

  private static func address(_ number: Int) -> String {
    "10.7.\(number >> 8 & 255).\(number & 255)"
  }
}

extension ObjectKind {
  /// The kinds that Kubernetes has itself, in protobuf too.
  static let native = allCases.filter { $0 != .serviceImport }
}

extension ClusterObject {
  /// The object's UID, as records keep it.
  var uid: ObjectUID {
    switch self {
    case .service(let service): ObjectUID(text: service.uid)
    case .endpointSlice(let slice): ObjectUID(text: slice.uid)
    case .namespace(let namespace): ObjectUID(text: namespace.uid)
    case .pod(let pod): ObjectUID(text: pod.uid)
    case .serviceImport(let imported): ObjectUID(text: imported.uid)
    }
  }
}
