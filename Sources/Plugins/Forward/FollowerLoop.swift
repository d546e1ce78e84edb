import Corefile
import Files
import PluginChain
import Sockets
import Synchronization

/// The follower's thread: waits for events and times, looks, publishes.
final class FollowerLoop: Sendable {
  private let configuration: ForwardConfiguration
  private let directory: UpstreamDirectory
  private let log: any LogSink
  private let settings: UpstreamFollower.Settings
  private let stopSignal: StopSignal
  private let sources: Mutex<UpstreamSources>

  /// Between attempts to resolve a host name at the start.
  private static let startRetryMilliseconds: Int32 = 250

  /// A loop that has not begun; fails when the process has no descriptors left.
  init(
    _ configuration: ForwardConfiguration, _ directory: UpstreamDirectory, _ log: any LogSink,
    _ settings: UpstreamFollower.Settings
  ) throws(PosixProblem) {
    stopSignal = try StopSignal()
    self.configuration = configuration
    self.directory = directory
    self.log = log
    self.settings = settings
    sources = Mutex(UpstreamSources(configuration.targets, hostBounds: settings.hostBounds))
  }

  /// Ends `start` and `run`, wherever they wait.
  func stop() { stopSignal.give() }

  // MARK: - The start

  /// Reads all files and resolves all host names for the first time, and publishes.
  func start() -> Result<Void, any Error> {
    sources.withLock { sources in
      let notes = sources.lookAtFiles()
      if let (target, reason) = sources.failures(ofFiles: true).first {
        return .failure(Self.error(target, reason))
      }
      // That a list is there is no news; that lines are left out is.
      write(notes.filter { $0.level == .warning })
      resolveAtStart(&sources)
      let upstreams = sources.upstreams
      for (target, reason) in sources.failures(ofFiles: false) {
        guard !upstreams.isEmpty else { return .failure(Self.error(target, reason)) }
        log.write(
          .warning,
          "plugin/forward: \(target.token.text): \(reason); starting without it, "
            + "it is tried again")
      }
      directory.publish(upstreams)
      return .success(())
    }
  }

  private static func error(_ target: ForwardTarget, _ reason: String) -> StartError {
    StartError("\(target.token.position): error: \(target.token.text): \(reason)")
  }

  private func resolveAtStart(_ sources: inout UpstreamSources) {
    let deadline = monotonicNanoseconds() &+ settings.startLimit
    while sources.lacksHosts {
      var resolver = resolver()
      resolver.deadline = deadline
      _ = sources.lookUpHosts(dueAt: nil, resolver, stop: stopSignal)
      // An attempt that is cut short would hide why the ones before failed.
      let end = monotonicNanoseconds() &+ HostResolver.replyTimeout
      guard sources.lacksHosts, end < deadline else { return }
      let waking = stopSignal.wait(for: -1, milliseconds: Self.startRetryMilliseconds)
      if waking == .stopped { return }
    }
  }

  /// Asks the directive's resolvers, or the system's as they are now.
  private func resolver() -> HostResolver {
    if !configuration.resolvers.isEmpty { return HostResolver(servers: configuration.resolvers) }
    return HostResolver(servers: (try? ResolvConf.read(settings.systemFile).servers) ?? [])
  }

  // MARK: - Following

  /// Follows until `stop`.
  func run() {
    sources.withLock { sources in
      var now = monotonicNanoseconds()
      var nextLook = sources.hasFiles ? now &+ settings.fileLookInterval : .max
      var burst = EventBurst()
      while true {
        let next = min(nextLook, burst.look ?? .max, sources.nextLookup)
        let waking = stopSignal.wait(for: sources.eventDescriptor, from: now, until: next)
        if waking == .stopped { return }
        now = monotonicNanoseconds()
        if waking == .readable { burst.take(sources.takeEvents(), at: now) }
        if now >= min(nextLook, burst.look ?? .max) {
          burst = EventBurst()
          nextLook = now &+ settings.fileLookInterval
          write(sources.lookAtFiles())
          directory.publish(sources.upstreams)
          now = monotonicNanoseconds()
        }
        if now >= sources.nextLookup {
          write(sources.lookUpHosts(dueAt: now, resolver(), stop: stopSignal))
          directory.publish(sources.upstreams)
          now = monotonicNanoseconds()
        }
      }
    }
  }

  private func write(_ notes: [FollowerNote]) {
    for note in notes { log.write(note.level, "plugin/forward: \(note.text)") }
  }
}
