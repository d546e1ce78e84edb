import Synchronization
import Upstreams

/// What the workers of one `forward` directive share: the number of queries that wait, the board of
/// questions in flight, and an inbox for each.
final class ForwardSharing: Sendable {
  /// By worker.
  let inboxes: [GuestInbox]
  private let waitingCount = Atomic<Int>(0)
  /// `nil` when there is one worker, which joins its own flights.
  private let board: FlightBoard?

  /// For `workerCount` workers.
  init(workerCount: Int) {
    inboxes = (0..<max(1, workerCount)).map { _ in GuestInbox() }
    board = workerCount > 1 ? FlightBoard() : nil
  }

  /// Queries that wait for an upstream, over all workers.
  var waiting: Int { waitingCount.load(ordering: .relaxed) }

  /// Counts one more query that waits, unless there are `countMax` (0: no limit).
  func startWaiting(countMax: Int) -> Bool {
    let count = waitingCount.add(1, ordering: .relaxed).newValue
    guard countMax > 0, count > countMax else { return true }
    endWaiting(1)
    return false
  }

  /// Counts queries whose wait is over.
  func endWaiting(_ count: Int) {
    waitingCount.subtract(count, ordering: .relaxed)
  }

  /// Whether another worker asks `key` already; then `ticket` waits for its result.
  func joins(_ key: FlightKey, worker: Int, ticket: UInt64) -> Bool {
    board?.joins(key, worker: worker, ticket: ticket) ?? false
  }

  /// The question of `worker` has its result: hands it to the tickets of others.
  func ended(_ key: FlightKey, _ result: UpstreamResult, worker: Int) {
    guard let board else { return }
    for guest in board.leave(key, worker: worker) {
      inboxes[guest.worker].put(guest.ticket, result)
    }
  }

  /// Results that other workers left for `worker`.
  func take(worker: Int) -> [GuestInbox.Delivery] {
    board == nil ? [] : inboxes[worker].take()
  }
}
