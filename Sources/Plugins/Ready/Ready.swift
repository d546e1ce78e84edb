import PluginChain
import Synchronization

/// `ready`: `GET /ready` says 200 once every plugin is ready, and keeps saying so unless it is to
/// ask each time; before that 503 with the names of those that are not, and 503 when the server
/// ends.
package final class Ready: Sendable {
  private let checks: [ReadinessCheck]
  private let asksContinuously: Bool
  private let ending: Ending
  private let hasBeenReady = Atomic<Bool>(false)

  /// An endpoint over the checks of all server blocks.
  package init(
    checks: [ReadinessCheck], asksContinuously: Bool = false, ending: Ending = Ending()
  ) {
    self.checks = checks
    self.asksContinuously = asksContinuously
    self.ending = ending
  }

  /// The names of plugins that are not ready; empty from the first time that none was, unless it
  /// asks continuously.
  func unready() -> [String] {
    if !asksContinuously, hasBeenReady.load(ordering: .acquiring) { return [] }
    var names: [String] = []
    for check in checks where !check.isReady() && !names.contains(check.name) {
      names.append(check.name)
    }
    if names.isEmpty { hasBeenReady.store(true, ordering: .releasing) }
    return names
  }

  /// What a request gets.
  var page: (isAvailable: Bool, text: String) {
    if ending.hasBegun { return (false, "Shutting down") }
    let names = unready()
    return (names.isEmpty, names.isEmpty ? "OK" : names.joined(separator: ","))
  }

  /// Serves on `host` and `port` until cancelled.
  package func run(host: String, port: Int) async throws {
    try await HTTPEndpoint("/ready", contentType: "text/plain; charset=utf-8") { [self] in page }
      .run(host: host, port: port)
  }
}
