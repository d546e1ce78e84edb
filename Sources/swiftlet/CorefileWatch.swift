import Files
import PluginChain
import Sockets
import Synchronization

/// Looks out for changes of the Corefile and its imports, on a thread of its own: at once through
/// inotify(7), and again and again for what that does not tell.
final class CorefileWatch: Sendable {
  /// The longest wait: what is followed may have changed; nanoseconds.
  private static let waitMax: UInt64 = 1_000_000_000

  private let followed = Mutex<(files: [String], policy: ReloadPolicy?)>(([], nil))
  private let stopSignal: StopSignal
  private let log: OutputLog

  /// Follows nothing yet; fails when the process has no descriptors left.
  init(log: OutputLog) throws(PosixProblem) {
    stopSignal = try StopSignal()
    self.log = log
  }

  /// Follows these files from now on; none without a policy.
  func follow(_ files: [String], _ policy: ReloadPolicy?) {
    followed.withLock { $0 = (files, policy) }
  }

  /// Ends `run`.
  func stop() { stopSignal.give() }

  /// Calls `changed` when something may have changed, until `stop`.
  func run(_ changed: @Sendable () -> Void) {
    var watch = PathWatch(scope: .folders)
    var isLatenessTold = false
    var burst = EventBurst()
    var known: (files: [String], policy: ReloadPolicy?) = ([], nil)
    var nextLook = UInt64.max
    while true {
      let wanted = followed.withLock { $0 }
      // What changed after it was read and before it is watched is no event: look once.
      if wanted != known { (known, nextLook) = (wanted, 0) }
      var now = monotonicNanoseconds()
      let next = min(burst.look ?? nextLook, now &+ Self.waitMax)
      let waking = stopSignal.wait(for: watch.descriptor, from: now, until: next)
      if waking == .stopped { return }
      now = monotonicNanoseconds()
      if waking == .readable { burst.take(watch.takeEvents(), at: now) }
      // While somebody writes, the interval waits for the end of that.
      guard now >= burst.look ?? nextLook else { continue }
      burst = EventBurst()
      nextLook = Self.nextLook(known.policy)
      guard known.policy != nil else { continue }
      // Before each look: another folder may have taken a watched one's name.
      renew(&watch, known.files, &isLatenessTold)
      changed()
    }
  }

  private func renew(_ watch: inout PathWatch, _ files: [String], _ isLatenessTold: inout Bool) {
    do throws(PosixProblem) {
      try watch.renew(files)
    } catch {
      if !isLatenessTold {
        log.write(
          .warning,
          "plugin/reload: folders cannot be watched (\(error.message)); changes are only seen by "
            + "looking at the interval")
      }
      isLatenessTold = true
    }
  }

  /// When to look without being told: an interval from now, give or take half the jitter; never
  /// without a policy.
  private static func nextLook(_ policy: ReloadPolicy?) -> UInt64 {
    guard let policy else { return .max }
    let jitter = policy.jitter * Double.random(in: -0.5...0.5)
    let nanoseconds = (policy.interval + jitter) / .nanoseconds(1)
    return monotonicNanoseconds() &+ UInt64(max(1_000_000, nanoseconds))
  }
}
