import Synchronization

/// What was asked of one API server, for metrics. All requests are GET.
package final class RequestMetrics: Sendable {
  /// How a request ended.
  package enum Outcome: Hashable, Sendable {
    /// With a response of this status code.
    case code(Int)
    /// Without a response.
    case error

    /// The label `code`, as client-go has it.
    package var label: String {
      switch self {
      case .code(let code): "\(code)"
      case .error: "<error>"
      }
    }
  }

  /// The numbers of a moment.
  package struct Reading: Hashable, Sendable {
    /// The label `host`: the server's host and port.
    package let host: String
    /// The labels `method` and `verb`.
    package let method = "GET"
    /// Requests, lists and watches, by how they ended.
    package var requestCounts: [Outcome: UInt64] = [:]
    /// How long lists took, body included.
    package var requestDurations = DurationCounts()
    /// How long requests waited because of the rate limit.
    package var pacerDurations = DurationCounts()
  }

  private let reading: Mutex<Reading>

  /// Nothing asked yet.
  init(host: String) { reading = Mutex(Reading(host: host)) }

  /// The numbers now.
  package func read() -> Reading { reading.withLock { $0 } }

  func countRequest(_ outcome: Outcome) {
    reading.withLock { $0.requestCounts[outcome, default: 0] &+= 1 }
  }

  func observeRequest(_ duration: Duration) {
    reading.withLock { $0.requestDurations.observe(duration) }
  }

  func observePacer(_ duration: Duration) {
    reading.withLock { $0.pacerDurations.observe(duration) }
  }
}

/// A histogram of durations with Prometheus' default buckets.
package struct DurationCounts: Hashable, Sendable {
  /// The upper bounds of the buckets, in seconds; one without a bound follows.
  package static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  /// How many fell into each bucket, those of lower ones not included.
  package private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
  /// The sum of all, in seconds.
  package private(set) var sum = 0.0

  /// Counts a duration.
  mutating func observe(_ duration: Duration) {
    let seconds = duration / .seconds(1)
    counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] &+= 1
    sum += seconds
  }
}
