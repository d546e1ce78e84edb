import APISimulator
import Cluster
import TestSupport
import Testing

/// Each fault of the simulator is what it says.
@Suite struct SimulatorFaultTests {
  private static let path = "/api/v1/services"

  private static func ask(
    _ server: APIServer, _ target: String = path, method: String = "GET",
    token: String? = "token-1", accept: String = "application/json"
  ) async throws -> PlainClient {
    try await PlainClient.ask(
      target, of: server, accept: accept, method: method, token: token
    ).end()
  }

  /// A server for one test.
  private static func serve(
    _ options: APIServerOptions = APIServerOptions(),
    _ body: (APIServer) async throws -> Void
  ) async throws {
    let server = try await APIServer(options, world: SimulatedShop.world())
    try await body(server)
    try await server.stop()
  }

  @Test(arguments: [401, 403, 429, 500, 503])
  func `a code hits as many requests as it should`(code: Int) async throws {
    try await Self.serve { server async throws in
      server.faults.add(.status(code, retryAfterSeconds: 7), resource: .services, requests: 2)
      #expect(try await Self.ask(server, "/api/v1/pods").code == 200)
      for _ in 0..<2 {
        let answer = try await Self.ask(server)
        #expect(answer.code == code && answer.header("retry-after") == "7")
        #expect(answer.text.contains("\"code\":\(code)"))
      }
      #expect(try await Self.ask(server).code == 200)
      #expect(server.log.count(.list, .services) == 3)
    }
  }

  @Test(arguments: [true, false])
  func `a torn body breaks off`(isEnded: Bool) async throws {
    try await Self.serve { server async throws in
      server.faults.add(.tornBody(octetCount: 100, isEnded: isEnded))
      let answer = try await Self.ask(server)
      #expect(answer.body.count == 100)
      #expect(answer.isWhole == isEnded)
      #expect(try await Self.ask(server).body.count > 1_000)
    }
  }

  @Test func `a slow body comes in pieces and whole`() async throws {
    try await Self.serve { server async throws in
      let usual = try await Self.ask(server)
      server.faults.add(.slowBody(octetCount: 500, every: .milliseconds(2)))
      let slow = try await Self.ask(server)
      #expect(slow.body == usual.body && slow.isWhole)
    }
  }

  @Test func `a request without an answer stays open`() async throws {
    try await Self.serve { server async throws in
      server.faults.add(.noHead)
      let silent = try await PlainClient.ask(Self.path, of: server)
      try await requireEventually { server.log.records.last?.code == 0 }
      #expect(silent.code == 0 && !silent.isOver)
      server.dropConnections()
      try await requireEventually { silent.isOver }
    }
  }

  @Test(arguments: [Fault.garbageBody, .badObjects, .oversizedObject], APIFormat.allCases)
  func `what cannot be read leaves the others whole`(
    fault: Fault, format: APIFormat
  ) async throws {
    try await Self.serve { server async throws in
      server.faults.add(fault)
      guard fault != .garbageBody else {
        await #expect(throws: APIDecodingProblem.self) {
          try await SimulatedShop.list(server, .service, format)
        }
        return
      }
      let list = try await SimulatedShop.list(server, .service, format)
      #expect(list.objects.compactMap(\.object) == SimulatedShop.expected(.service))
      #expect(list.objects.count(where: \.isRefused) == (fault == .badObjects ? 2 : 1))
    }
  }

  @Test func `a frozen watch sends nothing and stays open`() async throws {
    var options = APIServerOptions()
    options.bookmarkInterval = .milliseconds(20)
    try await Self.serve(options) { server async throws in
      let version = server.world.version
      let query = "resourceVersion=\(version)&allowWatchBookmarks=true&timeoutSeconds=60"
      server.faults.add(.frozenWatch)
      let frozen = try await SimulatedShop.watch(server, .service, .json, query: query)
      let other = try await SimulatedShop.watch(server, .service, .json, query: query)
      server.world.put(.service("shop", "new", .headless()))
      try await requireEventually {
        other.text.contains("ADDED") && other.text.contains("BOOKMARK")
      }
      #expect(frozen.text.isEmpty && !frozen.isOver)
      server.disturbWatches(.freeze)
      #expect(server.watchCount(.services) == 2)
      server.disturbWatches(.cut)
      try await requireEventually { frozen.isOver && other.isOver }
      #expect(!other.isWhole)
    }
  }

  @Test(arguments: [(410, true), (500, false), (0, false)])
  func `a watch breaks with an error`(code: Int, isExpired: Bool) async throws {
    try await Self.serve { server async throws in
      for format in APIFormat.allCases {
        server.faults.add(.watchError(code))
        let watch = try await SimulatedShop.watch(
          server, .pod, format, query: "resourceVersion=\(server.world.version)"
        ).end()
        var decoder = APIWatchDecoder(kind: .pod, format: format)
        guard case .error(let status) = decoder.events(watch).first else {
          Issue.record("\(decoder.events(watch))")
          return
        }
        #expect(status.code == code && status.isExpired == isExpired && watch.isWhole)
      }
    }
  }

  @Test func `disorder doubles events and keeps each object's order`() async throws {
    try await Self.serve { server async throws in
      server.faults.add(.disorder)
      let version = server.world.version
      for name in ["a", "b", "c"] { server.world.put(.namespace(name)) }
      let watch = try await SimulatedShop.watch(
        server, .namespace, .json, query: "resourceVersion=\(version)")
      var decoder = APIWatchDecoder(kind: .namespace, format: .json)
      #expect(waitUntil(.seconds(20)) { decoder.events(watch).count == 6 })
      let names = decoder.events(watch).compactMap { event in
        if case .set(let item) = event { item.key?.name } else { nil }
      }
      #expect(names == ["b", "b", "a", "a", "c", "c"])
    }
  }

  @Test func `a connection fails before anything is asked`() async throws {
    try await Self.serve { server async throws in
      for fault in [ConnectionFault.closed, .noTLS] {
        server.faults.add(fault)
        let answer = try? await Self.ask(server)
        #expect(answer?.code ?? 0 == 0)
      }
      server.faults.add(ConnectionFault.slow(.milliseconds(30)))
      #expect(try await Self.ask(server).code == 200)
      #expect(server.log.requestCount == 1)
    }
  }

  @Test func `a server that is closed refuses and comes back on its port`() async throws {
    try await Self.serve { server async throws in
      let watch = try await SimulatedShop.watch(
        server, .service, .json, query: "resourceVersion=\(server.world.version)")
      try await server.close()
      await #expect(throws: (any Error).self) { try await Self.ask(server) }
      try await requireEventually { watch.isOver && server.watchCount() == 0 }
      try await server.open()
      #expect(try await Self.ask(server).code == 200)
      try await server.restart(forgettingHistory: true)
      let late = try await Self.ask(server, "\(Self.path)?watch=1&resourceVersion=1001")
      #expect(late.text.contains("\"code\":410"))
    }
  }

  @Test func `a restored server goes back`() async throws {
    try await Self.serve { server async throws in
      let version = server.world.version
      #expect(try await server.restore() == false)
      server.world.backUp()
      server.world.delete(.services, "shop", "web")
      #expect(try await server.restore())
      let list = try await SimulatedShop.list(server, .service, .json)
      #expect(list.end.version == "\(version)")
      #expect(list.objects.compactMap(\.object) == SimulatedShop.expected(.service))
      let future = try await Self.ask(server, "\(Self.path)?watch=1&resourceVersion=9999")
      #expect(future.code == 504 && future.text.contains("Too large resource version"))
    }
  }
}
