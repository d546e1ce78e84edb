import Cluster
import Testing

@Suite struct APIClientTests {
  typealias Reply = LoopbackServer.Reply

  // MARK: - Requests

  @Test func `a request says what it wants`() async throws {
    try await ClientWorld.run { _ in
      NamespaceText.page([])
    } _: { world in
      _ = try await world.list()
      _ = try await world.list(.watch(version: "5", timeoutSeconds: 300))
      let requests = world.server.requests
      #expect(requests.map(\.uri).first == "/api/v1/namespaces?limit=500")
      #expect(requests.last?.uri.contains("watch=true") == true)
      #expect(world.server.headers("user-agent") == ["swiftlet/1.2.3", "swiftlet/1.2.3"])
      #expect(
        world.server.headers("accept") == [
          "application/vnd.kubernetes.protobuf,application/json;q=0.9",
          "application/vnd.kubernetes.protobuf;stream=watch,application/json;q=0.9",
        ])
      #expect(world.server.headers("host").first == "127.0.0.1:\(world.server.port)")
      #expect(world.server.headers("authorization") == ["", ""])
    }
  }

  @Test func `a path in the address stands before every other`() async throws {
    try await ClientWorld.run(
      configuration: { try .endpoint("http://127.0.0.1:\($0.port)/k8s/clusters/c-1/") },
      reply: { _ in NamespaceText.page([]) },
      { world in
        _ = try await world.list()
        #expect(
          world.server.requests.first?.uri == "/k8s/clusters/c-1/api/v1/namespaces?limit=500")
      })
  }

  @Test(arguments: [
    (APIServerConfiguration.Credentials.token("abc"), "Bearer abc"),
    (.basic(userName: "Aladdin", password: "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
    (.basic(userName: "a", password: ""), "Basic YTo="),
    (.none, ""),
  ])
  func `credentials are a header`(
    credentials: APIServerConfiguration.Credentials, header: String
  ) async throws {
    try await ClientWorld.run(
      adjust: { $0.credentials = credentials }, reply: { _ in NamespaceText.page([]) },
      { world in
        _ = try await world.list()
        #expect(world.server.headers("authorization") == [header])
      })
  }

  // MARK: - Responses

  @Test(arguments: [
    ("7", Duration.seconds(7)), (" 7 ", .seconds(7)), ("0", nil), ("-5", nil), ("soon", nil),
    ("99999999", .seconds(86_400)), ("Fri, 01 Jan 2199 00:00:00 GMT", .seconds(86_400)),
    ("Thu, 01 Jan 1998 00:00:00 GMT", nil), ("Thu, 31 Feb 2199 00:00:00 GMT", nil),
    ("", nil),
  ])
  func `a refusal says when to come again`(header: String, delay: Duration?) async throws {
    try await ClientWorld.run { _ in
      NamespaceText.status(429, reason: "TooManyRequests", headers: ["retry-after": header])
    } _: { world in
      await #expect(
        throws: APIStatus(code: 429, reason: "TooManyRequests", retryAfter: delay)
      ) { try await world.list() }
    }
  }

  @Test(arguments: [
    (Reply(status: 404, headers: ["content-type": "text/plain"], body: [65]), 404),
    (Reply(status: 302, headers: ["location": "http://127.0.0.1:1/"]), 302),
    (Reply(status: 500, headers: [:]), 500), (Reply(status: 204, headers: [:]), 204),
    (Reply(status: 403, body: Array(repeating: 32, count: 1 << 20)), 403),
  ])
  func `any other answer is a status`(reply: Reply, code: Int) async throws {
    try await ClientWorld.run { _ in
      reply
    } _: { world in
      await #expect(throws: APIStatus(code: code)) { try await world.list() }
    }
  }

  @Test func `a response that breaks off is a failure`() async throws {
    try await ClientWorld.run { _ in
      var reply = NamespaceText.page(["a"])
      reply.isOpen = true
      return reply
    } _: { world in
      let dropping = Task {
        try await requireEventually { world.server.isOpen(0) }
        world.server.send(.drop, to: 0)
      }
      #expect(await world.failure() == "the connection was closed")
      try await dropping.value
    }
  }

  // MARK: - Pace

  @Test func `requests above the rate wait`() {
    var limits = RequestLimits()
    limits.ratePerSecond = 10
    limits.burst = 2
    let pacer = RequestPacer(limits)
    let start = ContinuousClock.now + .seconds(1)
    func milliseconds(_ time: Duration) -> Int {
      Int((pacer.takeToken(at: start + time) / .milliseconds(1)).rounded())
    }
    #expect((0..<4).map { _ in milliseconds(.zero) } == [0, 0, 100, 200])
    // Half of what was lent is there again; then all of it, and no more than the burst.
    #expect(milliseconds(.milliseconds(100)) == 200)
    #expect((0..<3).map { _ in milliseconds(.seconds(60)) } == [0, 0, 100])
    // Time that goes back stands still.
    #expect(milliseconds(.zero) == 200)
  }

  @Test func `without a rate nothing waits`() {
    var limits = RequestLimits()
    limits.ratePerSecond = 0
    limits.burst = 0
    let pacer = RequestPacer(limits)
    #expect((0..<1_000).allSatisfy { _ in pacer.takeToken(at: .now) == .zero })
  }

  @Test func `lists take turns, watches do not`() async throws {
    try await ClientWorld.run(
      adjust: { $0.limits.inflightMax = 1 },
      reply: { request in
        var reply = NamespaceText.page([])
        reply.isOpen = true
        return reply
      },
      { world in
        let first = Task { try await world.list() }
        try await requireEventually { world.server.requests.count == 1 }
        let second = Task { try await world.list(.list(limit: 1, continueToken: "")) }
        let third = Task { try await world.list(.list(limit: 2, continueToken: "")) }
        let watch = Task { try await world.list(.watch(version: "1", timeoutSeconds: 1)) }
        try await requireEventually { world.server.requests.count == 2 }
        #expect(world.server.requests[1].uri.contains("watch=true"))
        // A list that is given up while it waits lets the others pass.
        second.cancel()
        _ = try? await second.value
        world.server.send(.end, to: 0)
        _ = try await first.value
        try await requireEventually { world.server.requests.count == 3 }
        #expect(world.server.requests[2].uri.contains("limit=2"))
        world.server.send(.end, to: 1)
        world.server.send(.end, to: 2)
        _ = try await (third.value, watch.value)
      })
  }

  // MARK: - Metrics

  @Test func `requests are counted by how they ended`() async throws {
    try await ClientWorld.run { request in
      request.number == 1 ? NamespaceText.status(403) : NamespaceText.page([])
    } _: { world in
      _ = try await world.list()
      _ = try? await world.list()
      _ = try await world.list(.watch(version: "5", timeoutSeconds: 300))
      await world.server.close()
      _ = await world.failure()
      let reading = world.client.metrics.read()
      #expect(reading.requestCounts == [.code(200): 2, .code(403): 1, .error: 1])
      #expect(reading.host == "127.0.0.1:\(world.server.port)" || reading.host.hasPrefix("127."))
      #expect(reading.requestDurations.counts.reduce(0, +) == 3)
      #expect(reading.requestDurations.sum > 0)
      #expect(reading.pacerDurations.counts.reduce(0, +) == 4)
      #expect(RequestMetrics.Outcome.code(200).label == "200")
      #expect(RequestMetrics.Outcome.error.label == "<error>")
    }
  }
}
