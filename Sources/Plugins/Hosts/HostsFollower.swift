import Files
import PluginChain
import Sockets

/// Looks at the file of a source whenever it may have changed: at once through inotify(7), and
/// again after each interval for what that does not tell.
final class HostsFollower: Sendable {
  private let source: HostsSource
  private let log: any LogSink
  private let stopSignal: StopSignal

  /// Between two looks, at least; nanoseconds.
  private static let intervalMin: UInt64 = 10_000_000

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
    var watch = PathWatch()
    var isLatenessTold = false
    while true {
      renew(&watch, &isLatenessTold)
      source.look()
      var now = monotonicNanoseconds()
      let nextLook = now &+ interval
      var burst = EventBurst()
      // While somebody writes, the interval waits for the end of that.
      while now < burst.look ?? nextLook {
        let waking = stopSignal.wait(
          for: watch.descriptor, from: now, until: burst.look ?? nextLook)
        if waking == .stopped { return }
        now = monotonicNanoseconds()
        if waking == .readable { burst.take(watch.takeEvents(), at: now) }
      }
    }
  }

  private func renew(_ watch: inout PathWatch, _ isLatenessTold: inout Bool) {
    do throws(PosixProblem) {
      try watch.renew([source.path])
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
}
