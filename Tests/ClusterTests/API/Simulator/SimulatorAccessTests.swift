import APISimulator
import Cluster
import TestSupport
import Testing

/// Who may ask what, and which objects are meant.
@Suite struct SimulatorAccessTests {
  private static func ask(
    _ server: APIServer, _ target: String, method: String = "GET", token: String? = "token-1",
    accept: String = "application/json"
  ) async throws -> PlainClient {
    try await PlainClient.ask(
      target, of: server, accept: accept, method: method, token: token
    ).end()
  }

  private static func serve(_ body: (APIServer) async throws -> Void) async throws {
    let server = try await APIServer(world: SimulatedShop.world())
    try await body(server)
    try await server.stop()
  }

  @Test func `a token that is not accepted gets 401`() async throws {
    try await Self.serve { server async throws in
      #expect(try await Self.ask(server, "/api/v1/pods").code == 200)
      server.access.tokens = ["token-2"]
      #expect(try await Self.ask(server, "/api/v1/pods").code == 401)
      #expect(try await Self.ask(server, "/api/v1/pods", token: nil).code == 401)
      #expect(try await Self.ask(server, "/api/v1/pods", token: "token-2").code == 200)
    }
  }

  @Test(arguments: [
    ("GET", "/api/v1/namespaces/shop/services/web"), ("GET", "/api/v1/namespaces/shop"),
    ("GET", "/api/v1/secrets"), ("POST", "/api/v1/namespaces/shop/services"),
    ("DELETE", "/api/v1/namespaces/shop/pods/db-1"), ("PUT", "/api/v1/namespaces/shop"),
    ("PATCH", "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices/db-x"),
    ("DELETE", "/api/v1/namespaces/shop/pods"), ("OPTIONS", "/api/v1/pods"),
  ])
  func `what CoreDNS's role has not is forbidden and noted`(
    method: String, target: String
  ) async throws {
    try await Self.serve { server async throws in
      let answer = try await Self.ask(server, target, method: method)
      #expect(answer.code == 403)
      #expect(answer.text.contains("\"reason\":\"Forbidden\""))
      #expect(server.log.violations.map(\.target) == [target])
    }
  }

  @Test func `what is allowed but is not there is not found`() async throws {
    try await Self.serve { server async throws in
      #expect(try await Self.ask(server, "/api/v1/endpoints").code == 404)
      #expect(server.log.violations.isEmpty)
      #expect(try await Self.ask(server, "/nothing").code == 404)
      server.access.rules.insert(Access.Rule(.create, "services"))
      #expect(try await Self.ask(server, "/api/v1/services", method: "POST").code == 405)
      server.access.forbid(.pods)
      #expect(try await Self.ask(server, "/api/v1/pods").code == 403)
      #expect(server.log.violations.count == 2)
    }
  }

  @Test(arguments: [
    ("namespaces/shop/services", ["shop/db", "shop/web"]),
    ("services?labelSelector=app%3Dweb", ["shop/web"]),
    ("services?labelSelector=app", ["shop/web"]),
    ("services?labelSelector=%21app", ["default/alias", "shop/db"]),
    ("services?labelSelector=app%21%3Dweb", ["default/alias", "shop/db"]),
    ("services?labelSelector=app+in+%28web%2Cdb%29", ["shop/web"]),
    ("services?labelSelector=app%20notin%20(web)", ["default/alias", "shop/db"]),
    ("services?fieldSelector=metadata.name%3Ddb", ["shop/db"]),
    ("pods?fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed", ["shop/db-1"]),
    ("namespaces?fieldSelector=metadata.name=shop", ["shop"]),
  ])
  func `selectors choose`(target: String, names: [String]) async throws {
    try await Self.serve { server async throws in
      let answer = try await Self.ask(server, "/api/v1/\(target)")
      let kind: ObjectKind =
        target.hasPrefix("pods") ? .pod : target.hasPrefix("namespaces?") ? .namespace : .service
      var decoder = APIListDecoder(kind: kind, format: .json)
      let objects = try decoder.feed(answer.body)
      #expect(objects.compactMap { $0.key?.description } == names)
    }
  }

  @Test func `an object that is no longer chosen is gone for the watch`() async throws {
    try await Self.serve { server async throws in
      let watch = try await SimulatedShop.watch(
        server, .pod, .protobuf,
        query: "resourceVersion=\(server.world.version)&fieldSelector=status.phase!%3DFailed")
      server.world.put(.pod("shop", "db-1", SimulatedPod(addresses: [], phase: "Failed")))
      server.world.put(.pod("shop", "other", SimulatedPod(addresses: [], phase: "Failed")))
      server.world.put(.pod("shop", "db-1", SimulatedPod(addresses: [], phase: "Running")))
      var decoder = APIWatchDecoder(kind: .pod, format: .protobuf)
      #expect(waitUntil(.seconds(20)) { decoder.events(watch).count == 2 })
      guard case .deleted(let gone) = decoder.events(watch).first,
        case .set(let back) = decoder.events(watch).last
      else {
        Issue.record("\(decoder.events(watch))")
        return
      }
      #expect(gone.key == back.key)
      watch.close()
    }
  }

  @Test func `a custom resource is JSON or nothing`() async throws {
    try await Self.serve { server async throws in
      server.world.put(
        .tree(.serviceImports, namespace: "shop", name: "web", ["spec": ["type": "Headless"]]))
      let path = "/apis/multicluster.x-k8s.io/v1alpha1/serviceimports"
      #expect(try await Self.ask(server, path).code == 403)
      server.access.allow(.serviceImports)
      let protobuf = "application/vnd.kubernetes.protobuf"
      #expect(try await Self.ask(server, path, accept: protobuf).code == 406)
      let answer = try await Self.ask(server, path, accept: "\(protobuf),application/json")
      #expect(answer.header("content-type") == "application/json")
      #expect(answer.text.contains("{\"kind\":\"ServiceImport\",\"apiVersion\""))
      #expect(answer.text.contains("\"spec\":{\"type\":\"Headless\"}"))
      #expect(server.log.violations.isEmpty)
    }
  }
}
