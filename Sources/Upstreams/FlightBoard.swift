import Synchronization

/// The questions that the workers of one `forward` directive have in flight, so that no two of them
/// ask the same at once: an upstream sees one question however the kernel spreads the clients.
///
/// Striped; a stripe's lock is held for one look into its table. Who finds a question of another
/// worker here becomes its guest and gets the result through an inbox (docs/decisions/0011).
package final class FlightBoard: Sendable {
  /// A ticket that waits for another worker's flight.
  package struct Guest: Sendable {
    /// The worker that waits.
    package let worker: Int
    /// Its ticket.
    package let ticket: UInt64
  }

  private struct Entry {
    let owner: Int
    var guests: [Guest] = []
  }

  private final class Stripe: Sendable {
    let entries = Mutex<[FlightKey: Entry]>([:])
  }

  private static let stripeCount = 64
  private let stripes = (0..<FlightBoard.stripeCount).map { _ in Stripe() }

  /// An empty board.
  package init() {}

  /// Notes that `worker` asks `key` for `ticket`. `true`: another worker asks it already, and the
  /// ticket is its guest now. `false`: the question is this worker's, until it calls `leave`.
  package func joins(_ key: FlightKey, worker: Int, ticket: UInt64) -> Bool {
    stripe(key).entries.withLock { entries in
      guard let entry = entries[key] else {
        entries[key] = Entry(owner: worker)
        return false
      }
      guard entry.owner != worker else { return false }
      entries[key]?.guests.append(Guest(worker: worker, ticket: ticket))
      return true
    }
  }

  /// Takes the question of `worker` off the board; those who wait for its result.
  package func leave(_ key: FlightKey, worker: Int) -> [Guest] {
    stripe(key).entries.withLock { entries in
      guard let entry = entries[key], entry.owner == worker else { return [] }
      entries[key] = nil
      return entry.guests
    }
  }

  /// Questions on the board.
  package var count: Int { stripes.reduce(0) { $0 + $1.entries.withLock(\.count) } }

  private func stripe(_ key: FlightKey) -> Stripe {
    stripes[Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue) % UInt(Self.stripeCount))]
  }
}
