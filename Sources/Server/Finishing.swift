import DNSWire
import PluginChain

/// Writes header and OPT; the reply is then complete. Records were written below the client's limit
/// all along, so there is nothing to cut here.
func finish(_ exchange: inout Exchange) {
  exchange.reply.finish(
    query: exchange.header, edns: exchange.edns, payloadSize: exchange.payloadSize,
    error: exchange.extendedError)
}
