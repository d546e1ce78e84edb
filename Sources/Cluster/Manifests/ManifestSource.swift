import Files
import Synchronization

/// Kubernetes objects from manifest files, and from then on whatever changes about them.
///
/// Paths are files or folders. A folder stands for its `*.yaml`, `*.yml` and `*.json` in order of
/// name, without sub-folders and hidden entries; links are followed, so a mounted ConfigMap works.
/// Changes come from inotify on the folders, and from a look at the files every 5 s, which also
/// serves where inotify is not to be had or a link leads to a folder that is not watched.
package final class ManifestSource: Sendable {
  private let follower: Mutex<ManifestFollower>
  private let thread = Mutex<PosixThread?>(nil)
  private let stopSignal: StopSignal

  /// This long without an event ends a burst of them.
  private static let quietMilliseconds: Int32 = 20
  /// A burst of events that goes on is acted upon after this time.
  private static let burstMax = Duration.milliseconds(500)
  private let lookInterval: Duration

  /// A source over these files and folders, of which nothing is read yet, to be looked at every
  /// `lookInterval` besides the events. Fails, in the system's words, when the process has no
  /// descriptors left.
  package init(
    paths: [String], lookInterval: Duration = .seconds(5)
  ) throws(ManifestProblem) {
    do throws(PosixProblem) {
      stopSignal = try StopSignal()
    } catch {
      throw ManifestProblem(
        .error, path: paths.joined(separator: ", "),
        message: "the manifests cannot be followed (\(error.message))")
    }
    follower = Mutex(ManifestFollower(paths: paths))
    self.lookInterval = lookInterval
  }

  /// Reads everything for the first time: all objects, as `.set`, and all problems. Watching
  /// begins before the first octet is read, so no later change is missed. To be called once,
  /// before `follow`; blocks until all is parsed, on a thread with a stack that suffices.
  package func load() -> ManifestRound {
    let result = RoundBox()
    PosixThread.run { [self] in
      let round = follower.withLock { $0.start() }
      result.round.withLock { $0 = round }
    }
    return result.round.withLock { $0 }
  }

  /// Tells every round of changes and problems from now on, one after the other, on a thread of
  /// the source's own, until `stop`. To be called once, after `load`; whether a thread could be
  /// had.
  package func follow(_ tell: @escaping @Sendable (ManifestRound) -> Void) -> Bool {
    thread.withLock { thread in
      guard thread == nil else { return false }
      thread = PosixThread.start { [self] in run(tell) }
      return thread != nil
    }
  }

  /// Ends the thread. After the return no round is told any more (but for the one that is being
  /// told, when this is called from within it).
  package func stop() {
    stopSignal.give()
    let thread = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    if let thread, !thread.isCurrent { thread.join() }
  }

  // MARK: - The thread

  private func run(_ tell: (ManifestRound) -> Void) {
    let clock = ContinuousClock()
    let descriptor = follower.withLock { $0.eventDescriptor }
    var nextLook = clock.now + lookInterval
    var burstStart: ContinuousClock.Instant?
    while true {
      let left = Self.milliseconds(nextLook - clock.now)
      let wait = burstStart == nil ? left : Self.quietMilliseconds
      let waking = stopSignal.wait(for: descriptor, milliseconds: wait)
      var round = ManifestRound()
      switch waking {
      case .stopped: return
      case .readable:
        let isLookDue = follower.withLock { follower in
          follower.takeEvents()
          return follower.isLookDue
        }
        if isLookDue, burstStart == nil { burstStart = clock.now }
        guard let start = burstStart, clock.now - start > Self.burstMax else { continue }
        round = lookAtChanges(&burstStart)
      case .timedOut where burstStart != nil: round = lookAtChanges(&burstStart)
      case .timedOut:
        guard clock.now >= nextLook else { continue }
        round = follower.withLock { $0.lookAgain() }
        nextLook = clock.now + lookInterval
        if follower.withLock({ $0.isLookDue }) { burstStart = clock.now }
      }
      if !round.isEmpty { tell(round) }
    }
  }

  /// Ends a burst, or begins the next one when there were events meanwhile.
  private func lookAtChanges(_ burstStart: inout ContinuousClock.Instant?) -> ManifestRound {
    let (round, isLookDue) = follower.withLock { follower in
      (follower.lookAtChanges(), follower.isLookDue)
    }
    burstStart = isLookDue ? ContinuousClock.now : nil
    return round
  }

  private static func milliseconds(_ duration: Duration) -> Int32 {
    let milliseconds = duration / .milliseconds(1)
    return Int32(min(max(milliseconds.rounded(.up), 0), 60_000))
  }
}

private final class RoundBox: Sendable {
  let round = Mutex(ManifestRound())
}
