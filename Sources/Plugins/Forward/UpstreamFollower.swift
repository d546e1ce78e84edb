import DNSWire
import Files
import PluginChain
import Sockets
import Synchronization
import Upstreams

/// Keeps the directory of one `forward` directive up to date: reads resolv.conf files and follows
/// them, resolves host names and resolves them again when their TTL has passed.
///
/// What cannot be read or resolved leaves the upstreams that are there. Nothing of this touches a
/// worker: they see a new list, or the one they have.
package final class UpstreamFollower: Sendable {
  /// Times and places that tests change.
  package struct Settings: Sendable {
    /// Names the servers that resolve host names, when the directive does not.
    package var systemFile = "/etc/resolv.conf"
    /// Nanoseconds between looks at files that events did not ask for.
    package var fileLookInterval: UInt64 = 30_000_000_000
    /// Nanoseconds that host names may take to resolve before the start fails.
    package var startLimit: UInt64 = 5_000_000_000
    /// Nanoseconds between lookups of a host that succeed.
    package var hostBounds = HostSchedule.usualBounds

    /// The server's own.
    package init() {}
  }

  /// What the workers read. Upstreams that are given by address are in it from the beginning.
  package let directory: UpstreamDirectory

  private let configuration: ForwardConfiguration
  private let settings: Settings
  private let log: any LogSink
  private let loop = Mutex<FollowerLoop?>(nil)

  /// A follower for a directive; opens and reads nothing yet.
  package init(
    _ configuration: ForwardConfiguration, log: any LogSink, settings: Settings = Settings()
  ) {
    self.configuration = configuration
    self.log = log
    self.settings = settings
    let sources = UpstreamSources(configuration.targets, hostBounds: settings.hostBounds)
    directory = UpstreamDirectory(sources.upstreams)
  }

  /// Whether there is anything to follow: `false` when all targets are addresses.
  package var isNeeded: Bool {
    configuration.targets.contains { if case .address = $0.place { false } else { true } }
  }

  /// What has to run beside the workers; `nil` when there is nothing to follow.
  package var part: Part? {
    guard isNeeded else { return nil }
    return Part(
      name: "forward",
      prepare: { [self] mode in try await prepare(mode) },
      run: { [self] in await run() })
  }

  /// Finds the first upstreams. Throws a `StartError` for a file that cannot be read or names no
  /// server, and for a host that has no address when there is no other upstream. Does nothing when
  /// no query will come (`.once`).
  package func prepare(_ mode: StartMode) async throws {
    guard mode == .serve, isNeeded else { return }
    let loop: FollowerLoop
    do throws(PosixProblem) {
      loop = try FollowerLoop(configuration, directory, log, settings)
    } catch {
      throw StartError("plugin/forward: upstreams cannot be followed (\(error.message))")
    }
    self.loop.withLock { $0 = loop }
    try await withTaskCancellationHandler {
      try await start(loop).get()
    } onCancel: {
      loop.stop()
    }
  }

  /// Runs the start on a thread of its own: it blocks.
  private func start(_ loop: FollowerLoop) async -> Result<Void, any Error> {
    let (results, continuation) = AsyncStream<Result<Void, any Error>>.makeStream()
    do throws(SystemError) {
      let thread = try SystemThread(name: "forward") { continuation.yield(loop.start()) }
      defer { thread.join() }
      for await result in results { return result }
      return .success(())
    } catch {
      return .failure(StartError("plugin/forward: \(error)"))
    }
  }

  /// Follows files and hosts, on a thread of its own, until the task is cancelled.
  package func run() async {
    var thread: SystemThread?
    let loop = loop.withLock { $0 }
    if let loop {
      do throws(SystemError) {
        thread = try SystemThread(name: "forward") { loop.run() }
      } catch {
        log.write(.error, "plugin/forward: \(error); changes of upstreams are not seen")
      }
    }
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    loop?.stop()
    thread?.join()
  }
}
