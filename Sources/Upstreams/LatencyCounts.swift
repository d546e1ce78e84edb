/// How many replies took how long.
package struct LatencyCounts: Sendable {
  /// Buckets that have a bound.
  package static let boundCount = 16

  /// Replies by the time they took: `counts[n]` within 0.00025 s * 2^n but not within half of it;
  /// the last one is for longer times.
  package private(set) var counts = Array(repeating: 0, count: boundCount + 1)
  /// The sum of those times.
  package private(set) var nanoseconds: UInt64 = 0

  /// Replies in all buckets.
  package var total: Int { counts.reduce(0, &+) }

  /// The upper bound of bucket `index` in nanoseconds; `nil` for the last one.
  package static func bound(_ index: Int) -> UInt64? {
    index >= 0 && index < boundCount ? 250_000 << UInt64(index) : nil
  }

  mutating func add(_ nanoseconds: UInt64) {
    self.nanoseconds &+= nanoseconds
    var index = 0
    while let bound = Self.bound(index), nanoseconds > bound { index += 1 }
    counts[index] += 1
  }
}
