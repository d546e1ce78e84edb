import Corefile
import DNSWire
import Files
import Glibc
import PluginChain
import Sockets

/// Asks the endpoint for its page once in a second, as the kubelet would, and counts how long that
/// took; on a thread that may block.
final class HealthWatch: Sendable {
  /// Between two requests.
  private static let intervalMilliseconds: Int32 = 1_000
  /// How long a request may take before it has failed.
  private static let timeoutNanoseconds: UInt64 = 3_000_000_000
  /// A request that takes longer is worth a warning.
  private static let slowNanoseconds: UInt64 = 1_000_000_000

  private let server: SocketAddress
  private let counters: HealthCounters
  private let log: any LogSink
  private let stopSignal: StopSignal

  /// A watch over the endpoint at `server`; fails when the process has no descriptors left.
  init(
    _ server: SocketAddress, counters: HealthCounters, log: any LogSink
  ) throws(PosixProblem) {
    stopSignal = try StopSignal()
    self.server = server
    self.counters = counters
    self.log = log
  }

  /// Where an endpoint on `host` is reached from here; `nil` when that is a name to be looked up.
  static func address(host: String, port: Int) -> SocketAddress? {
    guard let number = UInt16(exactly: port) else { return nil }
    if ["localhost", "0.0.0.0", "::"].contains(host) {
      return SocketAddress(IPAddress(v4: 0x7F00_0001), port: number)
    }
    return IPAddress(text: host).map { SocketAddress($0, port: number) }
  }

  /// Ends `run`, wherever it waits.
  func stop() { stopSignal.give() }

  /// Asks until `stop`.
  func run() {
    while stopSignal.wait(for: -1, milliseconds: Self.intervalMilliseconds) != .stopped {
      let start = monotonicNanoseconds()
      let failure = request(until: start &+ Self.timeoutNanoseconds)
      if case .stopped = failure { return }
      let nanoseconds = monotonicNanoseconds() &- start
      counters.add(seconds: Double(nanoseconds) / 1_000_000_000, hasFailed: failure != nil)
      if case .system(let problem) = failure {
        log.write(.warning, "plugin/health: the endpoint's own request failed: \(problem)")
      } else if nanoseconds > Self.slowNanoseconds {
        let time = GoDuration.text(.nanoseconds(Int64(clamping: nanoseconds)))
        log.write(.warning, "plugin/health: the endpoint's own request took \(time)")
      }
    }
  }

  /// Why there was no page.
  private enum Failure: Error {
    case stopped
    case system(SystemError)
  }

  private func request(until end: UInt64) -> Failure? {
    do throws(SystemError) {
      let stream = try TCPStream(connectingTo: server, source: nil)
      guard try wait(stream, isWriting: true, until: end) else { return .stopped }
      if let problem = stream.connectionFailure() { return .system(problem) }
      let text = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
      let octets = Array(text.utf8)
      // The first octets on a connection always find room.
      guard try stream.write(octets, 0..<octets.count) == octets.count else {
        return .system(SystemError("send", code: EAGAIN))
      }
      var buffer = [UInt8](repeating: 0, count: 64)
      while try wait(stream, isWriting: false, until: end) {
        guard let count = try stream.read(into: &buffer, at: 0) else { continue }
        return count > 0 ? nil : .system(SystemError("recv", code: ECONNRESET))
      }
      return .stopped
    } catch {
      return .system(error)
    }
  }

  /// Whether the stream is ready; `false` when the stop was given.
  private func wait(
    _ stream: TCPStream, isWriting: Bool, until end: UInt64
  ) throws(SystemError) -> Bool {
    while true {
      let now = monotonicNanoseconds()
      guard now < end else { throw SystemError("poll", code: ETIMEDOUT) }
      let milliseconds = Int32(clamping: (end - now) / 1_000_000 + 1)
      switch stopSignal.wait(for: stream.number, isWriting: isWriting, milliseconds: milliseconds) {
      case .stopped: return false
      case .readable: return true
      case .timedOut: continue
      }
    }
  }
}
