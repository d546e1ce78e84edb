import DNSWire
import PluginChain
import Server
import Synchronization
import TestSupport

/// The queries that wait at a `GateHandler`, so that a test can let them through.
final class Gate: Sendable {
  /// One waiting query.
  struct Waiting: Sendable {
    /// The worker that parked it.
    let worker: Int
    /// Its name there.
    let ticket: UInt64
    /// Its ID.
    let id: UInt16
    /// What it asks for, in presentation form; a sub-query has the ID of its client's query.
    var name = ""
  }

  private let waiting = Mutex<[Waiting]>([])

  /// Queries that came to wait so far, let through or not.
  var all: [Waiting] { waiting.withLock { $0 } }

  /// Notes a query that waits.
  func add(_ entry: Waiting) {
    waiting.withLock { $0.append(entry) }
  }

  /// Wait number `count` for `name`, when it has come; waits for it.
  func arrival(_ name: String, count: Int = 1, for limit: Duration = .seconds(20)) -> Waiting? {
    var found: [Waiting] = []
    _ = waitUntil(limit, every: .milliseconds(1)) {
      found = all.filter { $0.name == name }
      return found.count >= count
    }
    return found.count >= count ? found[count - 1] : nil
  }

  /// The first query of `id`, when it has come; waits for it, but not once it `cannot` come.
  func arrival(
    id: UInt16, for limit: Duration = .seconds(20), unless cannot: () -> Bool = { false }
  ) -> Waiting? {
    var found: Waiting?
    _ = waitUntil(limit, every: .milliseconds(1)) {
      found = all.first { $0.id == id }
      return found != nil || cannot()
    }
    return found
  }
}

/// Makes queries under `slow.` wait, as often as they have labels of that name in front; answers
/// the others at once.
final class GateHandler: Handler, @unchecked Sendable {
  private let gate: Gate

  init(_ gate: Gate, next: Handler?) {
    self.gate = gate
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    guard exchange.name.label(0) == Array("slow".utf8) else { return finish(&exchange) }
    gate.add(
      Gate.Waiting(worker: exchange.worker, ticket: exchange.ticket, id: exchange.header.id))
    return waits(&exchange)
  }

  override func resume(_ exchange: inout Exchange) -> Outcome {
    finish(&exchange)
  }

  private func finish(_ exchange: inout Exchange) -> Outcome {
    exchange.reply.isAuthoritative = true
    _ = exchange.appendAddress()
    return answered(&exchange)
  }
}
