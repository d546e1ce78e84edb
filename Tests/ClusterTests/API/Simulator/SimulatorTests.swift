import APISimulator
import Cluster
import TestSupport
import Testing

/// What the simulator serves is read back by the decoders as the objects that were put.
@Suite struct SimulatorTests {
  @Test(arguments: APIFormat.allCases)
  func `lists of all kinds are read back`(format: APIFormat) async throws {
    let server = try await APIServer(world: SimulatedShop.world())
    for kind in ObjectKind.native {
      let list = try await SimulatedShop.list(server, kind, format)
      #expect(list.objects.compactMap(\.object) == SimulatedShop.expected(kind))
      #expect(list.objects.allSatisfy { $0.problems.isEmpty && !$0.uid.isEmpty })
      #expect(list.end.version == "\(server.world.version)")
      #expect(list.end.continueToken.isEmpty)
    }
    #expect(server.log.violations.isEmpty)
    try await server.stop()
  }

  @Test func `pages show one moment`() async throws {
    let server = try await APIServer()
    for number in 0..<10 { server.world.put(.namespace("ns-\(number)")) }
    let version = "\(server.world.version)"
    let first = try await SimulatedShop.list(server, .namespace, .protobuf, query: "limit=4")
    #expect(first.objects.count == 4)
    server.world.put(.namespace("ns-99"))
    server.world.delete(.namespaces, "", "ns-7")
    let second = try await SimulatedShop.list(
      server, .namespace, .json, query: "limit=4&continue=\(first.end.continueToken)")
    let third = try await SimulatedShop.list(
      server, .namespace, .protobuf, query: "limit=4&continue=\(second.end.continueToken)")
    let names = [first, second, third].flatMap(\.objects).compactMap(\.key?.name)
    #expect(names == (0..<10).map { "ns-\($0)" })
    #expect([first, second, third].map(\.end.version) == [version, version, version])
    #expect(third.end.continueToken.isEmpty)
    server.world.forgetSnapshots()
    let late = try await PlainClient.ask(
      "/api/v1/namespaces?limit=4&continue=\(first.end.continueToken)", of: server
    ).end()
    #expect(late.code == 410)
    #expect(late.text.contains("\"reason\":\"Expired\""))
    try await server.stop()
  }

  @Test(arguments: APIFormat.allCases)
  func `a watch tells what happens behind a version`(format: APIFormat) async throws {
    let server = try await APIServer(world: SimulatedShop.world())
    let version = server.world.version
    let watch = try await SimulatedShop.watch(
      server, .service, format, query: "resourceVersion=\(version)&timeoutSeconds=60")
    server.world.put(.service("shop", "new", SimulatedService(clusterIPs: ["10.0.9.1"])))
    server.world.put(.service("shop", "new", SimulatedService(clusterIPs: ["10.0.9.2"])))
    server.world.delete(.services, "shop", "new")
    server.world.put(.namespace("elsewhere"))
    var decoder = APIWatchDecoder(kind: .service, format: format)
    #expect(waitUntil(.seconds(20)) { decoder.events(watch).count == 3 })
    var types: [String] = []
    for event in decoder.events(watch) {
      switch event {
      case .set(let item): types.append("set \(item.key?.name ?? "") \(item.version)")
      case .deleted(let item): types.append("deleted \(item.key?.name ?? "") \(item.version)")
      default: types.append("other")
      }
    }
    #expect(
      types == ["set new \(version + 1)", "set new \(version + 2)", "deleted new \(version + 3)"])
    watch.close()
    try await server.stop()
  }

  @Test(arguments: APIFormat.allCases)
  func `a watch begins with all objects and marks their end`(format: APIFormat) async throws {
    let server = try await APIServer(world: SimulatedShop.world())
    let watch = try await SimulatedShop.watch(
      server, .endpointSlice, format,
      query: "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        + "&timeoutSeconds=60")
    var decoder = APIWatchDecoder(kind: .endpointSlice, format: format)
    let count = SimulatedShop.expected(.endpointSlice).count
    #expect(waitUntil(.seconds(20)) { decoder.events(watch).count == count + 1 })
    let events = decoder.events(watch)
    let objects = events.compactMap { event in
      if case .set(let item) = event { item.object } else { nil }
    }
    #expect(objects == SimulatedShop.expected(.endpointSlice))
    #expect(
      events.last == .bookmark(version: "\(server.world.version)", endsFirstEvents: true))
    watch.close()
    try await server.stop()
  }

  @Test func `a watch without objects at its beginning is refused where it is not offered`()
    async throws
  {
    var options = APIServerOptions()
    options.offersWatchList = false
    let server = try await APIServer(options)
    let answer = try await PlainClient.ask(
      "/api/v1/pods?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan", of: server
    ).end()
    #expect(answer.code == 422)
    try await server.stop()
  }

  @Test(arguments: [true, false])
  func `a watch from a forgotten version gets 410`(isRefused: Bool) async throws {
    var options = APIServerOptions()
    options.refusesExpiredWatches = isRefused
    let server = try await APIServer(options, world: SimulatedShop.world())
    let version = server.world.version - 3
    server.world.forgetHistory()
    let watch = try await PlainClient.ask(
      "/api/v1/services?watch=1&resourceVersion=\(version)", of: server,
      accept: "application/vnd.kubernetes.protobuf"
    ).end()
    if isRefused {
      let status = APIStatus(
        code: watch.code, retryAfter: nil, body: watch.body, format: .protobuf)
      #expect(status.code == 410 && status.reason == "Expired")
    } else {
      var decoder = APIWatchDecoder(kind: .service, format: .protobuf)
      #expect(watch.code == 200)
      guard case .error(let status) = decoder.feed(watch.body).first else {
        Issue.record("no ERROR event")
        return
      }
      #expect(status.isExpired)
    }
    try await server.stop()
  }

  @Test func `bookmarks come while nothing happens and before the end`() async throws {
    var options = APIServerOptions()
    options.bookmarkInterval = .milliseconds(300)
    let server = try await APIServer(options, world: SimulatedShop.world())
    let watch = try await SimulatedShop.watch(
      server, .pod, .protobuf,
      query: "resourceVersion=\(server.world.version)&allowWatchBookmarks=true&timeoutSeconds=1"
    ).end()
    server.world.skipVersions(5)
    var decoder = APIWatchDecoder(kind: .pod, format: .protobuf)
    let events = decoder.events(watch)
    #expect(events.count >= 2)
    #expect(
      events.allSatisfy {
        $0 == .bookmark(version: "\(server.world.version - 5)", endsFirstEvents: false)
      })
    #expect(watch.isWhole)
    try await server.stop()
  }
}
