/// What is thought of one upstream. Only valid replies make it better; whatever anybody could have
/// forged changes nothing here (CVE-2026-52690, PowerDNS 2023-02).
struct UpstreamHealth {
  /// Failures since the last valid reply.
  private(set) var failureCount = 0
  private var failedAt: UInt64 = 0

  /// Notes a failure; `false` when it is taken for a part of the one before.
  mutating func fail(now: UInt64) -> Bool {
    let isNew =
      failureCount == 0
      || elapsed(since: failedAt, now: now) >= EngineLimits.failureIntervalNanoseconds
    guard isNew else { return false }
    failedAt = now
    if failureCount < Int.max { failureCount += 1 }
    return true
  }

  /// Notes a valid reply.
  mutating func recover() { failureCount = 0 }

  /// How it stands. `maxFails` 0: never down and, as there are no health checks, not suspect for
  /// long.
  func condition(maxFails: Int, now: UInt64) -> UpstreamCondition {
    guard failureCount > 0 else { return .up }
    if maxFails > 0 { return failureCount >= maxFails ? .down : .suspect }
    let isRecent = elapsed(since: failedAt, now: now) < EngineLimits.suspicionNanoseconds
    return isRecent ? .suspect : .up
  }
}

/// How an upstream stands, from best to worst.
package enum UpstreamCondition: Int, Sendable {
  /// Nothing against it.
  case up
  /// It failed and has not answered since.
  case suspect
  /// It failed `maxFails` times in a row and has not answered since.
  case down
}
