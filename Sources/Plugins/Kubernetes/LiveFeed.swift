import Cluster
import Corefile
import PluginChain
import Synchronization

/// Objects from a cluster's API server.
final class LiveFeed: ClusterFeed {
  private let source: APISource
  private let resources: [APIResource]
  private let startupTimeout: Duration
  private let records: ClusterRecords
  private let version: String
  private let log: any LogSink
  /// Saves the objects, with `snapshot`.
  private let keeper: ObjectsKeeper?
  /// There once it has begun.
  private let following = Mutex<(follower: ClusterFollower, task: Task<Void, Never>)?>(nil)

  /// How long a `dump` waits for everything.
  private static let onceLimit = Duration.seconds(60)
  /// How long it waits for anything at all of a resource whose requests fail.
  private static let oncePatience = Duration.seconds(10)

  /// How long the API server has until saved objects are served.
  private static let savedLimit = Duration.milliseconds(500)

  /// A feed that has not begun.
  init(
    _ configuration: KubernetesConfiguration, into records: ClusterRecords, version: String,
    log: any LogSink
  ) {
    self.version = version
    source = configuration.api
    resources = configuration.resources
    startupTimeout = configuration.startupTimeout
    self.records = records
    self.log = log
    keeper = configuration.snapshot.map { snapshot in
      ObjectsKeeper(
        SavedObjectsFile(path: snapshot.text, terms: configuration.savedTerms), of: records
      ) { notice in Self.write(notice, to: log) }
    }
  }

  private static func write(_ notice: ReflectorNotice, to log: any LogSink) {
    log.write(notice.severity == .info ? .info : .warning, "plugin/kubernetes: \(notice.message)")
  }

  func prepare(_ mode: StartMode) async throws {
    let configuration: APIServerConfiguration
    do throws(APIServerConfigurationProblem) {
      configuration = try source.configuration()
    } catch {
      let position = source.place.position
      guard source.isImplicit, mode == .serve else {
        throw StartError("\(position): error: plugin/kubernetes: \(error)")
      }
      // Other zones can be served all the same; `ready` tells the rest.
      log.write(
        .error,
        "plugin/kubernetes: \(position): no cluster to follow: \(error); its zones are answered "
          + "SERVFAIL")
      return
    }
    let follower = ClusterFollower(
      resources, of: configuration, into: records, version: version
    ) { [log] notice in Self.write(notice, to: log) }
    let keeper = mode == .serve ? keeper : nil
    // Before the API server is asked: what it says is newer.
    let hasSaved = await keeper?.load() ?? false
    let task = Task { await Self.follow(follower, keeper) }
    following.withLock { $0 = (follower, task) }
    switch mode {
    case .serve:
      if hasSaved, let keeper {
        let limit = min(startupTimeout, Self.savedLimit)
        if await follower.waitUntilSyncedOrFailed(atMost: limit) || keeper.serve() {
          return
        }
      } else if await follower.waitUntilSynced(atMost: startupTimeout) {
        return
      }
      log.write(
        .warning, "plugin/kubernetes: starting before the objects of the API server are there")
    case .once:
      let isSynced = await follower.waitUntilSynced(
        atMost: Self.onceLimit, patience: Self.oncePatience)
      task.cancel()
      await task.value
      guard isSynced else {
        let reason = follower.lastWarning.isEmpty ? "no answer came" : follower.lastWarning
        throw StartError("plugin/kubernetes: the objects cannot be had: \(reason)")
      }
    }
  }

  /// Follows until cancelled, and saves what is known then.
  private static func follow(_ follower: ClusterFollower, _ keeper: ObjectsKeeper?) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await follower.run() }
      if let keeper { group.addTask { await keeper.run { follower.age } } }
    }
    // Not in this task, which is cancelled.
    await Task.detached { await keeper?.saveAtEnd(age: follower.age) }.value
  }

  func run() async {
    guard let task = following.withLock({ $0?.task }) else { return }
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
  }

  /// The follower, once it has begun.
  var follower: ClusterFollower? { following.withLock { $0?.follower } }

  var metrics: [MetricFamily] {
    FollowerMetrics.families { [self] in follower }
      + (keeper.map { ObjectMetrics.families($0) } ?? [])
  }
}
