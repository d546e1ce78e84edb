/// When a host's addresses are looked up again. Times are nanoseconds of the monotonic clock.
package struct HostSchedule: Sendable {
  /// The shortest and longest time between lookups that succeed, whatever the TTL says.
  package let bounds: ClosedRange<UInt64>
  /// When the next lookup is due; at once for a new schedule.
  package private(set) var due: UInt64 = 0
  /// Lookups in a row that failed.
  package private(set) var failureCount = 0

  /// The first wait after a failure; it doubles with each one more.
  package static let firstRetry: UInt64 = 1_000_000_000
  /// The longest wait after a failure.
  package static let lastRetry: UInt64 = 60_000_000_000
  /// 5 seconds to 1 hour.
  package static let usualBounds: ClosedRange<UInt64> = 5_000_000_000...3_600_000_000_000

  /// A schedule for a host that was never looked up.
  package init(bounds: ClosedRange<UInt64> = usualBounds) {
    self.bounds = bounds
  }

  /// A lookup at `now` succeeded; its records may be kept for `ttl` seconds.
  package mutating func succeeded(ttl: UInt32, now: UInt64) {
    failureCount = 0
    let wait = min(max(UInt64(ttl) * 1_000_000_000, bounds.lowerBound), bounds.upperBound)
    due = now &+ wait
  }

  /// A lookup at `now` failed.
  package mutating func failed(now: UInt64) {
    let doublings = UInt64(min(failureCount, 16))
    due = now &+ min(Self.firstRetry << doublings, Self.lastRetry)
    failureCount += 1
  }
}
