/// How long replies are kept and what happens when their time is over; times in nanoseconds of the
/// monotonic clock, TTLs in seconds.
package struct CachePolicy: Sendable {
  /// The bounds of a kind of entries.
  package struct Bounds: Sendable {
    /// Entries at most.
    package var capacity = 9984
    /// The longest time to keep one, in seconds.
    package var ttlMax: UInt32
    /// The shortest, in seconds; `ttlMax` wins.
    package var ttlMin: UInt32 = 5

    /// The seconds to keep a reply whose records last `ttl`; 0 is not kept (RFC 1035 §3.2.1).
    func clamped(_ ttl: UInt32) -> UInt32 {
      ttl == 0 ? 0 : min(max(ttl, ttlMin), ttlMax)
    }
  }

  /// What to do with a question whose entry has expired.
  package enum StaleMode: Sendable {
    /// Answer from the entry, and have it refreshed.
    case immediate
    /// Ask below, and answer from the entry when that fails.
    case verify
  }

  /// Positive answers.
  package var success = Bounds(ttlMax: 3600)
  /// NXDOMAIN, NODATA and failures.
  package var denial = Bounds(ttlMax: 1800)
  /// How long SERVFAIL is kept, in nanoseconds; 0 not at all (RFC 9520 §3.2: at most 5 minutes).
  package var failureNanoseconds: UInt64 = 5_000_000_000
  /// TTLs do not count down.
  package var keepsTTL = false

  /// How long an entry may be used after it has expired, in nanoseconds; 0 not at all.
  package var staleNanoseconds: UInt64 = 3_600_000_000_000
  /// What is done with expired entries.
  package var staleMode = StaleMode.verify
  /// After how much waiting a client gets an expired entry, in nanoseconds; 0 when the wait below
  /// has ended by itself. By default the client response timer of RFC 8767 §5.
  package var verifyNanoseconds: UInt64 = 1_800_000_000
  /// TTL of all records of an expired entry, in seconds (RFC 8767 §4).
  package var staleTTL: UInt32 = 30
  /// How long nobody asks below again after a failure to refresh, in nanoseconds (RFC 8767 §5).
  package var recheckNanoseconds: UInt64 = 30_000_000_000
  /// A positive answer, even an expired one, goes before a newer denial.
  package var prefersPositive = false

  /// Questions that make an entry worth a refresh before it expires; 0 is never.
  package var prefetchCount = 0
  /// A longer gap between two questions starts the count anew, in nanoseconds.
  package var prefetchGapNanoseconds: UInt64 = 60_000_000_000
  /// The last part of an entry's time in which it is refreshed.
  package var prefetchPercent = 10

  /// After this long a refresh that never came back is given up, in nanoseconds.
  static let refreshNanosecondsMax: UInt64 = 10_000_000_000

  /// CoreDNS's defaults, but for what happens to expired entries.
  package init() {}
}
