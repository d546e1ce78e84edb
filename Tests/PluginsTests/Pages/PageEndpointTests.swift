import Plugins
import TestSupport
import Testing

/// Pages over HTTP.
@Suite struct PageEndpointTests {
  private func serving(_ body: (UInt16) async throws -> Void) async throws {
    let port = try freePort()
    let endpoint = PageEndpoint { request in
      switch request.path {
      case "/json": PageReply("{}", isJSON: true)
      case "/busy": PageReply(status: 429, "busy")
      default: PageReply(request["name"] ?? "-")
      }
    }
    try await whileRunning({ try await endpoint.run(host: "127.0.0.1", port: Int(port)) {} }) {
      try await body(port)
    }
  }

  @Test func `GET shows the page, with its parameters`() async throws {
    try await serving { port in
      #expect(await httpGet("/x?name=%41", port: port) == HTTPAnswer(status: 200, body: "A\n"))
      #expect(await httpGet("/json", port: port)?.body == "{}\n")
      #expect(await httpGet("/busy", port: port)?.status == 429)
      #expect(await httpGet("/?name=%4", port: port)?.status == 400)
    }
  }

  @Test func `silent connections keep nobody out`() async throws {
    try await serving { port in
      #expect(await httpGet("/", port: port)?.status == 200)
      let held = try (0..<200).map { _ in try HeldConnection(to: port) }
      #expect(await httpGet("/", port: port)?.status == 200)
      // The oldest has been given up.
      let end = try held[0].connection.receiveSome(timeout: .seconds(60))
      #expect(end.isEmpty)
    }
  }

  /// A connection that says nothing.
  private final class HeldConnection {
    let connection: TCPConnection

    init(to port: UInt16) throws { connection = try TCPConnection(to: DNSClient(port: port)) }
  }

  @Test func `the port is free again at the end`() async throws {
    var port: UInt16 = 0
    try await serving { own in
      port = own
      #expect(await httpGet("/", port: own)?.status == 200)
    }
    let isFree = waitUntil(.seconds(20)) {
      (try? TCPConnection(to: DNSClient(port: port))) == nil
    }
    #expect(isFree)
  }
}
