import DNSWire
import PluginChain

/// Cuts the reply to what the client can take, where it was not written below that limit all along,
/// and writes header and OPT; it is then complete.
func finish(_ exchange: inout Exchange) {
  exchange.reply.cut(sizeMax: exchange.replySizeMax, hasOPT: exchange.edns != nil)
  exchange.reply.finish(
    query: exchange.header, edns: exchange.edns, payloadSize: exchange.payloadSize,
    error: exchange.extendedError, options: exchange.replyOptions)
}
