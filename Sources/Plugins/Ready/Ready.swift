import PluginChain
import Synchronization

/// `ready`: `GET /ready` says 200 once every plugin is ready, and keeps saying so; before that 503
/// with the names of those that are not.
package final class Ready: Sendable {
  private let checks: [ReadinessCheck]
  private let hasBeenReady = Atomic<Bool>(false)

  /// An endpoint over the checks of all server blocks.
  package init(checks: [ReadinessCheck]) {
    self.checks = checks
  }

  /// The names of plugins that are not ready; empty from the first time that none was.
  func unready() -> [String] {
    if hasBeenReady.load(ordering: .acquiring) { return [] }
    var names: [String] = []
    for check in checks where !check.isReady() && !names.contains(check.name) {
      names.append(check.name)
    }
    if names.isEmpty { hasBeenReady.store(true, ordering: .releasing) }
    return names
  }

  /// Serves on `host` and `port` until cancelled.
  package func run(host: String, port: Int) async throws {
    let endpoint = HTTPEndpoint("/ready", contentType: "text/plain; charset=utf-8") { [self] in
      let names = unready()
      return (names.isEmpty, names.isEmpty ? "OK" : names.joined(separator: ","))
    }
    try await endpoint.run(host: host, port: port)
  }
}
