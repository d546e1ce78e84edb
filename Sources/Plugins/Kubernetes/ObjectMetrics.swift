import Cluster
import PluginChain
import RecordStore

/// What `prometheus` shows of the objects that are kept, and of the file that they are saved in.
enum ObjectMetrics {
  /// The families of the objects of these resources.
  static func families(
    _ resources: [APIResource], _ records: ClusterRecords
  ) -> [MetricFamily] {
    func family(
      _ name: String, _ help: String, _ value: @escaping @Sendable (ObjectKind) -> Int
    ) -> MetricFamily {
      MetricFamily(.gauge, "swiftlet_kubernetes_\(name)", help) {
        resources.map { .init([("resource", $0.label)], Double(value($0.kind))) }
      }
    }
    return [
      family("objects", "Objects that are kept.") { records.count(of: $0) },
      family("object_bytes", "Octets of what is kept of objects.") { records.octetCount(of: $0) },
      MetricFamily(
        .gauge, "swiftlet_kubernetes_store_bytes",
        "Octets that objects and records take, indexes included."
      ) { [.init([], Double(records.objectOctetCount + records.store.usedOctetCount))] },
      MetricFamily(
        .counter, "swiftlet_kubernetes_edits_total", "Changes of answers that were published."
      ) { [.init([], Double(records.editCount))] },
    ]
  }

  /// The families of `snapshot`.
  static func families(_ keeper: ObjectsKeeper) -> [MetricFamily] {
    func counter(
      _ name: String, _ help: String, _ value: @escaping @Sendable (ObjectsKeeper.Counters) -> Int
    ) -> MetricFamily {
      MetricFamily(.counter, "swiftlet_kubernetes_snapshot_\(name)", help) {
        [.init([], Double(value(keeper.counters)))]
      }
    }
    return [
      MetricFamily(
        .gauge, "swiftlet_kubernetes_snapshot_age_seconds",
        "Age of the objects that answers are made of, while they are from a file."
      ) { keeper.age.map { [.init([], Double($0))] } ?? [] },
      counter("saves_total", "Files that objects were saved in.") { $0.saveCount },
      counter("save_failures_total", "Files that could not be saved.") { $0.saveFailureCount },
      MetricFamily(
        .counter, "swiftlet_kubernetes_snapshot_loads_total",
        "Starts by what became of the saved objects."
      ) {
        let counters = keeper.counters
        return [
          .init([("result", "loaded")], Double(counters.loadedCount)),
          .init([("result", "refused")], Double(counters.refusedCount)),
          .init([("result", "missing")], Double(counters.missingCount)),
        ]
      },
    ]
  }
}
