import DNSWire
import PluginChain
import Sockets

/// Finishes as REFUSED what may not wait because too much does, as CoreDNS's `max_concurrent`: the
/// client asks the next server. Its ticket is used up all the same: the handler may have given it
/// away. `isAlias` says that it is a sub-query that would wait: those who keep answers have seen
/// this question's own.
func refuseToPark(_ chain: Chain, _ exchange: inout Exchange, isAlias: Bool) {
  exchange.fail(.refused, .prohibited, "too many queries wait")
  if !isAlias { chain.keep(&exchange) }
  chain.reply(&exchange)
  finish(&exchange)
}

extension Worker {
  /// Whether one more query may wait.
  var canPark: Bool { waiting.hasRoom && !isStopping }

  /// Parks an exchange under its ticket, with the sub-query that waits for it, if one does.
  mutating func park(
    _ exchange: consuming Exchange, _ chain: Chain, _ routes: RouteTable, _ path: ReplyPath
  ) {
    let height = exchange.answeredHeight
    let deadline = min(
      monotonicNanoseconds() &+ limits.waitingNanoseconds, exchange.waitDeadline)
    let parked = ParkedExchange(
      SleepingExchange(exchange, chain, height: height), alias: subQueries.release(), routes, path,
      deadline: deadline)
    waiting.park(parked, ticket: nextTicket)
    nextTicket &+= 1
    if case .stream(let number) = path { connections[number]?.state.waitingCount += 1 }
  }

  /// Resumes what residents are done with, and starts refreshes, until nothing is left: each may
  /// finish more, of any resident.
  mutating func resumeFinished() {
    repeat {
      for resident in residents where !resident.finished.isEmpty {
        while !resident.finished.isEmpty {
          let tickets = resident.finished
          resident.finished.removeAll(keepingCapacity: tickets.count <= limits.waitingCountMax)
          for ticket in tickets { resumeParked(ticket) }
        }
        resident.settled()
      }
      if !subQueries.refreshes.isEmpty { startRefreshes() }
    } while residents.contains { !$0.finished.isEmpty }
  }

  /// Goes on with the query of `ticket`, if it still waits.
  mutating func resumeParked(_ ticket: UInt64) {
    guard let parked = waiting.take(ticket) else { return }
    let own = parked.own
    wake(parked)
    switch resume(&own.exchange, own.chain, height: own.height, parked.routes, subQueries) {
    case .reply: deliver(parked, hasReply: true)
    case .silence: deliver(parked, hasReply: false)
    case .parked: sleepAgain(parked, ticket: ticket)
    }
  }

  /// Moves what a parked query has of a reply into the worker's buffers.
  private func wake(_ parked: ParkedExchange) {
    let now = monotonicNanoseconds()
    // One exchange is awake at a time: `deliver` or `sleepAgain` ends that before the next.
    parked.own.wake(resumeBuffer, now: now)
    guard let alias = parked.alias else { return }
    parked.alias = nil
    subQueries.adopt(alias, now: now)
  }

  /// Parks again what waits again: it may be another handler, or another sub-query, that does.
  private mutating func sleepAgain(_ parked: ParkedExchange, ticket: UInt64) {
    parked.alias = subQueries.release()
    if parked.alias == nil { parked.own.height = parked.own.exchange.answeredHeight }
    parked.own.sleep()
    waiting.park(parked, ticket: ticket)
  }

  /// Answers SERVFAIL to what has waited too long.
  mutating func expireParked(now: UInt64) {
    for parked in waiting.takeExpired(now: now) {
      let own = parked.own
      let isAlias = parked.alias != nil
      parked.alias = nil
      wake(parked)
      own.exchange.fail(.serverFailure, .noReachableAuthority, "timed out")
      // Those who keep answers have seen this question's own when a sub-query was what waited.
      if !isAlias {
        own.exchange.answeredHeight = own.height
        own.chain.keep(&own.exchange)
      }
      guard !own.exchange.isRefresh else { continue }
      own.chain.reply(&own.exchange)
      finish(&own.exchange)
      deliver(parked, hasReply: true)
    }
  }

  // MARK: - Without a client

  /// Lets handlers answer clients whose patience ends; what they waited for goes on without them.
  mutating func hurryParked(now: UInt64) {
    for ticket in waiting.hurried(now: now) {
      guard let parked = waiting.take(ticket) else { continue }
      hurry(parked, ticket: ticket)
    }
  }

  /// The client's reply is made beside what waits: in a twin of it, under a ticket of its own.
  private mutating func hurry(_ parked: ParkedExchange, ticket: UInt64) {
    let waits = parked.alias ?? parked.own
    let height = waits.exchange.hurryHeight
    waits.exchange.hurryAt = .max
    let twin = SleepingExchange(waits.exchange.twin(), waits.chain, height: waits.height)
    let isAlias = parked.alias != nil
    let client = ParkedExchange(
      isAlias ? parked.own : twin, alias: isAlias ? twin : nil, parked.routes, parked.path,
      deadline: parked.deadline)
    let own = client.own
    wake(client)
    let isAnswered =
      isAlias
      ? subQueries.hurry(&own.exchange, height: height)
      : own.chain.hurry(&own.exchange, height: height)
    guard isAnswered else {
      if isAlias { own.sleep() }
      waiting.park(parked, ticket: ticket)
      return
    }
    waits.exchange.isRefresh = true
    waiting.park(
      ParkedExchange(waits, parked.routes, .nowhere, deadline: parked.deadline), ticket: ticket)
    own.exchange.ticket = nextTicket
    nextTicket &+= 1
    switch concludeReply(own.chain, &own.exchange, client.routes, subQueries) {
    case .reply: deliver(client, hasReply: true)
    case .silence: deliver(client, hasReply: false)
    case .parked: sleepAgain(client, ticket: own.exchange.ticket)
    }
  }

  /// Asks again what handlers want asked again; nobody waits for it.
  mutating func startRefreshes() {
    let refreshes = subQueries.refreshes
    subQueries.refreshes = []
    for (query, routes) in refreshes where waiting.hasRoomToSpare && !isStopping {
      let ticket = nextTicket
      nextTicket &+= 1
      query.exchange.ticket = ticket
      let parked = ParkedExchange(
        query, routes, .nowhere, deadline: monotonicNanoseconds() &+ limits.waitingNanoseconds)
      wake(parked)
      let outcome = query.chain.query(&query.exchange, fromHeight: query.height)
      if case .parked = conclude(outcome, query.chain, &query.exchange, routes, subQueries) {
        sleepAgain(parked, ticket: ticket)
      }
    }
  }

  // MARK: - Delivering

  private mutating func deliver(_ parked: ParkedExchange, hasReply: Bool) {
    if hasReply, parked.hasClient {
      observation.note(&parked.own.exchange, parked.routes)
    }
    switch parked.path {
    case .nowhere: break
    case .datagram(let service, let client, let source):
      guard hasReply else { return }
      parked.own.exchange.reply.withOctets {
        service.socket.send($0, to: client, from: source)
      }
    case .stream(let number):
      guard let connection = connections[number] else { return }
      let now = monotonicNanoseconds()
      connection.state.waitingCount -= 1
      guard hasReply else {
        close(connection, .aborted, now: now)
        return
      }
      parked.own.exchange.reply.appendFramed(to: &connection.state.output)
      flush(connection, now: now)
    }
  }
}
