import Cluster
import PluginChain

/// What `prometheus` shows of the way to an API server.
enum FollowerMetrics {
  /// The families of one feed; without a follower they have no samples yet.
  static func families(_ follower: @escaping @Sendable () -> ClusterFollower?) -> [MetricFamily] {
    requests(follower) + resources(follower)
  }

  // MARK: - Requests

  private static func requests(
    _ follower: @escaping @Sendable () -> ClusterFollower?
  ) -> [MetricFamily] {
    func histogram(
      _ name: String, _ help: String,
      _ read: @escaping @Sendable (RequestMetrics.Reading) -> DurationCounts
    ) -> MetricFamily {
      MetricFamily(.histogram, name, help) {
        guard let reading = follower()?.requests.read() else { return [] }
        let counts = read(reading)
        return [
          .init(
            [("verb", reading.method), ("host", reading.host)], counts.sum,
            buckets: .init(
              bounds: DurationCounts.bounds, counts: counts.counts.map { Int(clamping: $0) }))
        ]
      }
    }
    return [
      MetricFamily(
        .counter, "coredns_kubernetes_rest_client_requests_total", "Requests to the API server."
      ) {
        guard let reading = follower()?.requests.read() else { return [] }
        return reading.requestCounts.map { outcome, count in
          .init(
            [("code", outcome.label), ("method", reading.method), ("host", reading.host)],
            Double(count))
        }.sorted { ($0.labels.first?.value ?? "") < ($1.labels.first?.value ?? "") }
      },
      histogram(
        "coredns_kubernetes_rest_client_request_duration_seconds",
        "Time that lists of the API server took."
      ) { $0.requestDurations },
      histogram(
        "coredns_kubernetes_rest_client_rate_limiter_duration_seconds",
        "Time that requests to the API server waited for the rate limit."
      ) { $0.pacerDurations },
    ]
  }

  // MARK: - Resources

  private static func resources(
    _ follower: @escaping @Sendable () -> ClusterFollower?
  ) -> [MetricFamily] {
    func family(
      _ kind: MetricFamily.Kind, _ name: String, _ help: String,
      _ value: @escaping @Sendable (ReflectorStatus) -> Double?
    ) -> MetricFamily {
      MetricFamily(kind, "swiftlet_kubernetes_\(name)", help) {
        (follower()?.statuses ?? []).compactMap { status in
          value(status).map { .init([("resource", status.resource.label)], $0) }
        }
      }
    }
    return [
      family(.gauge, "synced", "1 once all objects of a resource have been seen.") {
        $0.sync == .synced ? 1 : 0
      },
      family(
        .gauge, "last_contact_age_seconds",
        "Time since what is known was certainly what the API server knows."
      ) { $0.age.map { $0 / .seconds(1) } },
      family(.counter, "lists_total", "Lists that were read to their end.") {
        Double($0.counters.listCount)
      },
      family(.counter, "relists_total", "Lists that began since a watch could not go on.") {
        Double($0.counters.relistCount)
      },
      family(.counter, "watches_total", "Watches that began.") { Double($0.counters.watchCount) },
      family(.counter, "events_total", "Changes that watches told.") {
        Double($0.counters.setEventCount &+ $0.counters.deleteEventCount)
      },
      family(.counter, "bookmarks_total", "Bookmarks of watches.") {
        Double($0.counters.bookmarkCount)
      },
      family(.counter, "silences_total", "Connections given up since nothing came.") {
        Double($0.counters.silenceCount)
      },
      family(.counter, "failures_total", "Requests and connections that failed.") {
        Double($0.counters.failureCount)
      },
      family(
        .counter, "verification_differences_total",
        "Objects that a list to verify what is known found to differ."
      ) { Double($0.counters.differenceCount) },
      family(.counter, "refused_objects_total", "Objects that could not be read.") {
        Double($0.counters.refusedObjectCount)
      },
    ]
  }
}
