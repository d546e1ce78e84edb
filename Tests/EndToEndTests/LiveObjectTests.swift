import APISimulator
import TestSupport
import Testing

/// Objects that nobody should send: one line each, and the rest is served.
@Suite(.serialized) struct LiveObjectTests {
  /// A bad object, and what is said of it.
  struct Bad: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let object: SimulatedObject
    /// What the line has.
    let words: [String]
    /// Whether nothing of it is taken.
    let isRefused: Bool

    init(
      _ description: String, _ object: SimulatedObject, _ words: String..., refused: Bool = false
    ) {
      testDescription = description
      self.object = object
      self.words = words
      isRefused = refused
    }
  }

  private static func service(_ name: String, _ spec: Tree) -> SimulatedObject {
    .tree(.services, namespace: "shop", name: name, ["spec": spec])
  }

  private static func slice(_ type: String, _ address: String) -> SimulatedObject {
    .slice(
      "shop", "bad", of: "tea", SimulatedSlice([SimulatedEndpoint(address)], addressType: type))
  }

  static let rows = [
    Bad(
      "an address that is none", service("bad", ["clusterIP": "10.0.0.300"]), "Service shop/bad",
      "10.0.0.300", refused: true),
    Bad(
      "an address of a list that is none",
      service("bad", ["clusterIP": "10.96.7.7", "clusterIPs": ["10.96.7.7", "nowhere"]]),
      "Service shop/bad", "clusterIPs[1]", "nowhere"),
    Bad(
      "a port's name that is none",
      service(
        "bad",
        [
          "clusterIP": "10.96.7.7", "clusterIPs": ["10.96.7.7"],
          "ports": [["name": "Bad_", "port": 80, "protocol": "TCP"]],
        ]), "Service shop/bad", "ports[0]"),
    Bad(
      "a port beyond all ports",
      service(
        "bad",
        [
          "clusterIP": "10.96.7.7", "clusterIPs": ["10.96.7.7"],
          "ports": [["name": "http", "port": 70_000, "protocol": "TCP"]],
        ]), "Service shop/bad", "ports[0]", "70000"),
    Bad(
      "a name that is none",
      .service("shop", "bad_", SimulatedService(clusterIPs: ["10.96.7.7"])), "bad_",
      refused: true),
    Bad(
      "no name", .service("shop", "", SimulatedService(clusterIPs: ["10.96.7.7"])), "Service",
      "name", refused: true),
    Bad(
      "an endpoint's address that is none", slice("IPv4", "nowhere"), "EndpointSlice shop/bad",
      "nowhere"),
    Bad(
      "an endpoint's address of the other family", slice("IPv4", "fd00::1"),
      "EndpointSlice shop/bad", "fd00::1"),
  ]

  @Test(arguments: rows, [true, false])
  func `a bad object is one line`(bad: Bad, isFirst: Bool) async throws {
    let api = try await LiveServer.api()
    if isFirst { api.world.put(bad.object) }
    let server = try LiveServer(api)
    if !isFirst { api.world.put(bad.object) }
    api.world.put(LiveWorld.service("cake", "10.96.1.3"))
    try server.expect(LiveWorld.name("cake"), becomes: "10.96.1.3")
    // The same again, in a list.
    try await api.close()
    api.world.put(LiveWorld.service("milk", "10.96.1.4"))
    api.world.put(.slice("shop", "milk-1", of: "milk", SimulatedSlice([])))
    api.world.forgetHistory()
    try await api.open()
    try server.expect(LiveWorld.name("milk"), becomes: "10.96.1.4")
    #expect(try server.answer(LiveWorld.name("tea")) == ["10.96.1.1"])
    #expect(try server.answer(LiveWorld.name("db-0.db")) == ["10.244.0.1"])
    let resource = bad.object.kind.plural
    let isSeen = waitUntil(.seconds(60)) {
      server.daemon.output.contains(bad.words[0])
        && server.sample("swiftlet_kubernetes_lists_total{resource=\"\(resource)\"}") ?? 0 > 1
    }
    #expect(isSeen, "\(server.daemon.output)")
    let lines = server.daemon.output.split(separator: "\n").filter { line in
      line.contains("plugin/kubernetes") && line.contains(bad.words[0])
    }
    #expect(lines.count == 1, "\(server.daemon.output)")
    for word in bad.words { #expect(lines.first?.contains(word) == true, "\(lines)") }
    let count = server.sample(
      "swiftlet_kubernetes_refused_objects_total{resource=\"\(resource)\"}")
    #expect(bad.isRefused ? count ?? 0 > 0 : count == 0)
  }

  @Test(arguments: [Fault.badObjects, .oversizedObject], [true, false])
  func `among the others of a list`(fault: Fault, isProtobuf: Bool) async throws {
    var options = APIServerOptions()
    options.hasProtobuf = isProtobuf
    options.offersWatchList = false
    let api = try await LiveServer.api(options)
    api.faults.add(fault, verb: .list, requests: 3)
    let server = try LiveServer(api)
    #expect(try server.answer(LiveWorld.name("tea")) == ["10.96.1.1"])
    #expect(try server.answer(LiveWorld.name("db")) == ["10.244.0.1", "10.244.0.2"])
    let refused = "swiftlet_kubernetes_refused_objects_total{resource=\"services\"}"
    #expect(server.sample(refused) ?? 0 > 0)
    #expect(server.daemon.end == nil)
  }
}
