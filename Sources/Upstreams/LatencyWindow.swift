/// How long the last replies of one upstream took.
struct LatencyWindow {
  /// Replies looked at.
  static let sampleCountMax = 64
  /// With fewer nothing is said.
  static let sampleCountMin = 8
  private static let refreshCount = 8

  private var samples: [UInt64] = []
  private var next = 0
  private var staleCount = 0

  /// The time that 95 of 100 replies stay within, in nanoseconds; `nil` while too few came. Up to
  /// `refreshCount - 1` of the last replies may not be in it.
  private(set) var p95: UInt64?

  /// Notes a reply that took so many nanoseconds.
  mutating func add(_ nanoseconds: UInt64) {
    if samples.count < Self.sampleCountMax {
      samples.append(nanoseconds)
    } else {
      samples[next] = nanoseconds
      next = (next + 1) % Self.sampleCountMax
    }
    staleCount += 1
    guard staleCount >= Self.refreshCount, samples.count >= Self.sampleCountMin else { return }
    staleCount = 0
    p95 = samples.sorted()[samples.count * 95 / 100]
  }
}

/// A token bucket for hedges: one for every `queryPerHedgeCount` queries.
struct HedgeBudget {
  private static let creditMax = EngineLimits.hedgeBurstCount * EngineLimits.queryPerHedgeCount
  private var credit = Self.creditMax

  /// A query came.
  mutating func earn() { credit = min(credit + 1, Self.creditMax) }

  /// Whether there is one hedge left; it is spent then.
  mutating func spend() -> Bool {
    guard credit >= EngineLimits.queryPerHedgeCount else { return false }
    credit -= EngineLimits.queryPerHedgeCount
    return true
  }
}
