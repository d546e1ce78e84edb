import DNSWire
import PluginChain
import Sockets

/// Where the reply to a parked exchange goes.
package enum ReplyPath {
  /// A UDP socket of this worker, by index, and the client in the kernel's terms.
  case datagram(service: Int, client: SocketAddress, source: SocketAddress)
  /// A TCP connection of this worker.
  case stream(connection: UInt64)
}

/// An exchange that waits, with a reply buffer of its own.
package final class ParkedExchange {
  /// The exchange, with its reply in a buffer of this object.
  package var exchange: Exchange
  let chain: Chain
  /// The height of the handler that waits.
  var height: Int
  let path: ReplyPath
  let deadline: UInt64
  private let buffer: OwnedBuffer

  /// Moves the reply into a buffer of its own, so that the worker can reuse the old one.
  package init(
    _ exchange: consuming Exchange, _ chain: Chain, _ path: ReplyPath, deadline: UInt64,
    replyOctetCount: Int
  ) {
    let buffer = OwnedBuffer(capacity: replyOctetCount)
    // SAFETY: the buffer lives as long as this object, which owns the exchange that writes to it.
    let writer = unsafe exchange.reply.moved(to: buffer.base, capacity: buffer.capacity)
    exchange.reply = writer
    height = exchange.answeredHeight
    self.exchange = exchange
    self.chain = chain
    self.path = path
    self.deadline = deadline
    self.buffer = buffer
  }
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
  /// Whether one more may wait.
  package var hasRoom: Bool { parked.count < countMax }

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
}
