import DNSWire
import PluginChain

/// Cuts the reply to what the client can take, where it was not written below that limit all along,
/// and writes header and OPT; it is then complete.
func finish(_ exchange: inout Exchange) {
  // Over UDP the option means nothing (RFC 7828 §3.2.2).
  if exchange.edns?.asksKeepalive == true, exchange.transport == .tcp {
    let tenths = exchange.idleTenths
    exchange.replyOptions += [
      0, 11, 0, 2, UInt8(truncatingIfNeeded: tenths >> 8), UInt8(truncatingIfNeeded: tenths),
    ]
  }
  exchange.reply.cut(sizeMax: exchange.replySizeMax, hasOPT: exchange.edns != nil)
  exchange.reply.finish(
    query: exchange.header, edns: exchange.edns, payloadSize: exchange.payloadSize,
    error: exchange.extendedError, options: exchange.replyOptions)
}
