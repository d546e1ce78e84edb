/// The bounds and times of `UpstreamEngine`. Durations are nanoseconds.
package enum EngineLimits {
  // MARK: - Flights

  /// After this a question is over: clients give up at 5 s (RFC 9520 §3.1 asks for a bound).
  package static let flightNanoseconds: UInt64 = 4_000_000_000
  /// Messages sent for one question, whatever the reason.
  package static let attemptCountMax = 6
  /// Times that one upstream is asked one question (RFC 9520 §3.1).
  package static let attemptPerUpstreamCountMax = 3
  /// Tickets that wait or whose results were not taken, in one engine.
  package static let waitingTicketCountMax = 4_096

  // MARK: - Asking again

  /// The wait for the second upstream while the latency of the first is not known.
  static let hedgeUnknownNanoseconds: UInt64 = 150_000_000
  /// The shortest wait for the second upstream.
  static let hedgeNanosecondsMin: UInt64 = 10_000_000
  /// The longest wait before a question is asked again.
  static let retryNanosecondsMax: UInt64 = 1_000_000_000
  /// The shortest wait before the same upstream is asked again.
  static let retryNanosecondsMin: UInt64 = 400_000_000
  /// When an upstream is asked for the last time, after the start of the flight.
  static let lastTryNanoseconds: UInt64 = 2_000_000_000
  /// How often a flight looks again whether it may hedge.
  static let hedgeRecheckNanoseconds: UInt64 = 25_000_000
  /// The pause once every upstream has refused.
  static let refusalPauseNanoseconds: UInt64 = 200_000_000
  /// Hedges that may be saved up.
  static let hedgeBurstCount = 20
  /// One hedge for so many queries.
  static let queryPerHedgeCount = 10

  // MARK: - Channels

  /// Datagram sockets open to one upstream, for one engine; one of them is kept for its health
  /// check.
  package static let socketPerUpstreamCountMax = 512
  /// Streams open to one upstream, for one engine; a health check by stream is one more.
  package static let streamPerUpstreamCountMax = 8
  /// Questions in flight in one stream.
  package static let attemptPerStreamCountMax = 128
  /// A stream with more in flight does not get another one while a further stream may be opened.
  static let attemptPerStreamCountWanted = 16
  /// Questions in flight in one shared datagram socket; few enough to find free IDs at once.
  static let attemptPerSocketCountMax = 1_024
  /// Random IDs drawn before a channel counts as full.
  static let identifierDrawCountMax = 16
  /// A stream with questions in flight that was silent for so long gets no other.
  static let streamSilenceNanoseconds: UInt64 = 1_000_000_000

  // MARK: - Health

  /// Failures of one upstream within this time count once: they have one cause.
  static let failureIntervalNanoseconds: UInt64 = 100_000_000
  /// How long a health check may take.
  static let checkNanoseconds: UInt64 = 1_000_000_000
  /// The shortest interval between health checks.
  static let checkIntervalNanosecondsMin: UInt64 = 10_000_000
  /// Doublings of the interval between health checks: 16 times the first at most.
  static let checkDoublingCountMax: UInt64 = 4
  /// Without health checks: how long an upstream that failed is avoided.
  static let suspicionNanoseconds: UInt64 = 2_000_000_000
  /// When all upstreams are down, one question may go out each such time.
  static let trialIntervalNanoseconds: UInt64 = 500_000_000
}

/// `time` later by `duration`, never past the end of time.
func later(_ time: UInt64, by duration: UInt64) -> UInt64 {
  let (sum, overflow) = time.addingReportingOverflow(duration)
  return overflow ? .max : sum
}

/// From `start` to `now`; 0 when that is not in the past.
func elapsed(since start: UInt64, now: UInt64) -> UInt64 {
  now > start ? now - start : 0
}
