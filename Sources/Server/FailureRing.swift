import DNSWire
import PluginChain
import Sockets

/// A reply that did not give what was asked for, and why.
package struct FailureRecord: Sendable {
  /// When it was sent, in milliseconds since 1970.
  package let milliseconds: UInt64
  /// Who asked.
  package let client: TransportAddress
  /// Over what.
  package let transport: Exchange.Transport
  /// QTYPE.
  package let type: RRType
  /// RCODE; NOERROR is NODATA here.
  package let code: ResponseCode
  /// The plugin that answered; empty for the server itself.
  package let plugin: String
  /// INFO-CODE of the Extended DNS Error (RFC 8914), ours or the upstream's.
  package let errorCode: UInt16?
  private let name: InlineArray<256, UInt8>
  private let nameOctetCount: Int
  /// The text of an error of ours.
  private let ownText: StaticString
  /// The text of an upstream's error; the rest of a longer one is not kept.
  private let text: InlineArray<80, UInt8>
  private let textOctetCount: Int

  /// QNAME, folded.
  package var question: DomainName {
    DomainName(wire: (0..<nameOctetCount).map { name[$0] }) ?? .root
  }

  /// EXTRA-TEXT as it came; an upstream's may be any octets.
  package var errorText: [UInt8] {
    Array("\(ownText)".utf8) + (0..<textOctetCount).map { text[$0] }
  }

  /// What became of `exchange`; `nil` when its reply is no failure: NXDOMAIN and NODATA without an
  /// error are answers.
  init?(_ exchange: inout Exchange, plugin: String) {
    var text = InlineArray<80, UInt8>(repeating: 0)
    var textCount = 0
    var errorCode: UInt16?
    var ownText: StaticString = ""
    if let error = exchange.extendedError {
      errorCode = error.code.rawValue
      ownText = error.text
    } else if !exchange.replyOptions.isEmpty {
      let options = exchange.replyOptions.span
      if let option = ExtendedErrorOption(options, in: 0..<options.count) {
        errorCode = option.code
        for index in option.text where textCount < text.count {
          text[textCount] = options[index]
          textCount &+= 1
        }
      }
    }
    code = exchange.reply.responseCode
    switch code {
    case .serverFailure, .refused: break
    case .nameError where errorCode != nil: break
    case .noError where errorCode != nil && exchange.reply.answerCount == 0: break
    default: return nil
    }
    self.errorCode = errorCode
    self.text = text
    self.ownText = ownText
    textOctetCount = textCount
    self.plugin = plugin
    name = exchange.name.octets
    nameOctetCount = min(exchange.name.octetCount, 256)
    client = exchange.client
    transport = exchange.transport
    type = exchange.type
    milliseconds = wallMilliseconds()
  }
}

/// The last failures of one worker, the oldest overwritten. All memory is asked for at the start,
/// and used when there are failures.
package struct FailureRing: Sendable {
  private let capacity: Int
  private var records: [FailureRecord] = []
  private var next = 0

  /// Room for `capacity` records.
  package init(capacity: Int) {
    self.capacity = max(1, capacity)
    records.reserveCapacity(self.capacity)
  }

  /// Notes one.
  package mutating func add(_ record: FailureRecord) {
    if records.count < capacity {
      records.append(record)
    } else {
      records[next] = record
    }
    next = next &+ 1 < capacity ? next &+ 1 : 0
  }

  /// Copies of all, the oldest first: nothing is shared with the ring.
  package var copies: [FailureRecord] {
    var result: [FailureRecord] = []
    result.reserveCapacity(records.count)
    let start = records.count < capacity ? 0 : next
    for index in records.indices { result.append(records[(start &+ index) % records.count]) }
    return result
  }
}
