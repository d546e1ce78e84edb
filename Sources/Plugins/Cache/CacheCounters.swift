import PluginChain

/// What `cache` counts, by worker.
package final class CacheCounters: Sendable {
  /// A number.
  package enum Counter: Int, Sendable {
    /// Questions looked up.
    case request
    /// Questions that were passed on.
    case miss
    /// Replies from positive answers, expired ones included.
    case successHit
    /// Replies from denials and failures, expired ones included.
    case denialHit
    /// Refreshes asked for.
    case prefetch
    /// Replies too large to be kept.
    case drop
    /// Replies from expired entries.
    case stale
    /// Positive answers that made room.
    case successEviction
    /// Denials that made room.
    case denialEviction
  }

  private let counters: WorkerCounters

  /// All zero.
  package init(workerCount: Int) {
    counters = WorkerCounters(workerCount: workerCount)
  }

  /// Counts; only on the worker itself.
  func add(_ counter: Counter, worker: Int, _ amount: Int = 1) {
    counters.add(counter.rawValue, worker: worker, amount)
  }

  /// The sum over all workers.
  package func total(_ counter: Counter) -> Int { counters.total(counter.rawValue) }

  // MARK: - Families

  /// What `prometheus` shows: CoreDNS's families, with `server`, `zones` and `view` behind `type`,
  /// and the octets.
  func families(_ store: CacheStore, server: String, zones: String) -> [MetricFamily] {
    let labels = [(name: "server", value: server)]
    let rest = [(name: "zones", value: zones), (name: "view", value: "")]
    func byKind(
      _ kind: MetricFamily.Kind, _ name: String, _ help: String,
      _ value: @escaping @Sendable (CacheKind) -> Int
    ) -> MetricFamily {
      MetricFamily(kind, name, help) {
        CacheKind.allCases.map { type in
          MetricFamily.Sample(
            labels + [(name: "type", value: type.rawValue)] + rest, Double(value(type)))
        }
      }
    }
    func plain(_ counter: Counter, _ name: String, _ help: String) -> MetricFamily {
      MetricFamily(.counter, name, help) { [self] in
        [MetricFamily.Sample(labels + rest, Double(total(counter)))]
      }
    }
    return [
      byKind(.gauge, "coredns_cache_entries", "Replies kept now.") {
        store.budget($0).entryCount
      },
      byKind(.gauge, "swiftlet_cache_octets", "Octets that kept replies take now.") {
        store.budget($0).octetCount
      },
      byKind(.counter, "coredns_cache_hits_total", "Questions answered from kept replies.") {
        [self] in total($0 == .success ? .successHit : .denialHit)
      },
      byKind(.counter, "coredns_cache_evictions_total", "Kept replies that made room.") {
        [self] in total($0 == .success ? .successEviction : .denialEviction)
      },
      plain(.request, "coredns_cache_requests_total", "Questions looked up."),
      plain(.miss, "coredns_cache_misses_total", "Questions looked up and passed on."),
      plain(.prefetch, "coredns_cache_prefetch_total", "Refreshes of kept replies."),
      plain(.drop, "coredns_cache_drops_total", "Replies that could not be kept."),
      plain(.stale, "coredns_cache_served_stale_total", "Answers past their time."),
    ]
  }
}
