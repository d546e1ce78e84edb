import DNSWire
import PluginChain
import Sockets

/// Where the reply to a parked exchange goes.
package enum ReplyPath {
  /// A UDP socket of this worker, and the client in the kernel's terms.
  case datagram(service: UDPService, client: SocketAddress, source: SocketAddress)
  /// A TCP connection of this worker.
  case stream(connection: UInt64)
  /// Nowhere: no client waits, or it has been answered.
  case nowhere
}

/// An exchange that waits, with what it has of a reply in a buffer of just that size.
package final class SleepingExchange {
  /// The exchange.
  package var exchange: Exchange
  let chain: Chain
  /// The height of the handler that waits.
  var height: Int
  private var buffer: OwnedBuffer

  /// Moves the reply into a buffer of its own, so that the worker can reuse the old one.
  package init(_ exchange: consuming Exchange, _ chain: Chain, height: Int) {
    buffer = OwnedBuffer(capacity: exchange.reply.count)
    self.exchange = exchange
    self.chain = chain
    self.height = height
    self.exchange.moveReply(to: buffer)
  }

  /// Moves the reply back from a worker's buffer, to wait again.
  func sleep() {
    if exchange.reply.count > buffer.capacity {
      buffer = OwnedBuffer(capacity: exchange.reply.count)
    }
    exchange.moveReply(to: buffer)
  }

  /// Moves the reply into a worker's buffer, without a limit but the buffer's: what waited is kept
  /// whole, and cut to the client's size at the end.
  func wake(_ buffer: borrowing OwnedBuffer, now: UInt64) {
    exchange.moveReply(to: buffer)
    exchange.reply.setLimit(sizeMax: buffer.capacity, hasOPT: exchange.edns != nil)
    exchange.now = now
  }
}

/// A client's query that waits, itself or through a sub-query.
package final class ParkedExchange {
  /// The query.
  package let own: SleepingExchange
  /// The sub-query for the target of an alias, when that is what waits.
  var alias: SleepingExchange?
  let routes: RouteTable
  let path: ReplyPath
  let deadline: UInt64

  /// Parks a query, and the sub-query that waits for it.
  package init(
    _ own: SleepingExchange, alias: SleepingExchange? = nil, _ routes: RouteTable,
    _ path: ReplyPath, deadline: UInt64
  ) {
    self.own = own
    self.alias = alias
    self.routes = routes
    self.path = path
    self.deadline = deadline
  }

  /// Whether there is anyone to send a reply to.
  var hasClient: Bool {
    if case .nowhere = path { false } else { true }
  }

  /// When a handler wants to be asked for a reply.
  var hurryAt: UInt64 { hasClient ? (alias ?? own).exchange.hurryAt : .max }
}

/// The queries of one worker that wait for something, by ticket; bounded, each with a deadline.
///
/// A handler that answers `.waiting` has noted its height in `answeredHeight` and keeps
/// `exchange.ticket`; whoever brings what it waits for resumes that ticket.
package struct WaitingTable {
  private let countMax: Int
  private var parked: [UInt64: ParkedExchange] = [:]

  /// An empty table for at most `countMax` exchanges.
  package init(countMax: Int) {
    self.countMax = countMax
  }

  /// Exchanges that wait.
  package var count: Int { parked.count }
  /// Whether any client waits for one of them.
  package var hasClients: Bool { parked.values.contains { $0.hasClient } }
  /// Whether one more may wait.
  package var hasRoom: Bool { parked.count < countMax }
  /// Whether so few wait that work nobody waits for may be added.
  package var hasRoomToSpare: Bool { parked.count < countMax / 2 }

  /// Parks under `ticket`.
  package mutating func park(_ exchange: ParkedExchange, ticket: UInt64) {
    parked[ticket] = exchange
  }

  /// Takes the exchange of `ticket` out; `nil` when it was resumed or expired before.
  package mutating func take(_ ticket: UInt64) -> ParkedExchange? {
    parked.removeValue(forKey: ticket)
  }

  /// Takes out those whose deadline has passed.
  package mutating func takeExpired(now: UInt64) -> [ParkedExchange] {
    let tickets = parked.filter { $0.value.deadline <= now }.keys
    return tickets.compactMap { parked.removeValue(forKey: $0) }
  }

  /// The tickets of those for which a handler wants to be asked for a reply by now.
  package func hurried(now: UInt64) -> [UInt64] {
    parked.filter { $0.value.hurryAt <= now }.map(\.key)
  }
}
