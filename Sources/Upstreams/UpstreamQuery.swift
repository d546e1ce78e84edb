import DNSWire

/// What is asked of an upstream.
package struct UpstreamQuery: Sendable {
  /// QNAME in the client's case, QTYPE and QCLASS, as on the wire.
  package let question: [UInt8]
  /// RD, AD and CD (`HeaderFlag`) of the client's query; other bits are not sent.
  package let flags: UInt16
  /// The client's OPT: payload size, below 512 sent as 512, and DO. `nil`: no OPT is sent.
  package let edns: EDNS?
  /// EDNS options for whoever answers in the end, encoded; sent when there is OPT.
  package let options: [UInt8]
  /// The client came by TCP and can take any reply.
  package let isStream: Bool

  /// A question.
  package init(
    question: [UInt8], flags: UInt16, edns: EDNS?, options: [UInt8] = [], isStream: Bool
  ) {
    self.question = question
    self.flags = flags
    self.edns = edns
    self.options = options
    self.isStream = isStream
  }
}

// MARK: - Message

extension UpstreamQuery {
  private static let flagMask =
    HeaderFlag.recursionDesired | HeaderFlag.authenticData | HeaderFlag.checkingDisabled

  /// Whether the question can be one: a name, a type and a class.
  var isAskable: Bool {
    question.count >= 5 && question.count <= WireLimits.nameOctetCountMax + 4
  }

  /// OPT may be left out without changing what the client gets: neither DO nor an option in it.
  var mayGoPlain: Bool {
    guard let edns else { return false }
    return !edns.dnssecOK && options.isEmpty
  }

  /// The query as one message of `id`, with OPT when there is one and `withEDNS`.
  package func message(id: UInt16, withEDNS: Bool) -> [UInt8] {
    let edns = withEDNS ? edns : nil
    var octets: [UInt8] = []
    octets.reserveCapacity(
      WireLimits.headerOctetCount + question.count + WireLimits.optOctetCount + options.count)
    func append16(_ value: UInt16) {
      octets.append(UInt8(truncatingIfNeeded: value >> 8))
      octets.append(UInt8(truncatingIfNeeded: value))
    }
    append16(id)
    append16(flags & Self.flagMask)
    append16(1)
    append16(0)
    append16(0)
    append16(edns == nil ? 0 : 1)
    octets += question
    guard let edns else { return octets }
    // What does not fit a message cannot have come in one.
    let room = WireLimits.messageOctetCountMax - octets.count - WireLimits.optOctetCount
    let carried = options.count <= room ? options : []
    octets.append(0)
    append16(RRType.opt.rawValue)
    append16(max(edns.requestorPayloadSize, UInt16(WireLimits.plainPayloadOctetCount)))
    append16(0)
    append16(edns.dnssecOK ? 0x8000 : 0)
    append16(UInt16(truncatingIfNeeded: carried.count))
    octets += carried
    return octets
  }
}

// MARK: - Key

/// What makes two queries one flight: the same question, name folded, and the same RD, CD, DO and
/// kind of client. Nothing else: whatever a client could vary without getting another answer would
/// let it have many equal questions in flight, each a target for forged replies (RFC 5452 §5).
package struct FlightKey: Hashable, Sendable {
  private let question: [UInt8]
  private let traits: UInt16

  /// The key of `query`.
  package init(_ query: UpstreamQuery) {
    var question = query.question
    for index in question.indices.dropLast(4) {
      question[index] = DomainName.folded(question[index])
    }
    self.question = question
    var traits =
      query.flags & (HeaderFlag.recursionDesired | HeaderFlag.checkingDisabled)
    if query.edns?.dnssecOK == true { traits |= 1 }
    if query.isStream { traits |= 2 }
    self.traits = traits
  }
}
