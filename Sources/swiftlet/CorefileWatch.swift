import Files
import PluginChain
import Sockets
import Synchronization

/// Looks out for changes of the Corefile and its imports, on a thread of its own: at once through
/// inotify(7), and again and again for what that does not tell.
final class CorefileWatch: Sendable {
  /// How long nothing must happen for a burst of events to be over; milliseconds.
  private static let quietMilliseconds: Int32 = 100
  /// Events of one burst that are waited for.
  private static let burstCountMax = 20
  /// The longest wait: what is followed may have changed; milliseconds.
  private static let waitMillisecondsMax: Int32 = 1_000

  private let followed = Mutex<(files: [String], policy: ReloadPolicy?)>(([], nil))
  private let stopSignal: StopSignal

  /// Follows nothing yet; fails when the process has no descriptors left.
  init() throws(PosixProblem) { stopSignal = try StopSignal() }

  /// Follows these files from now on; none without a policy.
  func follow(_ files: [String], _ policy: ReloadPolicy?) {
    followed.withLock { $0 = (files, policy) }
  }

  /// Ends `run`.
  func stop() { stopSignal.give() }

  /// Calls `changed` when something may have changed, until `stop`.
  func run(_ changed: @Sendable () -> Void) {
    // Without inotify, of which a user has a limited number, the interval is left.
    guard var folders = try? FolderWatch() else { return runByTime(changed) }
    var files: [String] = []
    var nextLook = UInt64.max
    var lastPolicy: ReloadPolicy?
    while true {
      let (wanted, policy) = followed.withLock { $0 }
      if policy == nil { nextLook = .max }
      if let policy, wanted != files || policy != lastPolicy || nextLook == .max {
        (files, lastPolicy) = (wanted, policy)
        nextLook = Self.nextLook(policy)
      }
      // Again each time: another folder may have taken a watched one's name.
      if policy != nil { Self.watch(files, &folders) }
      let now = monotonicNanoseconds()
      let rest = nextLook > now ? (nextLook - now) / 1_000_000 : 0
      let milliseconds = Int32(min(UInt64(Self.waitMillisecondsMax), rest + 1))
      switch stopSignal.wait(for: folders.descriptor.number, milliseconds: milliseconds) {
      case .stopped: return
      case .readable:
        let isAboutUs = settle(&folders, files)
        if policy != nil, isAboutUs { changed() }
      case .timedOut:
        guard let policy, monotonicNanoseconds() >= nextLook else { continue }
        nextLook = Self.nextLook(policy)
        changed()
      }
    }
  }

  /// Whether changes are seen at once; otherwise only at the interval.
  static var canSeeEvents: Bool { (try? FolderWatch()) != nil }

  private func runByTime(_ changed: @Sendable () -> Void) {
    var nextLook = UInt64.max
    var lastPolicy: ReloadPolicy?
    while true {
      let policy = followed.withLock { $0.policy }
      if policy == nil { nextLook = .max }
      if let policy, policy != lastPolicy || nextLook == .max { nextLook = Self.nextLook(policy) }
      lastPolicy = policy
      let waking = stopSignal.wait(for: -1, milliseconds: Self.waitMillisecondsMax)
      if case .stopped = waking { return }
      guard let policy, monotonicNanoseconds() >= nextLook else { continue }
      nextLook = Self.nextLook(policy)
      changed()
    }
  }

  /// Takes the events of a burst; whether one of them may concern the files, or a new one beside
  /// them.
  private func settle(_ folders: inout FolderWatch, _ files: [String]) -> Bool {
    var isAboutUs = false
    for _ in 0..<Self.burstCountMax {
      let events = folders.events()
      if events.contains(where: { $0.kind != .touched }) { isAboutUs = true }
      guard
        stopSignal.wait(
          for: folders.descriptor.number, milliseconds: Self.quietMilliseconds) == .readable
      else { break }
    }
    return isAboutUs
  }

  private static func watch(_ files: [String], _ folders: inout FolderWatch) {
    for folder in Set(files.flatMap { PathTrail($0).entries.map(\.folder) }) {
      try? folders.watch(folder)
    }
  }

  /// When to look without being told: an interval from now, give or take half the jitter.
  private static func nextLook(_ policy: ReloadPolicy) -> UInt64 {
    let jitter = policy.jitter * Double.random(in: -0.5...0.5)
    let nanoseconds = (policy.interval + jitter) / .nanoseconds(1)
    return monotonicNanoseconds() &+ UInt64(max(1_000_000, nanoseconds))
  }
}
