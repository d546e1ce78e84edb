import Sockets
import Synchronization

/// Where results of other workers' flights are left for the tickets of one worker.
package final class GuestInbox: Sendable {
  /// A ticket and what became of the question.
  package typealias Delivery = (ticket: UInt64, result: UpstreamResult)

  private struct Contents {
    var deliveries: [Delivery] = []
    var wakeup: Wakeup?
  }

  private let contents = Mutex(Contents())

  /// An empty inbox that wakes nobody yet.
  package init() {}

  /// Wakes the worker through `wakeup` from now on.
  package func wakes(_ wakeup: Wakeup) {
    contents.withLock { $0.wakeup = wakeup }
  }

  /// Leaves a result; from any thread.
  package func put(_ ticket: UInt64, _ result: UpstreamResult) {
    let wakeup = contents.withLock { contents in
      contents.deliveries.append((ticket, result))
      return contents.wakeup
    }
    wakeup?.signal()
  }

  /// Wakes the worker, if anybody is to be woken yet; from any thread.
  package func wake() { contents.withLock { $0.wakeup }?.signal() }

  /// Takes what has been left.
  package func take() -> [Delivery] {
    contents.withLock { contents in
      defer { contents.deliveries = [] }
      return contents.deliveries
    }
  }
}
