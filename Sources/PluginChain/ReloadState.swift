import Synchronization

/// How often the Corefile is looked at although nothing says that it changed (`reload`).
package struct ReloadPolicy: Hashable, Sendable {
  /// Between two looks.
  package let interval: Duration
  /// By how much an interval may be off, half of it to each side, so that replicas do not reload
  /// together.
  package let jitter: Duration

  /// A policy.
  package init(interval: Duration, jitter: Duration) {
    self.interval = interval
    self.jitter = jitter
  }
}

/// What became of reloads; one for as long as the process lives.
package final class ReloadState: Sendable {
  private struct State {
    var failureCount = 0
    var digest = ""
  }

  private let state = Mutex(State())

  /// Nothing yet.
  package init() {}

  /// Notes a change of the Corefile that was not taken.
  package func countFailure() { state.withLock { $0.failureCount += 1 } }

  /// Notes which Corefile is served: the SHA-512 of its text with all imports.
  package func serves(digest: String) { state.withLock { $0.digest = digest } }

  /// What `prometheus` shows.
  package var families: [MetricFamily] {
    [
      MetricFamily(.counter, "coredns_reload_failed_total", "Changed Corefiles with errors.") {
        [self] in [.init([], Double(state.withLock { $0.failureCount }))]
      },
      MetricFamily(.gauge, "coredns_reload_version_info", "1; the label says what is served.") {
        [self] in
        [.init([("hash", "sha512"), ("value", state.withLock { $0.digest })], 1)]
      },
    ]
  }
}
