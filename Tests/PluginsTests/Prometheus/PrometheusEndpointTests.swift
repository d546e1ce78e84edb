import Foundation
import PluginChain
import Plugins
import TestSupport
import Testing

/// The endpoint itself, over HTTP.
@Suite struct PrometheusEndpointTests {
  /// Runs `body` while the endpoint of a Corefile serves; then the endpoint ends.
  private func serving(_ body: (UInt16) async throws -> Void) async throws {
    let port = try freePort()
    let setup = SetUpCorefile(
      ".:53 {\n prometheus localhost:\(port)\n loop\n cache\n forward . 192.0.2.1\n}\n"
    ).setup
    let part = try #require(setup.prometheusEndpoints(version: "1.2\"3").first)
    try await whileRunning({ try await part.serve() }) {
      try await body(port)
    }
  }

  @Test func `all that plugins contribute is shown`() async throws {
    try await serving { port in
      let answer = try #require(await httpGet("/metrics", port: port))
      #expect(answer.status == 200)
      let lines = answer.body.split(separator: "\n").map(String.init)
      for line in [
        "coredns_build_info{goversion=\"\",revision=\"\",version=\"1.2\\\"3\"} 1",
        "swiftlet_build_info{version=\"1.2\\\"3\"} 1", "coredns_panics_total 0",
        "coredns_forward_max_concurrent_rejects_total 0",
        "swiftlet_loop_upstreams{server=\"dns://:53\",zone=\".\"} 0",
        "coredns_cache_entries{server=\"dns://:53\",type=\"success\",view=\"\",zones=\".\"} 0",
        "coredns_plugin_enabled{name=\"cache\",server=\"dns://:53\",view=\"\",zone=\".\"} 1",
      ] {
        #expect(lines.contains(line), "\(line)")
      }
      let types = lines.filter { $0.hasPrefix("# TYPE") }
      #expect(Set(types).count == types.count)
    }
  }

  @Test func `the process is described`() async throws {
    try await serving { port in
      let body = await httpGet("/metrics", port: port)?.body ?? ""
      func value(_ name: String) -> Double {
        let line = body.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        return line.flatMap { Double($0.dropFirst(name.count + 1)) } ?? -1
      }
      #expect(value("process_cpu_seconds_total") >= 0)
      #expect(value("process_resident_memory_bytes") > 1_000_000)
      #expect(
        value("process_virtual_memory_bytes") >= value("process_resident_memory_bytes"))
      #expect(value("process_open_fds") > 3)
      #expect(value("process_max_fds") >= value("process_open_fds"))
      let start = Date().timeIntervalSince1970 - value("process_start_time_seconds")
      #expect((-10..<86_400).contains(start))
    }
  }

  /// What is sent, and how the answer begins.
  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404"),
    ("GET /metrics/x HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404"),
    ("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 404"),
    ("DELETE /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404"),
    ("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200"),
    ("nonsense\r\n\r\n", "HTTP/1.1 400"),
  ])
  func `only GET of one path`(request: String, beginning: String) async throws {
    try await serving { port in
      _ = await httpGet("/metrics", port: port)
      let answer = await Self.answer(to: request, port: port)
      #expect(answer.hasPrefix(beginning))
      if beginning.hasSuffix("200") {
        let type = "content-type: text/plain; version=0.0.4; charset=utf-8\r\n"
        #expect(answer.lowercased().contains(type))
      }
    }
  }

  @Test(arguments: [
    "A: " + String(repeating: "a", count: 9_000) + "\r\n",
    (0..<70).map { "A\($0): b\r\n" }.joined(),
    (0..<30).map { "A\($0): " + String(repeating: "b", count: 400) + "\r\n" }.joined(),
  ])
  func `too much of a header is refused`(fields: String) async throws {
    try await serving { port in
      _ = await httpGet("/metrics", port: port)
      let request = "GET /metrics HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
      let answer = await Self.answer(to: request, port: port, mayBeNone: true)
      #expect(!answer.hasPrefix("HTTP/1.1 200"))
      #expect(await httpGet("/metrics", port: port)?.status == 200, "others are served on")
    }
  }

  @Test func `a port that is taken is told with the address`() async throws {
    try await serving { port in
      _ = await httpGet("/metrics", port: port)
      let setup = SetUpCorefile(".:53 {\n prometheus 127.0.0.1:\(port)\n}\n").setup
      let part = try #require(setup.prometheusEndpoints().first)
      let error = await #expect(throws: StartError.self) { try await part.serve() }
      #expect(
        error?.description.hasPrefix("prometheus: cannot serve on 127.0.0.1:\(port): ") == true)
    }
  }

  /// What comes back first. `mayBeNone`: the connection may end without a word; otherwise it is
  /// asked again then, since the endpoint drops connections that wait long, as they may here.
  private static func answer(
    to request: String, port: UInt16, mayBeNone: Bool = false
  ) async -> String {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var octets: [UInt8] = []
        _ = waitUntil(.seconds(600)) {
          octets = Self.octets(for: request, port)
          return mayBeNone || !octets.isEmpty
        }
        continuation.resume(returning: String(decoding: octets, as: UTF8.self))
      }
    }
  }

  private static func octets(for request: String, _ port: UInt16) -> [UInt8] {
    guard let connection = try? TCPConnection(to: DNSClient(port: port)),
      (try? connection.send(Array(request.utf8))) != nil
    else { return [] }
    return (try? connection.receiveSome(timeout: .seconds(300))) ?? []
  }
}
