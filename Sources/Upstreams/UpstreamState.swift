/// One upstream as an engine knows it: its health, its channels, its numbers.
final class UpstreamState: TimedEntry {
  /// A health check on its way.
  struct Check {
    let channel: UInt64
    let kind: ChannelKind
    let id: UInt16
  }

  let upstream: Upstream
  /// It leads back to this server.
  var isLooping = false
  /// It was replaced: nothing new is sent to it.
  var isRemoved = false
  var health = UpstreamHealth()
  var latencies = LatencyWindow()
  var statistics: UpstreamStatistics
  /// When a question was last sent to it.
  var askedAt: UInt64?
  /// Datagram channels, in no order.
  var datagrams: [PooledChannel] = []
  /// Streams, oldest first, retired ones among them.
  var streams: [PooledChannel] = []

  // MARK: - Health checks

  /// The health check that waits for its reply.
  var check: Check?
  /// When the last health check was sent.
  var checkedAt: UInt64 = 0
  /// Health checks sent since it failed; 0 when none is going on.
  var checkCount: UInt64 = 0

  init(_ upstream: Upstream) {
    self.upstream = upstream
    statistics = UpstreamStatistics(upstream: upstream)
  }

  /// How long to wait for it before another upstream is asked too.
  var hedgeNanoseconds: UInt64 {
    guard let p95 = latencies.p95 else { return EngineLimits.hedgeUnknownNanoseconds }
    return min(max(p95, EngineLimits.hedgeNanosecondsMin), EngineLimits.retryNanosecondsMax)
  }

  /// How long to wait for it before it is asked again.
  var retryNanoseconds: UInt64 {
    let doubled = later(hedgeNanoseconds, by: hedgeNanoseconds)
    return min(max(doubled, EngineLimits.retryNanosecondsMin), EngineLimits.retryNanosecondsMax)
  }

  /// Numbers, gauges included.
  func statistics(maxFails: Int, now: UInt64) -> UpstreamStatistics {
    var result = statistics
    result.condition = health.condition(maxFails: maxFails, now: now)
    result.datagramSocketCount = datagrams.count + (check?.kind == .datagram ? 1 : 0)
    result.streamCount = streams.count + (check?.kind == .stream ? 1 : 0)
    result.attemptCount = (datagrams + streams).reduce(0) { $0 + $1.attempts.count }
    return result
  }

  override func due(_ engine: UpstreamEngine, now: UInt64) {
    engine.continueChecks(self, now: now)
  }
}
