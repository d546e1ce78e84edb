import DNSWire
import PluginChain

/// What is to be sent for a query.
package enum Disposition {
  /// The reply is finished, ready to go.
  case reply
  /// Nothing is sent; over TCP the connection is closed.
  case silence
  /// A handler waits; the exchange is to be parked with this chain, and with the sub-query when
  /// that is what waits.
  case parked(Chain)
}

/// The way of a query: every step in order, each in the file of its name. Both transports come
/// through here and nothing else answers queries.
package func serve(
  _ query: borrowing Span<UInt8>, _ exchange: inout Exchange, _ routes: RouteTable,
  _ subQueries: SubQueries
) -> Disposition {
  switch admit(query, &exchange) {
  case .dropped: return .silence
  case .rejected: return .reply
  case .admitted: break
  }
  guard let chain = routes.chain(for: exchange.name) else {
    exchange.fail(.refused, .notAuthoritative, "no server block for this name")
    exchange.startNanoseconds = exchange.now
    routes.unrouted?.reply(&exchange)
    finish(&exchange)
    return .reply
  }
  guard exchange.classCode == .internet || chain.answersChaos else {
    exchange.fail(.refused, .notSupported, "class is not IN")
    finish(&exchange)
    return .reply
  }
  return conclude(chain.query(&exchange), chain, &exchange, routes, subQueries)
}

/// Goes on with a parked exchange: with its sub-query, when `subQueries` has one that waited.
package func resume(
  _ exchange: inout Exchange, _ chain: Chain, height: Int, _ routes: RouteTable,
  _ subQueries: SubQueries
) -> Disposition {
  if subQueries.isWaiting {
    guard subQueries.resume(&exchange, routes) else { return .parked(chain) }
    return concludeReply(chain, &exchange, routes, subQueries)
  }
  return conclude(
    chain.resume(&exchange, height: height), chain, &exchange, routes, subQueries)
}

/// Ends the way of an exchange that has its reply, or never will.
func conclude(
  _ outcome: Outcome, _ chain: Chain, _ exchange: inout Exchange, _ routes: RouteTable,
  _ subQueries: SubQueries
) -> Disposition {
  switch outcome {
  case .answered:
    // Before handlers above see the reply: what is asked again is what was asked down there.
    if exchange.refreshHeight != 0 { subQueries.noteRefresh(&exchange, chain, routes) }
  case .dropped: return .silence
  case .waiting: return .parked(chain)
  case .unanswered:
    exchange.answeredHeight = 0
    exchange.fail(.serverFailure, .other, "no plugin answers for this name")
  }
  chain.keep(&exchange)
  return concludeReply(chain, &exchange, routes, subQueries)
}

/// The last steps with a reply in hand: follow aliases, the way up, finish.
func concludeReply(
  _ chain: Chain, _ exchange: inout Exchange, _ routes: RouteTable, _ subQueries: SubQueries
) -> Disposition {
  // What handlers above could do with it they do with a client's reply.
  if exchange.isRefresh { return .silence }
  if exchange.aliasTarget != 0 {
    guard subQueries.follow(&exchange, routes) else { return .parked(chain) }
  }
  chain.reply(&exchange)
  finish(&exchange)
  return .reply
}
