import Synchronization

/// A metric as `prometheus` shows it: a name, and how to read its samples.
package struct MetricFamily: Sendable {
  /// How the value moves.
  package enum Kind: String, Sendable {
    /// Only up.
    case counter
    /// Up and down.
    case gauge
    /// Counts of values by their size.
    case histogram
  }

  /// One value, with its labels in order.
  package struct Sample: Sendable {
    /// Label names and values.
    package let labels: [(name: String, value: String)]
    /// The value; of a histogram the sum of what it counted.
    package let value: Double
    /// What a histogram counted; `nil` for other kinds.
    package let buckets: Buckets?

    /// A value with labels.
    package init(
      _ labels: [(name: String, value: String)], _ value: Double, buckets: Buckets? = nil
    ) {
      self.labels = labels
      self.value = value
      self.buckets = buckets
    }
  }

  /// How many values a histogram counted, by their size.
  package struct Buckets: Equatable, Sendable {
    /// Upper bounds, ascending and finite, each in its bucket.
    package let bounds: [Double]
    /// Values of each bucket alone, and at the end those above all bounds.
    package let counts: [Int]

    /// Buckets; there is one count more than there are bounds.
    package init(bounds: [Double], counts: [Int]) {
      self.bounds = bounds
      self.counts = counts
    }
  }

  /// The full name, `coredns_` or `swiftlet_` first.
  package let name: String
  /// One line for people.
  package let help: String
  /// What its samples are.
  package let kind: Kind
  /// Reads the samples; called from any thread, at scrapes.
  package let read: @Sendable () -> [Sample]

  /// A family.
  package init(
    _ kind: Kind, _ name: String, _ help: String, read: @escaping @Sendable () -> [Sample]
  ) {
    self.kind = kind
    self.name = name
    self.help = help
    self.read = read
  }
}

/// Numbers that every worker counts for itself, without a lock, and that are summed when read.
package final class WorkerCounters: Sendable {
  /// Numbers in one set.
  package static let countMax = 16

  private final class Lane: Sendable {
    let values = InlineArray<16, Atomic<Int>> { _ in Atomic(0) }
  }

  private let lanes: [Lane]

  /// A set for `workerCount` workers, all zero.
  package init(workerCount: Int) {
    lanes = (0..<max(1, workerCount)).map { _ in Lane() }
  }

  /// Adds to number `index`; only the worker itself may.
  package func add(_ index: Int, worker: Int, _ amount: Int = 1) {
    guard lanes.indices.contains(worker), index >= 0, index < Self.countMax else { return }
    let lane = lanes[worker]
    let value = lane.values[index].load(ordering: .relaxed)
    lane.values[index].store(value &+ amount, ordering: .relaxed)
  }

  /// The sum over all workers.
  package func total(_ index: Int) -> Int {
    guard index >= 0, index < Self.countMax else { return 0 }
    return lanes.reduce(0) { $0 &+ $1.values[index].load(ordering: .relaxed) }
  }
}
