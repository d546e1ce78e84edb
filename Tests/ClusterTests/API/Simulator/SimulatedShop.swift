import APISimulator
import Cluster
import DNSWire
import TestSupport

/// A small world, and ways to ask for it.
enum SimulatedShop {
  /// A page that was read.
  struct ReadList {
    let objects: [APIObject]
    let end: APIListEnd
  }

  /// Two services, an alias, their slices, pods and namespaces.
  static func world() -> World {
    let world = World()
    world.put(.namespace("shop", labels: ["tier": "gold"]))
    world.put(.namespace("default"))
    world.put(.service("shop", "web", labels: ["app": "web"], Self.web))
    world.put(.service("shop", "db", .headless(ports: [SimulatedPort("sql", 5432)])))
    world.put(.service("default", "alias", .alias(of: "example.org")))
    var second = SimulatedEndpoint("10.1.0.2", hostname: "db-1", isReady: false)
    second.podName = "db-1"
    second.zone = "zone-a"
    let endpoints = [SimulatedEndpoint("10.1.0.1", hostname: "db-0", isReady: nil), second]
    world.put(.slice("shop", "db-x", of: "db", SimulatedSlice(endpoints)))
    world.put(
      .slice(
        "shop", "db-y", of: "db",
        SimulatedSlice([SimulatedEndpoint("fd00::1")], addressType: "IPv6")))
    world.put(.pod("shop", "db-1", SimulatedPod(addresses: ["10.1.0.2", "fd00::2"])))
    world.put(.pod("shop", "job", SimulatedPod(addresses: ["10.1.0.9"], phase: "Succeeded")))
    return world
  }

  private static let web = {
    var web = SimulatedService(
      clusterIPs: ["10.0.0.1", "fd00::a"],
      ports: [SimulatedPort("http", 80), SimulatedPort("dns", 53, "UDP")])
    web.type = "LoadBalancer"
    web.publishesNotReady = true
    return web
  }()

  /// The world's objects as DNS sees them.
  static func expected(_ kind: ObjectKind) -> [ClusterObject] {
    let uids = { (number: Int) in "5f0c9a2e-7d41-4b8a-9e36-00000000000\(number)" }
    let key = { (namespace: String, name: String) in ObjectKey(namespace: namespace, name: name) }
    switch kind {
    case .namespace:
      let label = "kubernetes.io/metadata.name"
      return [
        .namespace(Namespace(name: "default", labels: [label: "default"], uid: uids(2))),
        .namespace(
          Namespace(name: "shop", labels: [label: "shop", "tier": "gold"], uid: uids(1))),
      ]
    case .service:
      let webPorts = [
        ServicePort(name: "http", transportProtocol: .tcp, port: 80),
        ServicePort(name: "dns", transportProtocol: .udp, port: 53),
      ]
      return [
        .service(
          Service(
            key: key("default", "alias"), type: .externalName, externalName: "example.org",
            uid: uids(5))),
        .service(
          Service(
            key: key("shop", "db"), isHeadless: true,
            ports: [ServicePort(name: "sql", transportProtocol: .tcp, port: 5432)],
            hasSelector: true,
            uid: uids(4))),
        .service(
          Service(
            key: key("shop", "web"), labels: ["app": "web"], type: .loadBalancer,
            clusterIPs: ObjectText.addresses("10.0.0.1 fd00::a"), ports: webPorts,
            publishNotReadyAddresses: true, hasSelector: true, uid: uids(3))),
      ]
    case .endpointSlice:
      return [
        .endpointSlice(
          slice(
            "db-x", uids(6),
            [
              Endpoint(addresses: ObjectText.addresses("10.1.0.1"), hostname: "db-0"),
              Endpoint(
                addresses: ObjectText.addresses("10.1.0.2"), hostname: "db-1", podName: "db-1",
                isReady: false),
            ])),
        .endpointSlice(
          slice("db-y", uids(7), [Endpoint(addresses: ObjectText.addresses("fd00::1"))])),
      ]
    case .serviceImport: return []
    case .pod:
      return [
        .pod(
          Pod(
            key: key("shop", "db-1"), ips: ObjectText.addresses("10.1.0.2 fd00::2"),
            uid: uids(8))),
        .pod(
          Pod(
            key: key("shop", "job"), ips: ObjectText.addresses("10.1.0.9"), isFinished: true,
            uid: uids(9))),
      ]
    }
  }

  private static func slice(
    _ name: String, _ uid: String, _ endpoints: [Endpoint]
  ) -> EndpointSlice {
    EndpointSlice(
      key: ObjectKey(namespace: "shop", name: name), serviceName: "db",
      labels: [
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": "db",
      ], endpoints: endpoints,
      ports: [EndpointPort(name: "http", transportProtocol: .tcp, port: 8080)], uid: uid)
  }

  // MARK: - Asking

  /// `Accept` of a format.
  static func accept(_ format: APIFormat) -> String {
    format == .json
      ? "application/json" : "application/vnd.kubernetes.protobuf,application/json"
  }

  /// A page as the decoder reads it, fed in pieces.
  static func list(
    _ server: APIServer, _ kind: ObjectKind, _ format: APIFormat, query: String = ""
  ) async throws -> ReadList {
    let target = APIResource(kind: kind).path + (query.isEmpty ? "" : "?\(query)")
    let answer = try await PlainClient.ask(target, of: server, accept: accept(format)).end()
    guard answer.code == 200, APIFormat(contentType: answer.header("content-type") ?? "") == format
    else { throw APIDecodingProblem(message: "\(answer.code) \(answer.text)") }
    var decoder = APIListDecoder(kind: kind, format: format)
    var objects: [APIObject] = []
    var rest = answer.body[...]
    while !rest.isEmpty {
      objects += try decoder.feed(Array(rest.prefix(777)))
      rest = rest.dropFirst(777)
    }
    return ReadList(objects: objects, end: try decoder.finish())
  }

  /// A watch whose response has begun.
  static func watch(
    _ server: APIServer, _ kind: ObjectKind, _ format: APIFormat, query: String
  ) async throws -> PlainClient {
    let watch = try await PlainClient.ask(
      APIResource(kind: kind).path + "?watch=true&\(query)", of: server, accept: accept(format))
    guard waitUntil(.seconds(20), { watch.code == 200 }) else {
      throw APIDecodingProblem(message: "\(watch.code) \(watch.text)")
    }
    return watch
  }
}

extension APIWatchDecoder {
  /// All events so far, read from the beginning.
  mutating func events(_ watch: PlainClient) -> [APIWatchEvent] {
    var decoder = self
    return decoder.feed(watch.body)
  }
}
