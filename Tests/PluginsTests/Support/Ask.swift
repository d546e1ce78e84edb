import DNSWire
import PluginChain

/// A query as a client sends it.
struct Ask: Sendable {
  /// The name, its case kept.
  var name: String
  /// QTYPE.
  var type = RRType.a
  /// QCLASS.
  var classCode = RRClass.internet
  /// UDP or TCP.
  var transport = Exchange.Transport.udp
  /// The payload size in OPT; `nil` without OPT.
  var payload: UInt16?
  /// Encoded options in OPT.
  var options: [UInt8] = []
  /// DO in OPT.
  var dnssecOK = false
  /// The flag word.
  var flags: UInt16 = HeaderFlag.recursionDesired
  /// Who asks.
  var client = TransportAddress(address: IPAddress(v4: 0x7F00_0001), port: 40_212)

  /// A query for `name`.
  init(
    _ name: String, _ type: RRType = .a, _ transport: Exchange.Transport = .udp,
    payload: UInt16? = nil
  ) {
    self.name = name
    self.type = type
    self.transport = transport
    self.payload = payload
  }

  /// The ID of every query.
  static let id: UInt16 = 0x1234

  /// The octets of the message.
  var octets: [UInt8] {
    func two(_ value: UInt16) -> [UInt8] {
      [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
    }
    let header = two(Self.id) + two(flags) + two(1) + two(0) + two(0) + two(payload == nil ? 0 : 1)
    var opt: [UInt8] = []
    if let payload {
      opt = [0] + two(RRType.opt.rawValue) + two(payload) + [0, 0]
      opt += two(dnssecOK ? 0x8000 : 0) + two(UInt16(truncatingIfNeeded: options.count)) + options
    }
    let owner = DomainName(text: name)?.wire ?? [0]
    let question = owner + two(type.rawValue) + two(classCode.rawValue)
    return header + question + opt
  }
}
