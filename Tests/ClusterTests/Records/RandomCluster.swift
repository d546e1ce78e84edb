import Cluster
import DNSWire
import TestSupport

/// Random changes to a small cluster: 3 namespaces, 6 Services, 10 slices, 6 pods. Small pools make
/// collisions common: shared addresses, hostnames and owners.
struct RandomCluster {
  /// The objects as they are after all changes so far.
  private(set) var objects: [ObjectID: ClusterObject] = [:]
  private var generator: SeededGenerator

  private static let namespaces = ["a", "b", "c"]
  private static let services = ["s", "t"]
  private static let addresses = ObjectText.addresses(
    "10.0.0.1 10.0.0.2 10.0.0.3 10.1.0.4 fd00::1 fd00::2 2001:db8::3")
  private static let ports: [(name: String, port: UInt16, protocol: TransportProtocol)] = [
    ("http", 80, .tcp), ("http", 81, .tcp), ("dns", 53, .udp), ("", 9, .tcp), ("", 9, .udp),
  ]

  /// A cluster with nothing in it.
  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  /// One round: one to five changes, applied to `objects` too.
  mutating func round() -> [ObjectChange] {
    let count = Int.random(in: 1...5, using: &generator)
    return (0..<count).map { _ in
      let change = randomChange()
      switch change {
      case .set(let object): objects[object.id] = object
      case .delete(let kind, let key): objects[ObjectID(kind: kind, key: key)] = nil
      }
      return change
    }
  }

  /// The objects of this moment as one round, in random order.
  mutating func wholeRound() -> [ObjectChange] {
    objects.sorted { $0.key < $1.key }.map(\.value).shuffled(using: &generator)
      .map(ObjectChange.set)
  }

  /// A number below `bound`.
  mutating func draw(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

  // MARK: - Objects

  private mutating func randomChange() -> ObjectChange {
    let object = randomObject()
    return draw(4) == 0 ? .delete(object.kind, object.key) : .set(object)
  }

  private mutating func randomObject() -> ClusterObject {
    switch draw(10) {
    case 0...3: .service(randomService())
    case 4...7: .endpointSlice(randomSlice())
    case 8: .namespace(Namespace(name: pick(Self.namespaces), labels: randomLabels()))
    default: .pod(randomPod())
    }
  }

  private mutating func randomService() -> Service {
    let key = ObjectKey(namespace: pick(Self.namespaces), name: pick(Self.services))
    let kind = draw(8)
    let isExternal = kind == 0
    let isHeadless = (1...3).contains(kind)
    return Service(
      key: key, labels: randomLabels(),
      type: isExternal ? .externalName : pick([.clusterIP, .clusterIP, .nodePort]),
      clusterIPs: isExternal || isHeadless ? [] : some(Self.addresses, countMax: 2),
      isHeadless: isHeadless,
      externalName: isExternal ? pick(["example.org", "192.0.2.1", "s.a.svc.cluster.local"]) : "",
      ports: some(Self.ports, countMax: 3).map {
        ServicePort(name: $0.name, transportProtocol: $0.protocol, port: $0.port)
      })
  }

  private mutating func randomSlice() -> EndpointSlice {
    let number = draw(10)
    let endpointCount = draw(4)
    return EndpointSlice(
      key: ObjectKey(namespace: Self.namespaces[number % 3], name: "slice-\(number)"),
      serviceName: pick(Self.services), labels: randomLabels(),
      endpoints: (0..<endpointCount).map { _ in randomEndpoint() },
      ports: some(Self.ports, countMax: 2).map {
        EndpointPort(name: $0.name, transportProtocol: $0.protocol, port: $0.port)
      })
  }

  private mutating func randomEndpoint() -> Endpoint {
    Endpoint(
      addresses: [pick(Self.addresses)] + (draw(6) == 0 ? [pick(Self.addresses)] : []),
      hostname: pick(["", "", "zero", "one"]), podName: pick(["", "pod-0", "with.dot"]),
      isReady: draw(4) != 0)
  }

  private mutating func randomPod() -> Pod {
    let number = draw(6)
    return Pod(
      key: ObjectKey(namespace: Self.namespaces[number % 3], name: "pod-\(number)"),
      ips: some(Self.addresses, countMax: 2), isFinished: draw(4) == 0)
  }

  // MARK: - Drawing

  private mutating func randomLabels() -> [String: String] {
    draw(4) == 0 ? [:] : ["app": "x"]
  }

  private mutating func pick<Element>(_ list: [Element]) -> Element { list[draw(list.count)] }

  private mutating func some<Element>(_ list: [Element], countMax: Int) -> [Element] {
    let count = draw(countMax + 1)
    return Array(list.shuffled(using: &generator).prefix(count))
  }
}
