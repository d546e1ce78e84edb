/// When to look after events: not before the writer is done and the events have ended, but not too
/// late either. Times are nanoseconds of a monotonic clock.
package struct EventBurst {
  /// This long without an event ends a burst of them.
  private static let quiet: UInt64 = 50_000_000
  /// A writer that has not closed its file is waited for this long.
  private static let writerPatience: UInt64 = 1_000_000_000
  /// A burst of events that goes on is acted upon after this time.
  private static let lengthMax: UInt64 = 2_000_000_000

  private var end: UInt64?
  /// When to look; `nil` without events.
  package private(set) var look: UInt64?

  /// No event yet.
  package init() {}

  /// Puts off the look, as far as the news that came at `now` ask for it.
  package mutating func take(_ news: PathWatch.News, at now: UInt64) {
    let wait: UInt64
    switch news {
    case .nothing: return
    case .writing: wait = Self.writerPatience
    case .settled: wait = Self.quiet
    }
    let end = end ?? now &+ Self.lengthMax
    self.end = end
    look = min(end, now &+ wait)
  }
}
