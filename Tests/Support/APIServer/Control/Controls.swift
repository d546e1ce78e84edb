import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// The control requests of a simulator that runs as a program.
package final class Controls: Sendable {
  /// How often a rate of changes is kept up.
  private static let tick = TimeAmount.milliseconds(5)
  private static let nanosecondsPerSecond = 1_000_000_000.0

  private struct Rate {
    var eventsPerSecond = 0.0
    var due = 0.0
    var last = ContinuousClock.now
  }

  private let server: APIServer
  private let changes: WorldChanges
  private let rate = Mutex(Rate())
  private let loop = MultiThreadedEventLoopGroup.singleton.next()

  /// The controls of a server. From now on the known name is there.
  package init(_ server: APIServer) {
    self.server = server
    changes = WorldChanges(server.world)
    changes.addMarker()
    _ = loop.scheduleRepeatedTask(initialDelay: Self.tick, delay: Self.tick) { [weak self] task in
      guard let self else { return task.cancel() }
      keepRate()
    }
  }

  /// Answers a control request.
  package func answer(
    _ method: String, _ path: String, _ query: [String: String]
  ) async -> ControlAnswer {
    do {
      switch (method, path) {
      case ("POST", "/sim/restart"):
        let milliseconds = Int64(query["downtime"] ?? "") ?? 0
        try await server.restart(
          forgettingHistory: query["forget"] == "true", downtime: .milliseconds(milliseconds))
      case ("POST", "/sim/touch"):
        changes.change(Int(query["count"] ?? "") ?? 1, slicesOnly: true)
      case ("POST", "/sim/mark"): changes.mark(nanoseconds: Self.now())
      case ("POST", "/sim/rate"): setRate(Double(query["events"] ?? "") ?? 0)
      case ("POST", "/sim/fault"): return add(query)
      case ("POST", "/sim/clear"): server.faults.clear()
      case ("POST", "/sim/forget"): server.world.forgetHistory()
      case ("POST", "/sim/freeze"): server.disturbWatches(.freeze)
      case ("POST", "/sim/tokens"):
        server.access.tokens = Set((query["accept"] ?? "").split(separator: ",").map(String.init))
      case ("GET", "/sim/requests"): return ControlAnswer(requests(server.log.records))
      case ("GET", "/sim/violations"): return ControlAnswer(requests(server.log.violations))
      case ("GET", "/sim/state"): break
      default: return ControlAnswer(code: 404, ["error": "no such control"])
      }
      return ControlAnswer(state())
    } catch {
      return ControlAnswer(code: 500, ["error": .text("\(error)")])
    }
  }

  private func state() -> Tree {
    .members([
      ("version", .integer(Int64(server.world.version))),
      ("watches", .integer(Int64(server.watchCount()))),
      ("connections", .integer(Int64(server.connectionCount))),
      ("requests", .integer(Int64(server.log.requestCount))),
      ("violations", .integer(Int64(server.log.violations.count))),
    ])
  }

  private func requests(_ records: [RequestRecord]) -> Tree {
    .list(
      records.map { record in
        [
          "verb": .text(record.call.verb.rawValue), "resource": .text(record.call.resource),
          "target": .text(record.target), "userAgent": .text(record.userAgent),
          "code": .integer(Int64(record.code)), "protobuf": .bool(record.isProtobuf),
        ]
      })
  }

  // MARK: - Rate

  private func setRate(_ eventsPerSecond: Double) {
    rate.withLock { rate in
      rate.eventsPerSecond = min(max(0, eventsPerSecond), 100_000)
      rate.due = 0
      rate.last = .now
    }
  }

  private func keepRate() {
    let count = rate.withLock { rate in
      let now = ContinuousClock.now
      let seconds = (now - rate.last) / .seconds(1)
      rate.last = now
      rate.due = min(rate.due + seconds * rate.eventsPerSecond, rate.eventsPerSecond)
      let count = Int(rate.due)
      rate.due -= Double(count)
      return count
    }
    for _ in 0..<count {
      changes.change(1)
      changes.mark(nanoseconds: Self.now())
    }
  }

  /// Nanoseconds since 1970.
  private static func now() -> UInt64 {
    UInt64(max(0, Date().timeIntervalSince1970) * nanosecondsPerSecond)
  }

  // MARK: - Faults

  private func add(_ query: [String: String]) -> ControlAnswer {
    let count = Int(query["requests"] ?? "") ?? 1
    let number = Int(query["value"] ?? "")
    let kind = ResourceKind.allCases.first { $0.plural == query["resource"] }
    let verb = APICall.Verb.allCases.first { $0.rawValue == query["verb"] }
    let time = Double(query["seconds"] ?? "").map { Duration.seconds($0) }
    let fault: Fault
    switch query["kind"] {
    case "status":
      fault = .status(number ?? 503, retryAfterSeconds: Int(query["retryAfter"] ?? "") ?? 0)
    case "silence": fault = .noHead
    case "torn": fault = .tornBody(octetCount: number ?? 100, isEnded: query["ended"] == "true")
    case "slow": fault = .slowBody(octetCount: number ?? 1_024, every: .milliseconds(10))
    case "garbage": fault = .garbageBody
    case "expired": fault = .expiredToken
    case "frozen": fault = .frozenWatch
    case "closed": fault = .closedWatch
    case "error": fault = .watchError(number ?? 410)
    case "disorder": fault = .disorder
    case "bad": fault = .badObjects
    case "oversized": fault = .oversizedObject
    case "connection-closed": return add(ConnectionFault.closed, count)
    case "no-tls": return add(ConnectionFault.noTLS, count)
    case "slow-accept":
      return add(ConnectionFault.slow(.milliseconds(Int64(number ?? 1_000))), count)
    default: return ControlAnswer(code: 400, ["error": "no such fault"])
    }
    server.faults.add(fault, resource: kind, verb: verb, requests: count, during: time)
    return ControlAnswer(state())
  }

  private func add(_ fault: ConnectionFault, _ count: Int) -> ControlAnswer {
    server.faults.add(fault, connections: count)
    return ControlAnswer(state())
  }
}
