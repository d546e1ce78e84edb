import DNSWire
import PluginChain
import Upstreams

/// What `prometheus` shows of a `forward` directive: the sums over all workers.
enum ForwardMetrics {
  /// The families of one directive.
  static func families(
    _ residents: [ForwardResident], _ sharing: ForwardSharing, _ counters: ForwardCounters
  ) -> [MetricFamily] {
    func byUpstream(
      _ kind: MetricFamily.Kind, _ name: String, _ help: String, proto: String? = nil,
      _ value: @escaping @Sendable (UpstreamStatistics) -> Int
    ) -> MetricFamily {
      let more = proto.map { [(name: "proto", value: $0)] } ?? []
      return MetricFamily(kind, name, help) {
        sums(residents, value).map { .init(labels($0.key) + more, Double($0.value)) }
      }
    }
    return [
      MetricFamily(
        .counter, "coredns_forward_max_concurrent_rejects_total",
        "Queries refused since too many waited for upstreams."
      ) { [.init([], Double(counters.total(.maxConcurrentReject)))] },
      MetricFamily(
        .gauge, "swiftlet_forward_waiting_queries", "Queries that wait for upstreams."
      ) { [.init([], Double(sharing.waiting))] },
      MetricFamily(
        .counter, "coredns_forward_healthcheck_broken_total",
        "Queries that failed since all upstreams were down."
      ) { [.init([], Double(counters.total(.allDown)))] },
      MetricFamily(
        .histogram, "coredns_proxy_request_duration_seconds", "Time that upstreams took to reply."
      ) { durations(residents) },
      byUpstream(
        .counter, "coredns_proxy_healthcheck_failures_total", "Health checks without a reply."
      ) { $0.healthCheckFailures },
      byUpstream(.gauge, "swiftlet_forward_sockets", "Sockets open to an upstream.") {
        $0.datagramSocketCount + $0.streamCount
      },
      byUpstream(.gauge, "swiftlet_forward_in_flight", "Questions on their way to an upstream.") {
        $0.attemptCount
      },
      byUpstream(.gauge, "swiftlet_forward_workers_down", "Workers that count it as down.") {
        $0.condition == .down ? 1 : 0
      },
      byUpstream(.counter, "swiftlet_forward_failures_total", "Failures that count for health.") {
        $0.failures
      },
      byUpstream(
        .counter, "swiftlet_forward_foreign_replies_total", "Messages that answered nothing asked."
      ) { $0.foreignReplies },
      byUpstream(
        .counter, "swiftlet_forward_hedges_total", "Queries sent since another upstream was slow."
      ) { $0.hedges },
      byUpstream(
        .counter, "coredns_proxy_conn_cache_hits_total", "Queries over an open stream.",
        proto: "tcp"
      ) { $0.streamReuseHits },
      byUpstream(
        .counter, "coredns_proxy_conn_cache_misses_total", "Streams opened.", proto: "tcp"
      ) { $0.streamReuseMisses },
    ] + formerFamilies(residents)
  }

  /// What CoreDNS called some of these before 1.11: dashboards and alerts still ask for the names.
  private static func formerFamilies(_ residents: [ForwardResident]) -> [MetricFamily] {
    func byUpstream(
      _ name: String, _ help: String, _ value: @escaping @Sendable (UpstreamStatistics) -> Int
    ) -> MetricFamily {
      MetricFamily(.counter, name, help) {
        sums(residents, value).map { .init([("to", $0.key)], Double($0.value)) }
      }
    }
    return [
      byUpstream("coredns_forward_requests_total", "Queries sent to an upstream.") { $0.requests },
      byUpstream(
        "coredns_forward_healthcheck_failures_total", "Health checks without a reply."
      ) { $0.healthCheckFailures },
      MetricFamily(
        .counter, "coredns_forward_responses_total", "Replies of an upstream."
      ) {
        durations(residents).map { sample in
          .init(
            sample.labels.filter { $0.name != "proxy_name" },
            Double(sample.buckets?.counts.reduce(0, +) ?? 0))
        }
      },
      MetricFamily(
        .histogram, "coredns_forward_request_duration_seconds",
        "Time that upstreams took to reply."
      ) {
        durations(residents).map { sample in
          .init(
            sample.labels.filter { $0.name != "proxy_name" }, sample.value, buckets: sample.buckets)
        }
      },
    ]
  }

  private static func labels(_ upstream: String) -> [(name: String, value: String)] {
    [("proxy_name", "forward"), ("to", upstream)]
  }

  private static func sums(
    _ residents: [ForwardResident], _ value: (UpstreamStatistics) -> Int
  ) -> [(key: String, value: Int)] {
    var sums: [String: Int] = [:]
    for resident in residents {
      for statistics in resident.statistics {
        sums[statistics.upstream.text, default: 0] += value(statistics)
      }
    }
    return sums.sorted { $0.key < $1.key }
  }

  /// One sample a worker, upstream and code; those of equal labels are added up when shown.
  private static func durations(_ residents: [ForwardResident]) -> [MetricFamily.Sample] {
    let bounds = (0..<LatencyCounts.boundCount).compactMap(LatencyCounts.bound).map(seconds)
    return residents.flatMap(\.statistics).flatMap { statistics in
      statistics.latencies.sorted { $0.key < $1.key }.map { code, latencies in
        let isOther = code == UpstreamStatistics.otherCode
        let name = isOther ? "other" : "\(ResponseCode(rawValue: code))"
        return .init(
          labels(statistics.upstream.text) + [("rcode", name)], seconds(latencies.nanoseconds),
          buckets: .init(bounds: bounds, counts: latencies.counts))
      }
    }
  }

  private static func seconds(_ nanoseconds: UInt64) -> Double {
    Double(nanoseconds) / 1_000_000_000
  }
}
