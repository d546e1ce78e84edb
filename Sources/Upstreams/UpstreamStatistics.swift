/// The numbers of one upstream in one engine, for metrics. Counters only grow.
package struct UpstreamStatistics: Sendable {
  /// Response codes counted apart; the first that come.
  private static let codeCountMax = 32
  /// Stands for all other codes in `latencies`.
  package static let otherCode = UInt16.max

  /// Who.
  package let upstream: Upstream

  // MARK: - Gauges

  /// How it stands.
  package internal(set) var condition = UpstreamCondition.up
  /// Datagram sockets open, that of a health check among them.
  package internal(set) var datagramSocketCount = 0
  /// Streams open.
  package internal(set) var streamCount = 0
  /// Questions sent and neither answered nor given up.
  package internal(set) var attemptCount = 0

  // MARK: - The last of each

  /// The last reply that was believed.
  package struct Reply: Sendable {
    /// When it came, in nanoseconds of the monotonic clock.
    package let at: UInt64
    /// How long it took, in nanoseconds.
    package let nanoseconds: UInt64
    /// Its response code.
    package let code: UInt16
  }

  /// The last failure that counted for its health.
  package struct Failure: Sendable {
    /// When, in nanoseconds of the monotonic clock.
    package let at: UInt64
    /// What it was.
    package let trouble: UpstreamTrouble
  }

  /// Health checks left out; `nil` before the first.
  package private(set) var lastReply: Reply?
  /// `nil` before the first.
  package private(set) var lastFailure: Failure?

  // MARK: - Counters

  /// Messages sent, health checks left out.
  package internal(set) var requests = 0
  /// Replies that were believed and the time they took, by response code.
  package private(set) var latencies: [UInt16: LatencyCounts] = [:]
  /// Those replies, by response code.
  package var replies: [UInt16: Int] { latencies.mapValues(\.total) }
  /// Failures as they count for its health.
  package private(set) var failures = 0
  /// Health checks that nothing came back from.
  package internal(set) var healthCheckFailures = 0
  /// Requests that went by a stream that was open.
  package internal(set) var streamReuseHits = 0
  /// Requests that a stream was opened for.
  package internal(set) var streamReuseMisses = 0
  /// Messages that were no reply to anything asked.
  package internal(set) var foreignReplies = 0
  /// Requests sent here because another upstream was slow.
  package internal(set) var hedges = 0

  init(upstream: Upstream) {
    self.upstream = upstream
  }

  mutating func countFailure(_ trouble: UpstreamTrouble, now: UInt64) {
    failures += 1
    lastFailure = Failure(at: now, trouble: trouble)
  }

  mutating func countReply(code: UInt16, nanoseconds: UInt64, now: UInt64) {
    lastReply = Reply(at: now, nanoseconds: nanoseconds, code: code)
    let isKnown = latencies[code] != nil || latencies.count < Self.codeCountMax
    latencies[isKnown ? code : Self.otherCode, default: LatencyCounts()].add(nanoseconds)
  }
}

/// Why an upstream failed.
package enum UpstreamTrouble: Sendable {
  /// It did not answer in time, or not before another one that was asked after it.
  case silence
  /// A health check of it had no reply.
  case healthCheck
  /// No socket to it could be opened.
  case noSocket
  /// The way to it broke.
  case channel(ChannelFailure)
}
