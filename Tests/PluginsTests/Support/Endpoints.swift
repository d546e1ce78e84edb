import PluginChain
import Plugins

extension ServerSetup {
  /// The endpoints of `ready`, as they stand in a server that has adopted the set-up.
  var readyEndpoints: [Part] { adding { Ready.addEndpoints(&$0) } }

  /// The endpoints of `prometheus`, likewise.
  func prometheusEndpoints(version: String = "1") -> [Part] {
    adding { Prometheus.addEndpoints(&$0, version: version) }
  }

  private func adding(_ add: (inout ServerSetup) -> Void) -> [Part] {
    var setup = self
    add(&setup)
    for adopt in setup.adoptions { adopt() }
    return Array(setup.parts.dropFirst(parts.count))
  }
}

extension Part {
  /// Both halves, as when the server serves.
  func serve() async throws {
    try await prepare(.serve)
    try await run()
  }
}
