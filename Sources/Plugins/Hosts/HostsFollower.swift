import Files
import PluginChain
import Sockets

/// Looks at the file of a source whenever it may have changed: at once through inotify(7), and
/// again after each interval for what that does not tell.
final class HostsFollower: Sendable {
  private let source: HostsSource
  private let log: any LogSink
  private let stopSignal: StopSignal

  /// This long without an event ends a burst of them. Nanoseconds, as all times here.
  private static let quiet: UInt64 = 50_000_000
  /// A writer that has not closed its file is waited for this long.
  private static let writerPatience: UInt64 = 1_000_000_000
  /// A burst of events that goes on is acted upon after this time.
  private static let burstMax: UInt64 = 2_000_000_000
  /// Between two looks, at least.
  private static let intervalMin: UInt64 = 10_000_000
  /// The longest wait.
  private static let waitMillisecondsMax: UInt64 = 60_000

  /// A follower that has not begun; fails when the process has no descriptors left.
  init(_ source: HostsSource, log: any LogSink) throws(PosixProblem) {
    self.source = source
    self.log = log
    stopSignal = try StopSignal()
  }

  /// Ends `run`, wherever it waits.
  func stop() { stopSignal.give() }

  /// Follows until `stop`.
  func run() {
    let interval = max(Self.intervalMin, UInt64(source.interval / .nanoseconds(1)))
    var watch = PathWatch(source.path)
    var isLatenessTold = false
    var burst: (end: UInt64, look: UInt64)?
    while true {
      renew(&watch, &isLatenessTold)
      source.look()
      let nextLook = monotonicNanoseconds() &+ interval
      repeat {
        let wait = Self.milliseconds(until: burst?.look ?? nextLook)
        switch stopSignal.wait(for: watch.descriptor, milliseconds: wait) {
        case .stopped: return
        case .readable: note(watch.takeEvents(), &burst)
        case .timedOut: break
        }
        // While somebody writes, the interval waits for the end of that.
      } while monotonicNanoseconds() < burst?.look ?? nextLook
      burst = nil
    }
  }

  private func renew(_ watch: inout PathWatch, _ isLatenessTold: inout Bool) {
    do throws(PosixProblem) {
      try watch.renew()
    } catch {
      if !isLatenessTold {
        log.write(
          .warning,
          "plugin/hosts: \(source.path): folders cannot be watched (\(error.message)); "
            + "changes are seen late")
      }
      isLatenessTold = true
    }
  }

  /// Puts off the next look until the writer is done and events have ended, but not for ever.
  private func note(_ news: PathWatch.News, _ burst: inout (end: UInt64, look: UInt64)?) {
    let wait: UInt64
    switch news {
    case .nothing: return
    case .writing: wait = Self.writerPatience
    case .settled: wait = Self.quiet
    }
    let now = monotonicNanoseconds()
    let end = burst?.end ?? now &+ Self.burstMax
    burst = (end, min(end, now &+ wait))
  }

  /// The wait until a time, rounded up.
  private static func milliseconds(until time: UInt64) -> Int32 {
    let now = monotonicNanoseconds()
    guard time > now else { return 0 }
    return Int32(clamping: min((time - now) / 1_000_000 + 1, waitMillisecondsMax))
  }
}
