import PluginChain
import Synchronization

/// A page over HTTP that stays where it is over reloads, while what it shows changes.
final class StandingEndpoint: Sendable {
  /// What a request gets; with 503 when it is not available.
  typealias Page = @Sendable () -> (isAvailable: Bool, text: String)

  private let host: String
  private let port: Int
  private let path: String
  private let contentType: String
  private let webConfiguration: String?
  private let page = Mutex<Page?>(nil)
  private let serving = Mutex<Task<Void, any Error>?>(nil)

  /// A page that does not serve yet; over TLS with the file of a web configuration.
  init(
    _ path: String, host: String, port: Int, contentType: String, webConfiguration: String? = nil
  ) {
    self.webConfiguration = webConfiguration
    self.host = host
    self.port = port
    self.path = path
    self.contentType = contentType
  }

  /// Shows `page` from now on.
  func show(_ page: @escaping Page) { self.page.withLock { $0 = page } }

  /// Binds, and serves from now on. Throws what keeps it from that.
  func start() async throws {
    let tls = try webConfiguration.map { try WebConfiguration(path: $0).settings() }
    let (bound, continuation) = AsyncThrowingStream<Void, any Error>.makeStream()
    let endpoint = HTTPEndpoint(path, contentType: contentType) { [self] in
      page.withLock { $0 }?() ?? (false, "")
    }
    let task = Task { [host, port] in
      do {
        try await endpoint.run(host: host, port: port, tls: tls) { continuation.yield() }
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
        throw error
      }
    }
    for try await _ in bound { break }
    serving.withLock { $0 = task }
  }

  /// Goes on serving until cancelled.
  func run() async throws {
    guard let task = serving.withLock({ $0 }) else { return }
    try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }
}

extension ServerSetup {
  /// Adds a page of `plugin` at `host` and `port`, bound at the start, kept over reloads. `run` is
  /// what goes on beside it.
  mutating func addEndpoint(
    _ path: String, of plugin: String, host: String, port: Int,
    contentType: String = "text/plain; charset=utf-8", webConfiguration: String? = nil,
    beside run: (@Sendable () async -> Void)? = nil, page: @escaping StandingEndpoint.Page
  ) {
    let key = "\(plugin) http \(host) \(port) \(path) \(webConfiguration ?? "")"
    let endpoint = kept.value(key) {
      StandingEndpoint(
        path, host: host, port: port, contentType: contentType, webConfiguration: webConfiguration)
    }
    adoptions.append { endpoint.show(page) }
    parts.append(
      Part(
        name: plugin, key: key,
        prepare: { mode in
          guard mode == .serve else { return }
          do {
            try await endpoint.start()
          } catch {
            throw StartError("\(plugin): cannot serve on \(host):\(port): \(error)")
          }
        },
        run: {
          await withTaskGroup(of: Void.self) { group in
            if let run { group.addTask { await run() } }
            try? await endpoint.run()
            group.cancelAll()
          }
        }))
  }
}
