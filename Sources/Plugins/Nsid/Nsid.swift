import DNSWire
import PluginChain

/// `nsid`: tells clients that ask for it which server answered (RFC 5001).
final class Nsid: Handler, @unchecked Sendable {
  /// The longest identifier, in octets.
  static let octetCountMax = 255
  /// The code of the option (RFC 5001 §4).
  private static let optionCode: UInt8 = 3

  /// The option, encoded.
  private let option: [UInt8]

  /// A handler that says `identifier`, at most `octetCountMax` octets of it.
  init(_ identifier: String, next: Handler?) {
    let octets = Array(identifier.utf8.prefix(Self.octetCountMax))
    option = [0, Self.optionCode, 0, UInt8(truncatingIfNeeded: octets.count)] + octets
    super.init(next: next)
  }

  override var seesReplies: Bool { true }

  override func reply(_ exchange: inout Exchange) {
    if exchange.edns?.asksIdentifier == true { exchange.replyOptions += option }
  }
}
