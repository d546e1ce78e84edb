import DNSWire
import PluginChain

/// `whoami`: answers every name with the client's address, port and transport in the additional
/// section: an A or AAAA record, and an SRV record `_udp.NAME` or `_tcp.NAME`.
final class Whoami: Handler, @unchecked Sendable {
  override func query(_ exchange: inout Exchange) -> Outcome {
    exchange.reply.isAuthoritative = true
    let address = exchange.client.address
    exchange.reply.beginRecord()
    exchange.reply.appendQuestionOwned(
      address.family == .v4 ? .a : .aaaa, ttl: 0, dataLength: address.octetCount)
    for index in 0..<address.octetCount { exchange.reply.append8(address.octet(index)) }
    _ = exchange.reply.endRecord(.additional)
    appendPort(&exchange)
    return answered(&exchange)
  }

  /// SRV `0 0 PORT .`, one label above the question's name; left out where that name would exceed
  /// 255 octets.
  private func appendPort(_ exchange: inout Exchange) {
    guard exchange.name.octetCount <= WireLimits.nameOctetCountMax - 5 else { return }
    exchange.reply.beginRecord()
    exchange.reply.append8(4)
    exchange.reply.append32(exchange.transport == .udp ? 0x5F75_6470 : 0x5F74_6370)
    exchange.reply.append16(0xC00C)
    exchange.reply.append16(RRType.srv.rawValue)
    exchange.reply.append16(RRClass.internet.rawValue)
    exchange.reply.append32(0)
    exchange.reply.append16(7)
    exchange.reply.append32(0)
    exchange.reply.append16(exchange.client.port)
    exchange.reply.append8(0)
    _ = exchange.reply.endRecord(.additional)
  }
}
