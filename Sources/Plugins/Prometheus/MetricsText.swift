import PluginChain

/// Metrics as Prometheus reads them: its text format, version 0.0.4.
package enum MetricsText {
  /// The media type of it.
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// The page with all families, read now; each name once, whoever contributed to it. Families
  /// without a sample are left out.
  package static func page(_ families: [MetricFamily]) -> String {
    var text = ""
    for family in MergedFamily.merge(families) where !family.samples.isEmpty {
      text += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n"
      text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
      for sample in family.samples {
        if let buckets = sample.buckets, family.kind == .histogram {
          write(family.name, sample, buckets, to: &text)
        } else if family.kind != .histogram {
          text += "\(family.name)\(list(sample.labels)) \(number(sample.value))\n"
        }
      }
    }
    return text
  }

  /// Buckets count everything up to their bounds; the last one, and `_count`, everything.
  private static func write(
    _ name: String, _ sample: MergedFamily.Sample, _ buckets: MetricFamily.Buckets,
    to text: inout String
  ) {
    var count = 0
    for (bound, more) in zip(buckets.bounds, buckets.counts) {
      count &+= more
      let labels = list(sample.labels + [("le", number(bound))])
      text += "\(name)_bucket\(labels) \(count)\n"
    }
    for more in buckets.counts.dropFirst(buckets.bounds.count) { count &+= more }
    text += "\(name)_bucket\(list(sample.labels + [("le", "+Inf")])) \(count)\n"
    text += "\(name)_sum\(list(sample.labels)) \(number(sample.value))\n"
    text += "\(name)_count\(list(sample.labels)) \(count)\n"
  }

  // MARK: - Words

  private static func list(_ labels: [(name: String, value: String)]) -> String {
    guard !labels.isEmpty else { return "" }
    let words = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
    return "{\(words.joined(separator: ","))}"
  }

  /// A text on one line. Scalar by scalar: a line end may be part of a larger character.
  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A number as Go reads and writes it: whole ones without a fraction.
  private static func number(_ value: Double) -> String {
    if let whole = Int(exactly: value) { return String(whole) }
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return value.description
  }
}
