/// A point on a clock that never goes back and knows no date, as the time since its start.
package typealias MonotonicTime = Duration

/// How long to wait before trying again: 0.8 s, twice as long each time, 30 s at most, less up to
/// half of it by chance; from the start again after two minutes without a failure.
struct Backoff: Sendable {
  /// The first delay.
  static let delayMin = Duration.milliseconds(800)
  /// The longest delay.
  static let delayMax = Duration.seconds(30)
  /// How long nothing must fail for the first delay to come again.
  static let calmTime = Duration.seconds(120)

  private let shortest: Duration
  private let longest: Duration
  private var delay: Duration
  /// When the last delay ended.
  private var lastEnd: MonotonicTime?

  /// Has not been asked yet. Other delays than the usual ones are for tests.
  init(shortest: Duration = Self.delayMin, longest: Duration = Self.delayMax) {
    self.shortest = shortest
    self.longest = longest
    delay = shortest
  }

  /// The next delay; `fraction` is a random number in 0..<1.
  mutating func next(at now: MonotonicTime, fraction: Double) -> Duration {
    if let lastEnd, now - lastEnd > Self.calmTime { delay = shortest }
    let result = delay * (1 - fraction / 2)
    delay = min(delay * 2, longest)
    lastEnd = now + result
    return result
  }
}
