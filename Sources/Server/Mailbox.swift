import Sockets
import Synchronization

/// How other threads reach a worker: it is woken, and finds what is asked of it here.
package final class Mailbox: Sendable {
  private struct Contents {
    var tickets: [UInt64] = []
    var stop = false
  }

  let wakeup: Wakeup
  private let contents = Mutex(Contents())

  init() throws(SystemError) {
    wakeup = try Wakeup()
  }

  /// Resumes the parked query of `ticket` on this worker.
  package func resume(ticket: UInt64) {
    contents.withLock { $0.tickets.append(ticket) }
    wakeup.signal()
  }

  /// Asks the worker to end: no new connection, replies out, then done.
  func stop() {
    contents.withLock { $0.stop = true }
    wakeup.signal()
  }

  /// What has come since the last time.
  func take() -> (tickets: [UInt64], stop: Bool) {
    wakeup.clear()
    return contents.withLock { contents in
      defer { contents.tickets.removeAll() }
      return (contents.tickets, contents.stop)
    }
  }
}
