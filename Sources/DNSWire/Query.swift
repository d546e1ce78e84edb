/// The fixed header of a message (RFC 1035 §4.1.1), read from its first twelve octets.
package struct Header: Equatable, Sendable {
  /// ID: chosen by the requestor, echoed.
  package var id: UInt16
  /// The flag word: QR, OPCODE, AA, TC, RD, RA, Z, AD, CD, RCODE from the top bit down.
  package var flags: UInt16
  /// QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT: what the sender claims, never used to allocate.
  package var questionCount, answerCount, authorityCount, additionalCount: UInt16

  /// All zero.
  package init() {
    (id, flags) = (0, 0)
    (questionCount, answerCount, authorityCount, additionalCount) = (0, 0, 0, 0)
  }

  /// The header of `message`; `nil` when it is shorter than twelve octets.
  package init?(_ message: borrowing Span<UInt8>) {
    guard message.count >= WireLimits.headerOctetCount else { return nil }
    id = message.word16(0)
    flags = message.word16(2)
    questionCount = message.word16(4)
    answerCount = message.word16(6)
    authorityCount = message.word16(8)
    additionalCount = message.word16(10)
  }

  /// QR: this is a response.
  package var isResponse: Bool { flags & 0x8000 != 0 }
  /// OPCODE, four bits; 0 is QUERY.
  package var opcode: UInt8 { UInt8(truncatingIfNeeded: flags >> 11) & 0x0F }
}

/// The flag bits that a server sets or copies (RFC 1035 §4.1.1, RFC 4035 §3).
package enum HeaderFlag {
  /// QR.
  package static let response: UInt16 = 0x8000
  /// AA.
  package static let authoritativeAnswer: UInt16 = 0x0400
  /// TC.
  package static let truncated: UInt16 = 0x0200
  /// RD.
  package static let recursionDesired: UInt16 = 0x0100
  /// RA.
  package static let recursionAvailable: UInt16 = 0x0080
  /// AD.
  package static let authenticData: UInt16 = 0x0020
  /// CD.
  package static let checkingDisabled: UInt16 = 0x0010
  /// The four OPCODE bits.
  package static let opcodeMask: UInt16 = 0x7800
}

/// What the OPT record of a query says (RFC 6891 §6.1.3). OPT is not a record among the others.
package struct EDNS: Equatable, Sendable {
  /// The largest UDP payload the requestor can take; below 512 counts as 512 (§6.2.3).
  package var requestorPayloadSize: UInt16
  /// VERSION; only 0 exists.
  package var version: UInt8
  /// DO: the requestor understands DNSSEC records (RFC 3225).
  package var dnssecOK: Bool
  /// Where the options stand in the query; empty when there are none.
  package var optionsRange: Range<Int>
  /// NSID: the requestor asks which server answers (RFC 5001).
  package var asksIdentifier = false
  /// The client would like to keep its connection and to know how long it may (RFC 7828).
  package var asksKeepalive = false

  /// What an OPT record's CLASS and TTL fields carry.
  package init(
    requestorPayloadSize: UInt16, version: UInt8, dnssecOK: Bool, optionsRange: Range<Int> = 0..<0
  ) {
    self.requestorPayloadSize = requestorPayloadSize
    self.version = version
    self.dnssecOK = dnssecOK
    self.optionsRange = optionsRange
  }
}

/// What follows the question of a query, once read.
package enum QueryTail: Equatable, Sendable {
  /// Well-formed, with the OPT record if there was one.
  case wellFormed(EDNS?)
  /// To be answered FORMERR; `edns` when an OPT record was read before the fault.
  case malformed(EDNS?)
}

/// Reads the records after the question of a query.
///
/// Total over any octets, one pass, no allocation. A query may carry one OPT and one TSIG (last) in
/// the additional section (RFC 6891 §6.1.1, RFC 8945 §5.1); an IXFR query one SOA in authority
/// (RFC 1995 §3); anything else is a format error here. Octets after the last record are ignored.
package func readQueryTail(
  _ message: borrowing Span<UInt8>, at start: Int, header: Header, type: RRType
) -> QueryTail {
  guard header.answerCount == 0 else { return .malformed(nil) }
  var index = start
  if header.authorityCount != 0 {
    guard header.authorityCount == 1, type == .ixfr,
      let record = RecordHeader(message, at: index), record.type == .soa
    else { return .malformed(nil) }
    index = record.end
  }
  var edns: EDNS?
  var sawSignature = false
  for _ in 0..<header.additionalCount {
    guard !sawSignature, let record = RecordHeader(message, at: index) else {
      return .malformed(edns)
    }
    switch record.type {
    case .opt:
      guard edns == nil, record.ownerIsRoot else { return .malformed(edns) }
      guard let optionCount = countOptions(message, record.dataRange) else {
        return .malformed(nil)
      }
      edns = EDNS(
        requestorPayloadSize: record.classCode,
        version: UInt8(truncatingIfNeeded: record.ttl >> 16),
        dnssecOK: record.ttl & 0x8000 != 0,
        optionsRange: record.dataRange)
      guard optionCount <= WireLimits.optionCountMax else { return .malformed(edns) }
      if optionCount > 0 { edns?.noteOptions(message) }
    case .tsig: sawSignature = true
    default: return .malformed(edns)
    }
    index = record.end
  }
  return .wellFormed(edns)
}

extension EDNS {
  /// Sees which of the options that neighbors talk by are there: NSID (RFC 5001 §4), and TCP
  /// keepalive, which is empty in a query (RFC 7828 §3.2.1).
  fileprivate mutating func noteOptions(_ message: borrowing Span<UInt8>) {
    var index = optionsRange.lowerBound
    while let end = optionEnd(message, at: index, before: optionsRange.upperBound) {
      switch message.word16(index) {
      case 3: asksIdentifier = true
      case 11 where end == index &+ 4: asksKeepalive = true
      default: break
      }
      index = end
    }
  }
}

/// The number of options (RFC 6891 §6.1.2) that `range` holds; `nil` when one overruns it. Stops
/// counting just above `optionCountMax`.
private func countOptions(_ message: borrowing Span<UInt8>, _ range: Range<Int>) -> Int? {
  var index = range.lowerBound
  var count = 0
  while index < range.upperBound, count <= WireLimits.optionCountMax {
    guard let end = optionEnd(message, at: index, before: range.upperBound) else { return nil }
    index = end
    count &+= 1
  }
  return count
}
