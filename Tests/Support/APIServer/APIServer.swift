import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An API server for tests: lists and watches over HTTP/1.1, with every fault that real ones show.
///
/// It shares no code with the client that it judges. All methods may be called from anywhere; none
/// blocks a thread.
package final class APIServer: Sendable {
  /// Where it listens; the same after a restart.
  package let port: Int
  private let core: ServerCore
  private let listener: Listener

  /// Begins to listen. Whoever starts a server stops it.
  package init(
    _ options: APIServerOptions = APIServerOptions(), world: World = World()
  ) async throws {
    core = ServerCore(options: options, world: world)
    listener = try Listener(core)
    port = try await listener.open(port: options.port)
  }

  deinit { listener.closeNow() }

  /// `http://127.0.0.1:6443`, without a slash at the end.
  package var url: String {
    let scheme = if case .plain = core.options.security { "http" } else { "https" }
    let host = core.options.host.contains(":") ? "[\(core.options.host)]" : core.options.host
    return "\(scheme)://\(host):\(port)"
  }

  /// What the cluster is.
  package var world: World { core.world }

  /// What goes wrong.
  package var faults: Faults { core.faults }

  /// Who may do what.
  package var access: Access { core.access }

  /// What was asked.
  package var log: RequestLog { core.log }

  // MARK: - Watches and connections

  /// The number of watches that are going on, of a kind or of all.
  package func watchCount(_ kind: ResourceKind? = nil) -> Int { core.watches.count(kind) }

  /// The number of connections.
  package var connectionCount: Int { core.connections.count }

  /// Lets something happen to the watches that are going on, of a kind or of all.
  package func disturbWatches(_ signal: WatchSignal, _ kind: ResourceKind? = nil) {
    core.watches.signal(signal, kind)
  }

  /// Drops all connections; new ones are accepted.
  package func dropConnections() { core.connections.closeAll() }

  /// Stops listening, drops all connections, and listens again on the same port after a while.
  package func restart(
    forgettingHistory: Bool = false, downtime: Duration = .zero
  ) async throws {
    try await close()
    if forgettingHistory { core.world.forgetHistory() }
    if downtime > .zero { try await listener.pause(downtime) }
    try await open()
  }

  /// Goes back to the world's last backup, as after etcd was restored, and restarts; `false`
  /// without a backup.
  package func restore() async throws -> Bool {
    try await close()
    let isRestored = core.world.restore()
    try await open()
    return isRestored
  }

  /// Refuses connections until `open`.
  package func close() async throws {
    try await listener.close()
    core.connections.closeAll()
  }

  /// Accepts connections again.
  package func open() async throws {
    _ = try await listener.open(port: port)
  }

  /// Ends for good.
  package func stop() async throws { try await close() }
}
