import PluginChain
import Plugins
import ServiceLifecycle

/// Serves the status pages until shutdown. When the port is taken, by the server before this one on
/// a node, it is tried again for as long as this one runs.
struct StatusService: Service {
  /// Between two tries: soon enough for a person who looks, and nothing beside a server's work.
  private static let retryInterval = Duration.seconds(2)

  let address: StatusAddress
  let pages: StatusPages
  let log: OutputLog

  func run() async throws {
    let serving = Task { await serve() }
    try? await gracefulShutdown()
    serving.cancel()
    await serving.value
  }

  private func serve() async {
    let endpoint = PageEndpoint { [pages] in await pages.reply(to: $0) }
    var isTold = false
    while !Task.isCancelled {
      do {
        let isNews = isTold
        try await endpoint.run(host: address.host, port: address.port) { [address, log] in
          if isNews { log.write(.info, "status: pages are at http://\(address)/ now") }
        }
        isTold = false
      } catch {
        // Once: the other server may stay for ever.
        if !isTold, !Task.isCancelled {
          log.write(
            .warning, "status: cannot serve on \(address): \(error); it is tried again")
        }
        isTold = true
      }
      try? await Task.sleep(for: Self.retryInterval)
    }
  }
}
