import Hummingbird
import Logging
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
    let router = Router()
    router.get("/ready") { [self] _, _ -> Response in
      let names = unready()
      let text = names.isEmpty ? "OK" : names.joined(separator: ",")
      return Response(
        status: names.isEmpty ? .ok : .serviceUnavailable,
        headers: [.contentType: "text/plain; charset=utf-8"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
    let application = Application(
      router: router,
      configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
      logger: Logger(label: "ready") { _ in SwiftLogNoOpLogHandler() })
    try await application.run()
  }
}
