import DNSWire
import PluginChain
import Sockets

/// Finishes as SERVFAIL what may not wait because too much does. Its ticket is used up all the
/// same: the handler may have given it away.
func refuseToPark(_ chain: Chain, _ exchange: inout Exchange) {
  exchange.fail(.serverFailure, .other, "too many queries wait")
  chain.reply(&exchange)
  finish(&exchange)
}

extension Worker {
  /// Whether one more query may wait.
  var canPark: Bool { waiting.hasRoom && !isStopping }

  /// Parks an exchange under its ticket.
  mutating func park(
    _ exchange: consuming Exchange, _ chain: Chain, _ path: ReplyPath, replyOctetCount: Int
  ) {
    let deadline = monotonicNanoseconds() &+ limits.waitingNanoseconds
    waiting.park(
      ParkedExchange(exchange, chain, path, deadline: deadline, replyOctetCount: replyOctetCount),
      ticket: nextTicket)
    nextTicket &+= 1
    if case .stream(let number) = path { connections[number]?.state.waitingCount += 1 }
  }

  /// Goes on with the query of `ticket`, if it still waits.
  mutating func resumeParked(_ ticket: UInt64) {
    guard let parked = waiting.take(ticket) else { return }
    switch resume(&parked.exchange, parked.chain, height: parked.height) {
    case .reply: deliver(parked, hasReply: true)
    case .silence: deliver(parked, hasReply: false)
    case .parked:
      // It may be another handler that waits now.
      parked.height = parked.exchange.answeredHeight
      waiting.park(parked, ticket: ticket)
    }
  }

  /// Answers SERVFAIL to what has waited too long.
  mutating func expireParked(now: UInt64) {
    for parked in waiting.takeExpired(now: now) {
      parked.exchange.answeredHeight = parked.height
      parked.exchange.fail(.serverFailure, .other, "timed out")
      parked.chain.reply(&parked.exchange)
      finish(&parked.exchange)
      deliver(parked, hasReply: true)
    }
  }

  private mutating func deliver(_ parked: ParkedExchange, hasReply: Bool) {
    switch parked.path {
    case .datagram(let index, let client, let source):
      guard hasReply, datagramServices.indices.contains(index) else { return }
      var framed: [UInt8] = []
      parked.exchange.reply.appendFramed(to: &framed)
      datagramServices[index].socket.send(
        Array(framed.dropFirst(2)), to: client, from: source)
    case .stream(let number):
      guard let connection = connections[number] else { return }
      let now = monotonicNanoseconds()
      connection.state.waitingCount -= 1
      guard hasReply else {
        close(connection, .aborted, now: now)
        return
      }
      parked.exchange.reply.appendFramed(to: &connection.state.output)
      flush(connection, now: now)
    }
  }
}
