import Cluster
import Testing
import TestSupport

@Suite struct ReflectorDriverTests {
  typealias Request = LoopbackServer.Request
  typealias Reply = LoopbackServer.Reply

  /// Runs a driver beside the body of a test.
  private static func follow(
    _ sink: RecordingSink = RecordingSink(),
    adjust: (inout APIServerConfiguration) -> Void = { _ in },
    options: (inout ReflectorOptions) -> Void = { _ in },
    reply: @escaping @Sendable (Request) -> Reply,
    _ body: (ClientWorld, ReflectorDriver, RecordingSink) async throws -> Void
  ) async throws {
    var reflectorOptions = ReflectorOptions()
    reflectorOptions.usesWatchList = false
    options(&reflectorOptions)
    try await ClientWorld.run(adjust: adjust, reply: reply) { [reflectorOptions] world in
      let driver = ReflectorDriver(
        ClientWorld.namespaces, client: world.client, options: reflectorOptions, sink: sink)
      let task = Task { await driver.run() }
      let result: Result<Void, any Error>
      do {
        result = .success(try await body(world, driver, sink))
      } catch {
        result = .failure(error)
      }
      task.cancel()
      await task.value
      try result.get()
    }
  }

  private static func isWatch(_ request: Request) -> Bool { request.uri.contains("watch=true") }

  @Test(arguments: APIFormat.allCases)
  func `objects are listed and then watched`(format: APIFormat) async throws {
    try await Self.follow { request in
      Self.isWatch(request)
        ? NamespaceText.watch(format) : NamespaceText.page(["a", "b"], format)
    } _: { world, driver, sink in
      try await requireEventually { world.server.requests.count == 2 }
      #expect(sink.namesAtSync == ["a", "b"])
      #expect(world.server.requests[1].uri.contains("resourceVersion=10"))
      world.server.send(.octets(NamespaceText.object("c").event("ADDED", format)), to: 1)
      try await requireEventually { sink.names == ["a", "b", "c"] }
      world.server.send(.octets(NamespaceText.object("a").event("DELETED", format)), to: 1)
      try await requireEventually { sink.names == ["b", "c"] }
      let status = driver.status
      #expect(status.sync == .synced && status.counters.setEventCount == 1)
      #expect(status.counters.deleteEventCount == 1)
      #expect(status.age != nil && sink.syncCount == 1)
    }
  }

  @Test func `a list comes in pages and events in pieces`() async throws {
    try await Self.follow { request in
      if Self.isWatch(request) { return NamespaceText.watch() }
      return request.uri.contains("continue=next")
        ? NamespaceText.page(["b"]) : NamespaceText.page(["a"], token: "next")
    } _: { world, _, sink in
      try await requireEventually { world.server.requests.count == 3 }
      #expect(sink.namesAtSync == ["a", "b"])
      let event = NamespaceText.object("c").event("ADDED", .json)
      for octet in event { world.server.send(.octets([octet]), to: 2) }
      try await requireEventually { sink.names == ["a", "b", "c"] }
    }
  }

  @Test func `a watch that ends goes on from where it was`() async throws {
    try await Self.follow { request in
      Self.isWatch(request)
        ? NamespaceText.watch(.json, NamespaceText.object("b", version: "12").event("ADDED", .json))
        : NamespaceText.page(["a"])
    } _: { world, driver, sink in
      try await requireEventually { sink.names == ["a", "b"] }
      world.server.send(.end, to: 1)
      try await requireEventually { world.server.requests.count == 3 }
      #expect(world.server.requests[2].uri.contains("resourceVersion=12"))
      #expect(driver.status.counters.listCount == 1)
    }
  }

  @Test func `a watch that breaks is taken up again`() async throws {
    try await Self.follow { request in
      Self.isWatch(request) ? NamespaceText.watch() : NamespaceText.page(["a"])
    } _: { world, driver, sink in
      try await requireEventually { world.server.requests.count == 2 }
      world.server.send(.drop, to: 1)
      try await requireEventually { world.server.requests.count == 3 }
      try await requireEventually { sink.notices.contains { $0.contains("connection was closed") } }
      #expect(driver.status.counters.failureCount == 1 && sink.names == ["a"])
    }
  }

  @Test func `what a server has forgotten is listed again`() async throws {
    try await Self.follow { request in
      switch request.number {
      case 0: NamespaceText.page(["a", "b"])
      case 1: NamespaceText.status(410, reason: "Expired")
      case 2: NamespaceText.page(["b", "c"], version: "20")
      default: NamespaceText.watch()
      }
    } _: { world, driver, sink in
      try await requireEventually { sink.names == ["b", "c"] && world.server.requests.count == 4 }
      #expect(world.server.requests[3].uri.contains("resourceVersion=20"))
      #expect(driver.status.counters.relistCount == 1)
    }
  }

