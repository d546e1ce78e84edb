import PluginChain
import Plugins
import Synchronization
import TestSupport
import Testing

/// The endpoint itself, over HTTP.
@Suite struct ReadyEndpointTests {
  /// Checks whose answers the test sets.
  private final class Switches: Sendable {
    private let states = Mutex<[String: Bool]>([:])

    subscript(name: String) -> Bool {
      get { states.withLock { $0[name] ?? false } }
      set { states.withLock { $0[name] = newValue } }
    }

    func check(_ name: String) -> ReadinessCheck {
      ReadinessCheck(name: name) { self[name] }
    }
  }

  @Test func `503 with names until all are ready, then 200 for good`() async throws {
    let switches = Switches()
    let ready = Ready(checks: ["one", "two", "one"].map(switches.check))
    let port = try freePort()
    try await whileRunning({ try await ready.run(host: "127.0.0.1", port: Int(port)) }) {
      let first = await httpGet("/ready", port: port)
      #expect(first == HTTPAnswer(status: 503, body: "one,two"), "each name once")
      switches["one"] = true
      #expect(await httpGet("/ready", port: port) == HTTPAnswer(status: 503, body: "two"))
      switches["one"] = false
      switches["two"] = true
      #expect(await httpGet("/ready", port: port) == HTTPAnswer(status: 503, body: "one"))
      switches["one"] = true
      #expect(await httpGet("/ready", port: port) == HTTPAnswer(status: 200, body: "OK"))
      // Latched: a plugin that loses its source still answers from memory.
      switches["one"] = false
      switches["two"] = false
      #expect(await httpGet("/ready", port: port) == HTTPAnswer(status: 200, body: "OK"))
      #expect(await httpGet("/", port: port)?.status == 404)
      #expect(await httpGet("/ready/x", port: port)?.status == 404)
    }
  }

  @Test func `monitor continuously takes it back`() async throws {
    let switches = Switches()
    let ready = Ready(checks: [switches.check("one")], asksContinuously: true)
    let port = try freePort()
    try await whileRunning({ try await ready.run(host: "127.0.0.1", port: Int(port)) }) {
      switches["one"] = true
      #expect(await httpGet("/ready", port: port) == HTTPAnswer(status: 200, body: "OK"))
      switches["one"] = false
      #expect(await httpGet("/ready", port: port) == HTTPAnswer(status: 503, body: "one"))
      switches["one"] = true
      #expect(await httpGet("/ready", port: port) == HTTPAnswer(status: 200, body: "OK"))
    }
  }

  @Test(arguments: ["", "{\n monitor continuously\n }"])
  func `a server that ends is not ready`(options: String) async throws {
    let port = try freePort()
    let setup = SetUpCorefile(".:53 {\n ready 127.0.0.1:\(port) \(options)\n}\n").setup
    let part = try #require(setup.readyEndpoints.first)
    try await whileRunning(part.serve) {
      #expect(await httpGet("/ready", port: port) == HTTPAnswer(status: 200, body: "OK"))
      setup.ending.begin()
      #expect(
        await httpGet("/ready", port: port) == HTTPAnswer(status: 503, body: "Shutting down"))
    }
  }

  @Test func `nothing to wait for is ready`() async throws {
    let port = try freePort()
    try await whileRunning({ try await Ready(checks: []).run(host: "127.0.0.1", port: Int(port)) })
    {
      #expect(await httpGet("/ready", port: port) == HTTPAnswer(status: 200, body: "OK"))
    }
  }

  /// What the Corefile says, with the port put in, and where it is then reached.
  @Test(arguments: [
    ("127.0.0.1:", "127.0.0.1"), (":", "127.0.0.1"), ("localhost:", "127.0.0.1"),
    ("0.0.0.0:", "127.0.0.1"),
  ])
  func `a cluster is ready once it is read`(address: String, host: String) async throws {
    let port = try freePort()
    let server = try await TestServer(
      """
      .:53 {
        ready \(address)\(port)
        kubernetes cluster.local {
          manifests MANIFESTS
        }
      }
      """, manifests: [Manifest.service("shop/web", "10.96.0.1")], isPrepared: false)
    let part = try #require(server.corefile.setup.readyEndpoints.first)
    try await whileRunning(part.serve) {
      let before = await httpGet("/ready", host: host, port: port)
      #expect(before == HTTPAnswer(status: 503, body: "kubernetes"))
      for part in server.corefile.setup.parts { try await part.prepare(.once) }
      #expect(
        await httpGet("/ready", host: host, port: port) == HTTPAnswer(status: 200, body: "OK"))
    }
  }

  @Test func `a port that is taken is told with the address`() async throws {
    let port = try freePort()
    let parts = SetUpCorefile(".:53 {\n ready 127.0.0.1:\(port)\n}\n").setup.readyEndpoints
    let part = try #require(parts.first)
    try await whileRunning(part.serve) {
      _ = await httpGet("/ready", port: port)
      let error = await #expect(throws: StartError.self) { try await part.serve() }
      #expect(
        error?.description.hasPrefix("ready: cannot serve on 127.0.0.1:\(port): ") == true)
    }
  }
}
