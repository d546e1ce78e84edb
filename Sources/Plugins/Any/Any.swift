import DNSWire
import PluginChain

/// `any`: answers ANY with one HINFO record that says why there is no more (RFC 8482 §4.2),
/// whatever the name.
final class AnyAnswer: Handler, @unchecked Sendable {
  /// CoreDNS's.
  private static let ttl: UInt32 = 8_482
  /// CPU and OS, each behind its length.
  private static let data = ["ANY obsoleted", "See RFC 8482"].flatMap {
    [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    guard exchange.type == .any, exchange.classCode == .internet else { return passOn(&exchange) }
    exchange.reply.beginRecord()
    exchange.reply.appendQuestionOwned(.hinfo, ttl: Self.ttl, dataLength: Self.data.count)
    exchange.reply.append(Self.data.span)
    _ = exchange.reply.endRecord(.answer)
    return answered(&exchange)
  }
}
