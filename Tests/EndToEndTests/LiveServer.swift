import APISimulator
import Foundation
import TestSupport
import Testing

/// An API server inside the test, and the bare binary that follows it.
struct LiveServer {
  let api: APIServer
  let daemon: Daemon
  let ready: UInt16
  let metrics: UInt16

  /// What stands in the block beside `kubernetes`, and how it is started.
  struct Setup {
    /// Options of `kubernetes`.
    var options = ""
    /// Zones of `kubernetes`.
    var zones = "cluster.local in-addr.arpa ip6.arpa"
    /// Directives behind it.
    var lines = ""
    /// Further server blocks.
    var blocks: @Sendable (UInt16) -> String = { _ in "" }
    var readiness = Daemon.Readiness.synced
  }

  /// Starts the binary over a server that is there, or not yet.
  init(_ api: APIServer, _ setup: Setup = Setup(), folder: TemporaryFolder? = nil) throws {
    let folder = try folder ?? TemporaryFolder()
    let (ready, metrics) = (try freePort(), try freePort())
    (self.api, self.ready, self.metrics) = (api, ready, metrics)
    let source = try Self.source(api, folder)
    daemon = try Daemon(folder: folder, readiness: setup.readiness) { port in
      """
      .:\(port) {
          errors
          ready 127.0.0.1:\(ready)
          prometheus 127.0.0.1:\(metrics)
          kubernetes \(setup.zones) {
              \(source)
              \(setup.options)
          }
          \(setup.lines)
      }
      \(setup.blocks(port))
      """
    }
  }

  /// A server with the usual world.
  static func api(
    _ options: APIServerOptions = APIServerOptions(), world: World = LiveWorld.usual()
  ) async throws -> APIServer {
    try await APIServer(options, world: world)
  }

  /// The `kubeconfig` of a server, unless the test wrote one.
  static func source(_ api: APIServer, _ folder: TemporaryFolder) throws -> String {
    if folder.read("kubeconfig").isEmpty {
      try folder.write(
        try Kubeconfig.text(url: api.url, authorityFile: nil, token: "token-1"), to: "kubeconfig")
    }
    return "kubeconfig \(folder.path("kubeconfig"))"
  }

  // MARK: - Looking

  /// Asks over UDP with EDNS.
  func ask(_ name: String, _ type: Query.Kind = .a) throws -> ParsedMessage {
    try ParsedMessage(daemon.client.udp(Query(name, type, payloadSize: 1232).bytes))
  }

  /// The data of an answer, sorted; the response code's name when it is none of NOERROR.
  func answer(_ name: String, _ type: Query.Kind = .a) throws -> [String] {
    let message = try ask(name, type)
    guard message.responseCode == 0 else { return [ResponseCodeName.text(message.responseCode)] }
    return message.records(in: .answer).map(\.data).sorted()
  }

  /// Waits until a name has this answer.
  func expect(
    _ name: String, _ type: Query.Kind = .a, becomes wanted: String...,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    var last: [String] = []
    let isThere = try waitUntil(.seconds(60)) {
      last = try answer(name, type)
      return last == wanted
    }
    #expect(isThere, "\(name) is \(last)\n\(daemon.output)", sourceLocation: location)
  }

  /// The status of `ready`; 0 when nobody answers.
  var readyStatus: Int { (try? HTTPPage.wait(for: "/ready", port: ready).status) ?? 0 }

  /// The value of a sample on the page of `prometheus`; `nil` without one.
  func sample(_ start: String) -> Double? {
    let page = (try? HTTPPage.wait(for: "/metrics", port: metrics).body) ?? ""
    let line = page.split(separator: "\n").first { $0.hasPrefix(start) }
    return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
  }
}

/// The usual objects.
enum LiveWorld {
  /// A namespace with one Service of each kind, and a Pod.
  static func usual() -> World {
    let world = World()
    world.put(.namespace("shop"))
    world.put(service("tea", "10.96.1.1"))
    world.put(.service("shop", "db", .headless(ports: [SimulatedPort("sql", 5432)])))
    world.put(
      .slice(
        "shop", "db-1", of: "db",
        SimulatedSlice(
          [
            SimulatedEndpoint("10.244.0.1", hostname: "db-0"), SimulatedEndpoint("10.244.0.2"),
            SimulatedEndpoint("10.244.0.3", isReady: false),
          ], ports: [SimulatedPort("sql", 5432)])))
    world.put(.service("shop", "docs", .alias(of: "tea.shop.svc.cluster.local")))
    world.put(.pod("shop", "tea-1", SimulatedPod(addresses: ["10.244.0.9"])))
    return world
  }

  /// A Service of the namespace `shop` with an address.
  static func service(_ name: String, _ address: String) -> SimulatedObject {
    .service("shop", name, SimulatedService(clusterIPs: [address]))
  }

  /// A name of the namespace `shop`.
  static func name(_ service: String) -> String { "\(service).shop.svc.cluster.local." }
}
