import PluginChain
import Plugins
import TestSupport
import Testing

/// `health`: the words of the directive, and the endpoint over HTTP.
@Suite struct HealthTests {
  @Test(arguments: [
    SetUpCase("health"), SetUpCase("health :8080"), SetUpCase("health [::1]:8080 {\n}"),
    SetUpCase("health {\n  lameduck 5s\n}"), SetUpCase("health {\n  lameduck 0\n}"),
    SetUpCase("health 8080", "2:8: error: found \"8080\", expected ADDRESS:PORT or :PORT"),
    SetUpCase("health :1 :2", "2:11: error: found \":2\"...at most 1 argument after health"),
    SetUpCase("health {\n  lameduck\n}", "3:3: error: found no arguments...1 argument"),
    SetUpCase("health {\n  lameduck 5\n}", "3:12: error: ...duration with a unit...\"5s\"?"),
    SetUpCase("health {\n  lameduck -1s\n}", "3:12: error: found \"-1s\""),
    SetUpCase("health {\n  lameduk 5s\n}", "3:3: error: ...did you mean \"lameduck\"?"),
    SetUpCase("health\nhealth", "2:1: warning: health stands more than once"),
  ])
  func `arguments and options`(row: SetUpCase) {
    #expect(row.differences() == [])
  }

  @Test func `one endpoint an address, and the longest lameduck`() {
    let setup = SetUpCorefile(
      """
      a.example:53 {
        health {
          lameduck 2s
        }
      }
      b.example:53 {
        health :8080 {
          lameduck 7s
        }
      }
      c.example:53 {
        health 127.0.0.1:8081 {
          lameduck 1s
        }
      }
      """
    ).setup
    #expect(setup.parts.map(\.name) == ["health", "health"])
    #expect(setup.lameduck == .seconds(7))
    #expect(!setup.ending.hasBegun)
    #expect(SetUpCorefile(".:53 {\n health\n}\n").setup.lameduck == .zero)
  }

  /// Runs `body` while the endpoint serves; then the endpoint ends.
  private func serving(_ body: (UInt16, ServerSetup) async throws -> Void) async throws {
    let port = try freePort()
    let setup = SetUpCorefile(".:53 {\n health 127.0.0.1:\(port)\n}\n").setup
    for adopt in setup.adoptions { adopt() }
    let part = try #require(setup.parts.first)
    try await whileRunning({ try await part.serve() }) {
      try await body(port, setup)
    }
  }

  @Test func `the page is there, also while the server ends`() async throws {
    try await serving { port, setup in
      #expect(await httpGet("/health", port: port) == HTTPAnswer(status: 200, body: "OK"))
      #expect(await httpGet("/", port: port)?.status == 404)
      setup.ending.begin()
      #expect(await httpGet("/health", port: port) == HTTPAnswer(status: 200, body: "OK"))
    }
  }

  @Test func `the endpoint asks itself and counts the time`() async throws {
    try await serving { port, setup in
      func family(_ name: String) throws -> MetricFamily.Sample {
        let family = try #require(setup.metrics.first { $0.name == name })
        return try #require(family.read().first)
      }
      let name = "coredns_health_request_duration_seconds"
      #expect(try family(name).buckets?.bounds == [0.00025, 0.0025, 0.025, 0.25, 2.5])
      _ = await httpGet("/health", port: port)
      // Requests that fail while the endpoint comes up are counted too.
      var counts: [Int] = []
      _ = try await eventually {
        counts = try family(name).buckets?.counts ?? []
        return counts.contains { $0 > 0 }
      }
      #expect(counts.count == 6)
      #expect(try family(name).value > 0)
      #expect(try family("coredns_health_request_failures_total").value >= 0)
    }
  }

  @Test func `a port that is taken is told with the address`() async throws {
    try await serving { port, setup in
      _ = await httpGet("/health", port: port)
      let part = try #require(setup.parts.first)
      let error = await #expect(throws: StartError.self) { try await part.serve() }
      #expect(
        error?.description.hasPrefix("health: cannot serve on 127.0.0.1:\(port): ") == true)
    }
  }
}
