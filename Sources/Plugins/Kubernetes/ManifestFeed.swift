import Cluster
import Corefile
import Files
import Glibc
import PluginChain
import RecordStore
import Sockets
import Synchronization

/// Objects from `manifests`: read at the start, then followed.
final class ManifestFeed: ClusterFeed {
  private let records: ClusterRecords
  private let paths: [Token]
  private let startupTimeout: Duration
  private let log: any LogSink
  private let manifests = Mutex<ManifestSource?>(nil)
  private let shadowing = Mutex(ShadowingNamespaces())
  /// Changes that the store could not take; they go in with the next round.
  private let undelivered = Mutex<[ObjectChange]>([])

  /// A feed that has read nothing.
  init(
    _ paths: [Token], startupTimeout: Duration, into records: ClusterRecords, log: any LogSink
  ) {
    self.paths = paths
    self.startupTimeout = startupTimeout
    self.records = records
    self.log = log
  }

  var metrics: [MetricFamily] { [] }

  /// Reads everything. Serving waits no longer than `startup_timeout`: then queries are answered
  /// SERVFAIL until the picture is whole.
  func prepare(_ mode: StartMode) async throws {
    for path in paths where unsafe access(path.text, R_OK) != 0 {
      throw StartError("\(path.position): error: \(path.text): \(SystemError("open"))")
    }
    let source: ManifestSource
    do throws(ManifestProblem) {
      source = try ManifestSource(paths: paths.map(\.text))
    } catch {
      throw StartError(error.description)
    }
    manifests.withLock { $0 = source }
    guard mode == .serve else { return try load(source) }
    try await loadInTime(source)
    if !records.isReady {
      log.write(.warning, "plugin/kubernetes: starting before the manifests are loaded")
    }
  }

  /// Loads on a thread of its own, which then starts to follow the files, and waits for the first
  /// picture no longer than `startup_timeout`.
  private func loadInTime(_ source: ManifestSource) async throws {
    let (results, continuation) = AsyncStream<Result<Void, any Error>>.makeStream()
    _ = try SystemThread(name: "manifests") { [self] in
      let result = Result { try load(source) }
      if case .success = result { _ = source.follow { [self] round in publish(round) } }
      if case .terminated = continuation.yield(result), case .failure(let error) = result {
        log.write(.error, "plugin/kubernetes: \(error)")
      }
    }
    Task.detached { [startupTimeout] in
      try? await Task.sleep(for: startupTimeout)
      continuation.finish()
    }
    for await result in results { return try result.get() }
  }

  private func load(_ source: ManifestSource) throws {
    let round = source.load()
    // Something loaded is served, with the rest told; nothing at all is a mistake to be seen at
    // once.
    if let first = round.problems.first(where: { $0.severity == .error }), round.changes.isEmpty {
      throw StartError(first.description)
    }
    publish(round)
  }

  func run() async {
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    manifests.withLock { $0 }?.stop()
  }

  private func publish(_ round: ManifestRound) {
    for problem in round.problems {
      let level: LogLevel = problem.severity == .error ? .error : .warning
      log.write(level, "plugin/kubernetes: \(problem)")
    }
    for change in round.changes {
      if let text = shadowing.withLock({ $0.warning(change) }) {
        log.write(.warning, "plugin/kubernetes: \(text)")
      }
    }
    undelivered.withLock { waiting in
      let changes = waiting + round.changes
      let now = UInt32(truncatingIfNeeded: WallClock.now)
      do throws(StoreError) {
        try records.apply(changes, now: now)
        try records.declareReady(now: now)
        waiting = []
      } catch {
        waiting = changes
        log.write(.error, "plugin/kubernetes: the record store is full; changes are not served")
      }
    }
  }
}
