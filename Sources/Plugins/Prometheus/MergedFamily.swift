import PluginChain

/// The families of one name, from whichever plugins and server blocks, as one: samples with equal
/// labels are added up.
struct MergedFamily {
  /// A sample with its labels in the order of their names.
  struct Sample {
    let labels: [(name: String, value: String)]
    fileprivate(set) var value: Double
    fileprivate(set) var buckets: MetricFamily.Buckets?

    /// Adds a sample of equal labels; a histogram only to one with the same bounds.
    fileprivate mutating func add(_ other: MetricFamily.Sample) {
      guard buckets?.bounds == other.buckets?.bounds else { return }
      value += other.value
      guard let one = buckets, let two = other.buckets else { return }
      let counts = zip(one.counts, two.counts).map { $0 &+ $1 }
      buckets = MetricFamily.Buckets(bounds: one.bounds, counts: counts)
    }
  }

  /// The full name.
  let name: String
  /// What the first of them says.
  let help: String
  /// The kind of the first of them; those of another kind are left out.
  let kind: MetricFamily.Kind
  /// In the order in which they were found.
  private(set) var samples: [Sample] = []
  private var places: [[String]: Int] = [:]

  private init(_ family: MetricFamily) {
    name = family.name
    help = family.help
    kind = family.kind
  }

  /// Reads all families, now; the result is in the order of names.
  static func merge(_ families: [MetricFamily]) -> [MergedFamily] {
    var merged: [String: MergedFamily] = [:]
    for family in families {
      merged[family.name, default: MergedFamily(family)].add(family)
    }
    return merged.values.sorted { $0.name < $1.name }
  }

  private mutating func add(_ family: MetricFamily) {
    guard family.kind == kind else { return }
    for sample in family.read() {
      let labels = sample.labels.sorted { $0.name < $1.name }
      let key = labels.flatMap { [$0.name, $0.value] }
      guard let place = places[key] else {
        places[key] = samples.count
        samples.append(Sample(labels: labels, value: sample.value, buckets: sample.buckets))
        continue
      }
      samples[place].add(sample)
    }
  }
}
