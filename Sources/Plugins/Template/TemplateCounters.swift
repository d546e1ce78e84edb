import DNSWire
import PluginChain

/// What one `template` directive counts, by worker, zone and type.
final class TemplateCounters: Sendable {
  /// What can go wrong with a record.
  enum Kind: Int, CaseIterable, Sendable {
    /// The template failed.
    case templateFailure
    /// What it made is no record.
    case recordFailure
  }

  /// The types counted apart, and all others; as many as `WorkerCounters` has numbers.
  private static let types: [RRType?] =
    [1, 28, 15, 6, 5, 12, 16, 2, 33, 43, 35, 65, 64, 257, 255].map { RRType(rawValue: $0) } + [nil]

  private let zoneCount: Int
  private let matches: [WorkerCounters]
  /// By kind, then record, then zone.
  private let failures: [WorkerCounters]

  /// All zero.
  init(workerCount: Int, zoneCount: Int, recordCount: Int) {
    self.zoneCount = zoneCount
    matches = (0..<zoneCount).map { _ in WorkerCounters(workerCount: workerCount) }
    failures = (0..<(Kind.allCases.count * recordCount * zoneCount)).map { _ in
      WorkerCounters(workerCount: workerCount)
    }
  }

  // MARK: - Counting

  /// Counts a query that the directive decides; only on the worker itself.
  func addMatch(zone: Int, type: RRType, worker: Int) {
    guard matches.indices.contains(zone) else { return }
    matches[zone].add(Self.number(of: type), worker: worker)
  }

  /// Counts a record that could not be made; only on the worker itself.
  func addFailure(_ kind: Kind, record: Int, zone: Int, type: RRType, worker: Int) {
    let place = place(kind, record: record, zone: zone)
    guard failures.indices.contains(place) else { return }
    failures[place].add(Self.number(of: type), worker: worker)
  }

  private func place(_ kind: Kind, record: Int, zone: Int) -> Int {
    (record * Kind.allCases.count + kind.rawValue) * zoneCount + zone
  }

  private static func number(of type: RRType) -> Int {
    switch type.rawValue {
    case 1: 0
    case 28: 1
    default: types.firstIndex(of: type) ?? types.count - 1
    }
  }

  // MARK: - Families

  /// What `prometheus` shows, by CoreDNS's names and labels: only what was counted.
  func families(
    server: String, zones: [DomainName], records: [(section: String, template: String)]
  ) -> [MetricFamily] {
    @Sendable func labels(_ zone: Int, _ type: RRType?) -> [(name: String, value: String)] {
      [
        ("server", server), ("zone", zones[zone].description), ("view", ""), ("class", "IN"),
        ("type", type.map(RecordTypeNames.name) ?? "other"),
      ].map { (name: $0.0, value: $0.1) }
    }
    @Sendable func samples(
      _ counters: WorkerCounters, _ zone: Int, _ more: [(name: String, value: String)] = []
    ) -> [MetricFamily.Sample] {
      Self.types.enumerated().compactMap { number, type in
        let total = counters.total(number)
        return total > 0 ? .init(labels(zone, type) + more, Double(total)) : nil
      }
    }
    func failureFamily(_ kind: Kind, _ name: String, _ help: String) -> MetricFamily {
      MetricFamily(.counter, name, help) { [self] in
        records.indices.flatMap { record in
          zones.indices.flatMap { zone in
            samples(
              failures[place(kind, record: record, zone: zone)], zone,
              [
                (name: "section", value: records[record].section),
                (name: "template", value: records[record].template),
              ])
          }
        }
      }
    }
    return [
      MetricFamily(.counter, "coredns_template_matches_total", "Queries that a template decided.") {
        [self] in zones.indices.flatMap { samples(matches[$0], $0) }
      },
      failureFamily(
        .templateFailure, "coredns_template_template_failures_total",
        "Templates that failed for a query."),
      failureFamily(
        .recordFailure, "coredns_template_rr_failures_total",
        "Templates that made no record for a query."),
    ]
  }
}
