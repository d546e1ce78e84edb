import PluginChain
import Synchronization

/// How long the endpoint's own requests took, and how many failed.
final class HealthCounters: Sendable {
  /// The upper bounds of times in seconds: CoreDNS's.
  private static let bounds = [0.00025, 0.0025, 0.025, 0.25, 2.5]

  private struct State {
    var counts = Array(repeating: 0, count: HealthCounters.bounds.count + 1)
    var seconds = 0.0
    var failureCount = 0
  }

  private let state = Mutex(State())

  /// Counts a request.
  func add(seconds: Double, hasFailed: Bool) {
    let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    state.withLock { state in
      state.counts[bucket] += 1
      state.seconds += seconds
      if hasFailed { state.failureCount += 1 }
    }
  }

  /// What `prometheus` shows.
  var families: [MetricFamily] {
    [
      MetricFamily(
        .histogram, "coredns_health_request_duration_seconds",
        "Time that the endpoint's own requests took."
      ) { [self] in
        let (counts, seconds) = state.withLock { ($0.counts, $0.seconds) }
        return [.init([], seconds, buckets: .init(bounds: Self.bounds, counts: counts))]
      },
      MetricFamily(
        .counter, "coredns_health_request_failures_total",
        "The endpoint's own requests that failed."
      ) { [self] in [.init([], Double(state.withLock { $0.failureCount }))] },
    ]
  }
}
