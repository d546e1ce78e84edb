import Cluster
import PluginChain

/// What `prometheus` shows of a `kubernetes` directive.
enum ClusterMetrics {
  /// The families of one directive.
  static func families(_ durations: ProgrammingDurations) -> [MetricFamily] {
    [
      MetricFamily(
        .histogram, "coredns_kubernetes_dns_programming_duration_seconds",
        "Time from what changed a Service's endpoints until names said so."
      ) {
        durations.read().map { kind, counts in
          .init(
            [("service_kind", kind.rawValue)], counts.seconds,
            buckets: .init(bounds: ProgrammingDurations.bounds, counts: counts.counts))
        }
      }
    ]
  }
}
