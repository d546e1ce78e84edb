import Cluster
import DNSWire

/// Manifest texts.
enum Fixture {
  /// A ClusterIP Service.
  static func service(_ name: String, ip: String = "10.96.0.10", more: String = "") -> String {
    """
    apiVersion: v1
    kind: Service
    metadata: {name: \(name), namespace: shop}
    spec:
      clusterIP: \(ip)
      ports: [{name: http, port: 80}]
    \(more)

    """
  }

  /// Documents after one another.
  static func documents(_ texts: String...) -> String { texts.joined(separator: "---\n") }

  /// A manifest that names no object, on purpose.
  static let emptyList = "apiVersion: v1\nkind: List\nitems: []\n"

  /// One of each kind.
  static let everyKind = """
    apiVersion: v1
    kind: Namespace
    metadata: {name: shop, labels: {tier: front}, uid: n-1}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: shop, labels: {app: web}, uid: s-1}
    spec:
      clusterIPs: [10.96.0.10, "fd00::a"]
      clusterIP: 10.96.0.10
      publishNotReadyAddresses: true
      ports:
      - {name: http, port: 80, protocol: TCP}
      - {name: dns, port: 53, protocol: UDP}
      - {port: 2905, protocol: SCTP}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata:
      name: web-abc
      namespace: shop
      uid: e-1
      labels: {kubernetes.io/service-name: web}
    addressType: IPv4
    endpoints:
    - addresses: [10.244.0.1]
      conditions: {ready: true}
      hostname: web-0
      targetRef: {kind: Pod, name: web-0, namespace: shop}
    - addresses: [10.244.0.2]
      conditions: {ready: false}
      targetRef: {kind: Node, name: other}
    - addresses: [10.244.0.3]
    ports:
    - {name: http, port: 8080, protocol: TCP}
    - {name: all}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: web-0, namespace: shop, uid: p-1}
    status: {phase: Running, podIP: 10.244.0.1, podIPs: [{ip: 10.244.0.1}, {ip: "fd01::1"}]}

    """
}

extension ManifestState {
  /// Takes in one file's text.
  mutating func put(_ text: String, at path: String = "web.yaml") -> ManifestRound {
    put(Array(text.utf8), at: path)
  }

  /// Takes in one file's octets.
  mutating func put(_ octets: [UInt8], at path: String = "web.yaml") -> ManifestRound {
    apply([ManifestPath(source: 0, path: path): .octets(octets)])
  }

  /// Takes in that a file is gone.
  mutating func remove(_ path: String = "web.yaml") -> ManifestRound {
    apply([ManifestPath(source: 0, path: path): .missing])
  }
}

extension ManifestRound {
  /// The changes in words: `+Service shop/web`, `-Pod shop/web-0`.
  var story: [String] {
    changes.map { change in
      switch change {
      case .set(let object): "+\(object.id)"
      case .delete(let kind, let key): "-\(ObjectID(kind: kind, key: key))"
      }
    }
  }

  /// The objects that are new or changed.
  var objects: [ClusterObject] {
    changes.compactMap { if case .set(let object) = $0 { object } else { nil } }
  }

  /// The one Service that is new or changed, if there is just one object.
  var service: Service? {
    if case .service(let service)? = objects.first, objects.count == 1 { service } else { nil }
  }
}

/// What one file on its own says.
func load(_ text: String, path: String = "web.yaml") -> ManifestRound {
  var state = ManifestState()
  return state.put(text, at: path)
}
