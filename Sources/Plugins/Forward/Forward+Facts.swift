import Corefile
import DNSWire
import PluginChain
import Upstreams

extension ForwardConfiguration {
  /// What is known about the upstreams of a question, a line each: those of `statistics` (one list
  /// a worker), those that are `known` while nothing was asked, or the targets as the Corefile has
  /// them while its files and hosts are not read.
  func facts(
    _ statistics: [[UpstreamStatistics]], known: [Upstream], now: UInt64
  ) -> [String] {
    var order: [Upstream] = []
    var byUpstream: [Upstream: [UpstreamStatistics]] = [:]
    for one in statistics.joined() {
      if byUpstream[one.upstream] == nil { order.append(one.upstream) }
      byUpstream[one.upstream, default: []].append(one)
    }
    guard !order.isEmpty else {
      return known.count < targets.count
        ? targets.map { "target \($0.token.text)" } : known.map { "\($0.text): not asked yet" }
    }
    return order.map { upstream in
      Self.line(upstream.text, byUpstream[upstream] ?? [], workerCount: statistics.count, now)
    }
  }

  private static func line(
    _ name: String, _ numbers: [UpstreamStatistics], workerCount: Int, _ now: UInt64
  ) -> String {
    let worst = numbers.max { $0.condition.rawValue < $1.condition.rawValue }?.condition ?? .up
    let count = numbers.count { $0.condition == worst }
    var parts = ["\(name): \(words(worst))"]
    if worst != .up, workerCount > 1 { parts[0] += " for \(count) of \(workerCount) workers" }
    if let reply = numbers.compactMap(\.lastReply).max(by: { $0.at < $1.at }) {
      let code = ResponseCode(rawValue: reply.code)
      parts.append(
        "last reply \(ago(reply.at, now)), \(code) in \(milliseconds(reply.nanoseconds)) ms")
    } else {
      parts.append("no reply yet")
    }
    if let failure = numbers.compactMap(\.lastFailure).max(by: { $0.at < $1.at }) {
      parts.append("last failure \(ago(failure.at, now)): \(words(failure.trouble))")
    }
    let (requests, failures) = numbers.reduce((0, 0)) { ($0.0 + $1.requests, $0.1 + $1.failures) }
    parts.append("\(requests) asked, \(failures) failures")
    return parts.joined(separator: "; ")
  }

  private static func words(_ condition: UpstreamCondition) -> String {
    switch condition {
    case .up: "up"
    case .suspect: "suspect, it failed last"
    case .down: "down"
    }
  }

  private static func words(_ trouble: UpstreamTrouble) -> String {
    switch trouble {
    case .silence: "no reply in time"
    case .healthCheck: "no reply to a health check"
    case .noSocket: "no socket to it could be opened"
    case .channel(.refused): "connection refused"
    case .channel(.unreachable): "not reachable"
    case .channel(.closed): "it closed the connection"
    case .channel(.error): "the connection broke"
    case .channel(.tls): "TLS handshake or certificate"
    }
  }

  private static func ago(_ then: UInt64, _ now: UInt64) -> String {
    "\((now &- min(then, now)) / 1_000_000_000) s ago"
  }

  /// Milliseconds with one decimal.
  private static func milliseconds(_ nanoseconds: UInt64) -> String {
    let tenths = (nanoseconds &+ 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10)"
  }
}
