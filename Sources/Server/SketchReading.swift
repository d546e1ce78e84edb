/// What was read of a sketch, or of several that counted parts of the same stream.
package struct SketchReading: Sendable {
  /// The keys, most frequent first.
  package let entries: [SpaceSaving.Entry]
  /// How often a key that is not among them may have come.
  package let floor: UInt64
  /// Keys counted.
  package let total: UInt64

  /// What `sketch` holds.
  package init(_ sketch: SpaceSaving) {
    self.init(sketch.entries, floor: sketch.floor, total: sketch.total)
  }

  /// The sum of `parts`. Where a key is not among the entries of a part it may have come as often
  /// as that part's floor, which goes into its count and its error.
  package init(sumOf parts: [SketchReading]) {
    let floor = parts.reduce(0) { $0 &+ $1.floor }
    var sums: [[UInt8]: (count: UInt64, error: UInt64)] = [:]
    for part in parts {
      for entry in part.entries {
        var sum = sums[entry.key] ?? (floor, floor)
        sum.count = sum.count &- part.floor &+ entry.count
        sum.error = sum.error &- part.floor &+ entry.error
        sums[entry.key] = sum
      }
    }
    let entries = sums.map {
      SpaceSaving.Entry(key: $0.key, count: $0.value.count, error: $0.value.error)
    }
    self.init(entries, floor: floor, total: parts.reduce(0) { $0 &+ $1.total })
  }

  private init(_ entries: [SpaceSaving.Entry], floor: UInt64, total: UInt64) {
    self.entries = entries.sorted { one, two in
      one.count == two.count
        ? one.key.lexicographicallyPrecedes(two.key) : one.count > two.count
    }
    self.floor = floor
    self.total = total
  }
}