  @Test func `changes that are not taken come again`() async throws {
    let sink = RecordingSink(rejectCount: 1)
    try await Self.follow(sink) { request in
      switch request.number {
      case 0: NamespaceText.page(["a"])
      case 1: NamespaceText.status(410, reason: "Expired")
      case 2: NamespaceText.page(["a"])
      default: NamespaceText.watch()
      }
    } _: { _, _, sink in
      try await requireEventually { sink.names == ["a"] }
    }
  }

  @Test func `a silent watch is given up`() async throws {
    try await Self.follow(options: { $0.silenceMax = .milliseconds(100) }) { request in
      Self.isWatch(request) ? NamespaceText.watch() : NamespaceText.page(["a"])
    } _: { world, driver, _ in
      try await requireEventually { driver.status.counters.silenceCount > 1 }
      try await requireEventually { !world.server.isOpen(1) }
      #expect(driver.status.sync == .synced)
    }
  }

  @Test func `a server that is busy is asked again`() async throws {
    try await Self.follow { request in
      if Self.isWatch(request) { return NamespaceText.watch() }
      return request.number == 0 ? NamespaceText.status(503) : NamespaceText.page(["a"])
    } _: { _, driver, sink in
      try await requireEventually { sink.names == ["a"] }
      #expect(driver.status.counters.failureCount == 1)
      #expect(sink.notices.contains { $0.contains("the API server says 503") })
    }
  }

  @Test func `a refused token is read again at once`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("token", "old")
    try await Self.follow(adjust: { $0.credentials = .tokenFile("\(folder.path)/token") }) {
      request in
      guard request.headers["authorization"] == "Bearer new" else {
        try? folder.write("token", "new")
        return NamespaceText.status(401)
      }
      return Self.isWatch(request) ? NamespaceText.watch() : NamespaceText.page(["a"])
    } _: { world, driver, sink in
      try await requireEventually { sink.names == ["a"] }
      #expect(world.server.headers("authorization").prefix(2) == ["Bearer old", "Bearer new"])
      #expect(driver.status.counters.unauthorizedCount == 1)
      #expect(driver.status.counters.failureCount == 0)
    }
  }

  @Test(arguments: [
    ("text/html", "{}", "the answer is \"text/html\", not an API server's"),
    ("application/json", "{\"items\":[", "the list is cut short"),
    ("application/json", "[]", "the answer cannot be read"),
  ])
  func `an answer that is no list is told`(type: String, body: String, words: String) async throws {
    try await Self.follow { _ in
      Reply(headers: ["content-type": type], body: Array(body.utf8))
    } _: { _, driver, sink in
      try await requireEventually { sink.notices.contains { $0.contains(words) } }
      #expect(driver.status.sync == .never && driver.status.age == nil)
    }
  }

  @Test func `a driver that is cancelled ends its request`() async throws {
    try await ClientWorld.run { request in
      Self.isWatch(request) ? NamespaceText.watch() : NamespaceText.page(["a"])
    } _: { world in
      let sink = RecordingSink()
      var options = ReflectorOptions()
      options.usesWatchList = false
      let driver = ReflectorDriver(
        ClientWorld.namespaces, client: world.client, options: options, sink: sink)
      let task = Task { await driver.run() }
      try await requireEventually { world.server.requests.count == 2 }
      task.cancel()
      await task.value
      try await requireEventually { !world.server.isOpen(1) }
      #expect(sink.names == ["a"] && driver.status.sync == .synced)
    }
  }

  @Test func `a driver that starts without a server waits for it`() async throws {
    let server = try await LoopbackServer { _ in Reply() }
    let port = server.port
    await server.close()
    let thread = APIThread()
    let client = APIClient(
      try APIServerConfiguration.endpoint("http://127.0.0.1:\(port)"), version: "1",
      thread: thread)
    let sink = RecordingSink()
    let driver = ReflectorDriver(ClientWorld.namespaces, client: client, sink: sink)
    let task = Task { await driver.run() }
    try await requireEventually { driver.status.counters.failureCount > 1 }
    #expect(
      sink.notices == [
        "namespaces cannot be followed: cannot reach 127.0.0.1:\(port): "
          + "Connection refused; trying again"
      ])
    task.cancel()
    await task.value
    await client.close()
    await thread.stop()
  }
}
