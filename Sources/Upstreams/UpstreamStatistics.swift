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

  // MARK: - Counters

  /// Messages sent, health checks left out.
  package internal(set) var requests = 0
  /// Replies that were believed and the time they took, by response code.
  package private(set) var latencies: [UInt16: LatencyCounts] = [:]
  /// Those replies, by response code.
  package var replies: [UInt16: Int] { latencies.mapValues(\.total) }
  /// Failures as they count for its health.
  package internal(set) var failures = 0
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

  mutating func countReply(code: UInt16, nanoseconds: UInt64) {
    let isKnown = latencies[code] != nil || latencies.count < Self.codeCountMax
    latencies[isKnown ? code : Self.otherCode, default: LatencyCounts()].add(nanoseconds)
  }
}
