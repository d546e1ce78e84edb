import PluginChain

/// What `forward` counts, by worker.
final class ForwardCounters: Sendable {
  /// A number.
  enum Counter: Int, Sendable {
    /// Queries that `max_concurrent` turned away.
    case maxConcurrentReject
    /// Queries that failed since all upstreams were down.
    case allDown
  }

  private let counters: WorkerCounters

  /// All zero.
  init(workerCount: Int) {
    counters = WorkerCounters(workerCount: workerCount)
  }

  /// Counts one; only on the worker itself.
  func add(_ counter: Counter, worker: Int) {
    counters.add(counter.rawValue, worker: worker)
  }

  /// The sum over all workers.
  func total(_ counter: Counter) -> Int { counters.total(counter.rawValue) }
}
