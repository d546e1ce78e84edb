import Glibc

/// The time of day, which may go back.
package enum WallClock {
  /// Seconds since 1970 (UTC), rounded down.
  package static var now: Int { Int(secondsSince1970()) }

  /// Seconds since 1970 (UTC), with a fraction.
  package static func secondsSince1970() -> Double {
    var time = timespec()
    // SAFETY: the call fills the value that it is lent and keeps no pointer to it.
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
  }
}
