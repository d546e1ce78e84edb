import DNSWire
import PluginChain

/// What is to be sent for a query.
package enum Disposition {
  /// The reply is finished, ready to go.
  case reply
  /// Nothing is sent; over TCP the connection is closed.
  case silence
  /// A handler waits; the exchange is to be parked with this chain.
  case parked(Chain)
}

/// The way of a query: every step in order, each in the file of its name. Both transports come
/// through here and nothing else answers queries.
package func serve(
  _ query: borrowing Span<UInt8>, _ exchange: inout Exchange, _ routes: RouteTable
) -> Disposition {
  switch admit(query, &exchange) {
  case .dropped: return .silence
  case .rejected: return .reply
  case .admitted: break
  }
  guard let chain = routes.chain(for: exchange.name) else {
    exchange.fail(.refused, .notAuthoritative, "no server block for this name")
    finish(&exchange)
    return .reply
  }
  return conclude(chain.query(&exchange), chain, &exchange)
}

/// Goes on with a parked exchange.
package func resume(_ exchange: inout Exchange, _ chain: Chain, height: Int) -> Disposition {
  conclude(chain.resume(&exchange, height: height), chain, &exchange)
}

private func conclude(
  _ outcome: Outcome, _ chain: Chain, _ exchange: inout Exchange
) -> Disposition {
  switch outcome {
  case .answered: break
  case .dropped: return .silence
  case .waiting: return .parked(chain)
  case .unanswered:
    exchange.answeredHeight = 0
    exchange.fail(.serverFailure, .other, "no plugin answers for this name")
  }
  chain.reply(&exchange)
  finish(&exchange)
  return .reply
}
