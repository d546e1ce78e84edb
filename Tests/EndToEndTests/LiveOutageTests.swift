import APISimulator
import TestSupport
import Testing

/// An API server that is away, comes back, forgets, and lies: what was known is answered all the
/// time.
@Suite struct LiveOutageTests {
  /// Waits until a new Service is answered, while another is at every look.
  private static func expectChange(
    _ server: LiveServer, _ name: String, _ address: String, kept: String = "tea"
  ) throws {
    server.api.world.put(LiveWorld.service(name, address))
    let isThere = try waitUntil(.seconds(40)) {
      let known = try server.answer(LiveWorld.name(kept))
      try #require(known == ["10.96.1.1"], "\(known)\n\(server.daemon.output)")
      return try server.answer(LiveWorld.name(name)) == [address]
    }
    #expect(isThere, "\(server.daemon.output)")
  }

  @Test func `a server that is away at the start is waited for`() async throws {
    let api = try await LiveServer.api()
    try await api.close()
    var setup = LiveServer.Setup()
    setup.readiness = .answers
    setup.options = "startup_timeout 300ms"
    let server = try LiveServer(api, setup)
    #expect(try server.answer(LiveWorld.name("tea")) == ["SERVFAIL"])
    #expect(server.readyStatus == 503)
    #expect(
      server.daemon.output.contains("starting before the objects of the API server are there"))
    #expect(waitUntil(.seconds(60)) { server.daemon.output.contains("cannot be followed") })
    try await api.open()
    try server.expect(LiveWorld.name("tea"), becomes: "10.96.1.1")
    #expect(waitUntil(.seconds(60)) { server.readyStatus == 200 })
  }

  @Test(arguments: [false, true])
  func `a restart costs nothing`(forgetsHistory: Bool) async throws {
    let api = try await LiveServer.api()
    let server = try LiveServer(api)
    for number in 1...2 {
      try await api.restart(forgettingHistory: forgetsHistory, downtime: .milliseconds(300))
      try Self.expectChange(server, "cake-\(number)", "10.96.2.\(number)")
    }
    // What went away meanwhile is gone.
    try await api.close()
    api.world.delete(.services, "shop", "cake-1")
    if forgetsHistory { api.world.forgetHistory() }
    #expect(try server.answer(LiveWorld.name("cake-1")) == ["10.96.2.1"])
    #expect(server.readyStatus == 200)
    try await api.open()
    try server.expect(LiveWorld.name("cake-1"), becomes: "NXDOMAIN")
    #expect(api.log.violations.isEmpty)
  }

  /// What can happen to watches.
  @Test(arguments: [410, 0, 500])
  func `a watch that breaks goes on`(code: Int) async throws {
    let api = try await LiveServer.api()
    let server = try LiveServer(api)
    try #require(waitUntil(.seconds(60)) { api.watchCount() == 3 })
    api.faults.add(.watchError(code), verb: .watch, requests: 3)
    api.dropConnections()
    try Self.expectChange(server, "cake", "10.96.1.3")
  }

  @Test(arguments: [500, 503, 429])
  func `refused requests are asked again`(code: Int) async throws {
    let api = try await LiveServer.api()
    api.faults.add(.status(code, retryAfterSeconds: 0), requests: 4)
    var setup = LiveServer.Setup()
    setup.readiness = .answers
    let server = try LiveServer(api, setup)
    try server.expect(LiveWorld.name("tea"), becomes: "10.96.1.1")
    try Self.expectChange(server, "cake", "10.96.1.3")
  }

  @Test func `a server that was restored from a backup is believed`() async throws {
    let api = try await LiveServer.api()
    api.world.backUp()
    let server = try LiveServer(api)
    try Self.expectChange(server, "cake", "10.96.1.3")
    #expect(try await api.restore())
    try server.expect(LiveWorld.name("cake"), becomes: "NXDOMAIN")
    try Self.expectChange(server, "milk", "10.96.1.4")
  }
}
