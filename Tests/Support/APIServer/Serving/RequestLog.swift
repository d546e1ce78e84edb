import Synchronization

/// A request and what came of it.
package struct RequestRecord: Sendable {
  /// What was asked.
  package let call: APICall
  /// The path and query as they came.
  package let target: String
  /// `User-Agent`; empty when absent.
  package let userAgent: String
  /// The status code; 0 when there was no response.
  package let code: Int
  /// Whether the answer is in protobuf.
  package let isProtobuf: Bool
}

/// The last requests.
package final class RequestLog: Sendable {
  /// The most requests that are remembered.
  package static let recordCountMax = 10_000

  private struct State {
    var records: [RequestRecord] = []
    var violations: [RequestRecord] = []
    var requestCount = 0
  }

  private let state = Mutex(State())

  /// No requests yet.
  init() {}

  /// The last requests, the latest at the end.
  package var records: [RequestRecord] { state.withLock { $0.records } }

  /// Requests that a DNS server has no business with: writes, single objects, other resources.
  package var violations: [RequestRecord] { state.withLock { $0.violations } }

  /// All requests, ever.
  package var requestCount: Int { state.withLock { $0.requestCount } }

  /// The number of requests remembered of a verb and kind.
  package func count(_ verb: APICall.Verb, _ kind: ResourceKind) -> Int {
    state.withLock { state in
      state.records.count { $0.call.verb == verb && $0.call.kind == kind }
    }
  }

  func add(_ record: RequestRecord) {
    state.withLock { state in
      state.requestCount += 1
      if state.records.count >= Self.recordCountMax {
        state.records.removeFirst(Self.recordCountMax / 2)
      }
      state.records.append(record)
      if Access.isViolation(record.call), state.violations.count < Self.recordCountMax {
        state.violations.append(record)
      }
    }
  }
}
