/// What a plugin keeps on one worker: its sockets, its deadlines, its tables.
///
/// Everything here happens on that worker's thread, between queries and in the handlers that the
/// worker runs: nothing needs a lock. A handler finds its resident by `exchange.worker`.
open class Resident: @unchecked Sendable {
  /// When `serve` is wanted at the latest, in nanoseconds of the monotonic clock.
  package final var deadline = UInt64.max
  /// Tickets whose wait is over. The worker resumes them after `serve` and after each batch of
  /// queries, and then calls `settled`.
  package final var finished: [UInt64] = []

  /// A resident with nothing to do.
  public init() {}

  /// A descriptor that is readable when there is something to do, such as an epoll instance of the
  /// resident's own; -1 for none. Asked once, before the worker starts.
  open var descriptor: Int32 { -1 }

  /// The descriptor is readable or the deadline has passed. Must not block.
  open func serve(now: UInt64) {}

  /// All of `finished` has been resumed: results that nobody took can go.
  open func settled() {}

  /// The worker ends: what belongs to its thread is let go.
  open func end() {}
}
