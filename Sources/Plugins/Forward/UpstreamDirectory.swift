import Synchronization
import Upstreams

/// The upstreams of one `forward` directive as they are now: written by its follower, read by every
/// worker.
///
/// A worker keeps the generation that it took and compares it, one atomic load, before it uses its
/// list; only when it differs does it take the new one.
package final class UpstreamDirectory: Sendable {
  private let number: Atomic<UInt64>
  private let list: Mutex<[Upstream]>

  /// A directory that holds `upstreams`, generation 1 when there are any and 0 when not.
  package init(_ upstreams: [Upstream] = []) {
    number = Atomic(upstreams.isEmpty ? 0 : 1)
    list = Mutex(upstreams)
  }

  /// Grows with every list that differs from the one before; 0 until there is one.
  package var generation: UInt64 { number.load(ordering: .acquiring) }

  /// The list and its generation.
  package func current() -> (upstreams: [Upstream], generation: UInt64) {
    list.withLock { ($0, number.load(ordering: .relaxed)) }
  }

  /// Puts a list in place of the one there; an equal one changes nothing. Whether it differed.
  @discardableResult
  package func publish(_ upstreams: [Upstream]) -> Bool {
    list.withLock { list in
      guard list != upstreams else { return false }
      list = upstreams
      number.add(1, ordering: .releasing)
      return true
    }
  }
}
