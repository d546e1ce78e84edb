import PluginChain

/// Where a `kubernetes` block's objects come from.
protocol ClusterFeed: Sendable {
  /// Begins, and waits for the first full picture as `mode` wants it.
  func prepare(_ mode: StartMode) async throws
  /// Follows changes until cancelled.
  func run() async
  /// What `prometheus` shows of it.
  var metrics: [MetricFamily] { get }
}
