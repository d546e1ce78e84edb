import Sockets
import Synchronization

/// How other threads reach a worker: it is woken, and finds what is asked of it here.
package final class Mailbox: Sendable {
  private struct Contents {
    var tickets: [UInt64] = []
    var plan: WorkerPlan?
    var jobs: [@Sendable () -> Void] = []
    var stop = false
    var isClosed = false
  }

  /// Jobs that may wait; who wants one more is turned away.
  private static let jobCountMax = 4

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

  /// Asks the worker to serve something else from now on. A plan that it has not adopted yet must
  /// not be replaced: reloads wait for each other.
  func adopt(_ plan: WorkerPlan) {
    let isClosed = contents.withLock { contents in
      if !contents.isClosed { contents.plan = plan }
      return contents.isClosed
    }
    if isClosed { plan.adopted() } else { wakeup.signal() }
  }

  /// Has the worker do something short between two batches; `false` when it never will: it has
  /// ended, or has enough to do.
  func perform(_ job: @escaping @Sendable () -> Void) -> Bool {
    let isTaken = contents.withLock { contents in
      guard !contents.isClosed, contents.jobs.count < Self.jobCountMax else { return false }
      contents.jobs.append(job)
      return true
    }
    if isTaken { wakeup.signal() }
    return isTaken
  }

  /// The worker has ended: who waits for it to adopt a plan need not.
  func close() {
    let plan = contents.withLock { contents in
      defer { contents.plan = nil }
      contents.jobs = []
      contents.isClosed = true
      return contents.plan
    }
    plan?.adopted()
  }

  /// Asks the worker to end: no new connection, replies out, then done.
  func stop() {
    contents.withLock { $0.stop = true }
    wakeup.signal()
  }

  /// What has come since the last time.
  func take() -> (
    tickets: [UInt64], plan: WorkerPlan?, jobs: [@Sendable () -> Void], stop: Bool
  ) {
    wakeup.clear()
    return contents.withLock { contents in
      defer {
        contents.tickets.removeAll()
        contents.jobs = []
        contents.plan = nil
      }
      return (contents.tickets, contents.plan, contents.jobs, contents.stop)
    }
  }
}
