import DNSWire

/// A whole message read with our own functions, every name included. What it accepts with all
/// RDATA understood, libldns has no reason to refuse.
struct FullWalk {
  /// A record and its owner.
  struct Record {
    var type: RRType
    var owner: DomainName
  }

  /// All records, OPT among them.
  private(set) var records: [Record] = []
  /// RDATA of every record has the form of its type. False as well for types whose form is not
  /// known here but to libldns: it may refuse their RDATA.
  private(set) var isDataUnderstood = true
  /// Some name is reached through a pointer to octet 0, the ID, which libldns refuses.
  private(set) var pointsToStart = false
  /// Where the last record ends.
  private(set) var end: Int

  /// `nil` when header, questions, records or owner names are malformed.
  init?(_ message: [UInt8]) {
    guard let header = readHeader(message) else { return nil }
    end = WireLimits.headerOctetCount
    for _ in 0..<header.questionCount {
      guard name(message, at: end) != nil, let next = skipName(message, at: end),
        next <= message.count - 4
      else { return nil }
      end = next + 4
    }
    guard var reader = MessageReader(message.span), reader.offset == end else { return nil }
    while let (_, record) = reader.next(message.span) {
      guard let owner = name(message, at: record.ownerOffset) else { return nil }
      records.append(Record(type: record.type, owner: owner))
      isDataUnderstood = understands(message, record) && isDataUnderstood
      end = record.end
    }
    guard reader.isAtEnd else { return nil }
  }

  /// Reads a name, and notes a pointer to the start of the message on its way.
  private mutating func name(_ message: [UInt8], at start: Int) -> DomainName? {
    guard let name = readName(message, at: start) else { return nil }
    var index = start
    while message[index] != 0 {
      if message[index] < 0xC0 {
        index += 1 + Int(message[index])
      } else {
        index = Int(message[index] & 0x3F) << 8 | Int(message[index + 1])
        if index == 0 { pointsToStart = true }
      }
    }
    return name
  }

  // MARK: - RDATA

  private mutating func understands(_ message: [UInt8], _ record: RecordHeader) -> Bool {
    let range = record.dataRange
    // libldns takes empty RDATA of any type (RFC 2136 has use for it).
    if range.isEmpty { return true }
    switch record.type {
    case .a: return range.count == 4
    case .aaaa: return range.count == 16
    case .ns, .cname, .ptr: return names(1, message, range) == range.upperBound
    case .mx: return names(1, message, range.dropFirst(2)) == range.upperBound
    case .srv: return names(1, message, range.dropFirst(6)) == range.upperBound
    case .soa: return names(2, message, range) == range.upperBound - 20
    case .txt: return strings(message, range) != nil
    case .hinfo: return strings(message, range) == 2
    case .opt: return true
    // NULL, and private use: opaque to libldns as well.
    case RRType(rawValue: 10): return true
    default: return (65_280...65_534).contains(record.type.rawValue)
    }
  }

  /// The offset after `count` names at the start of `range`; `nil` when they are none or leave it.
  private mutating func names(_ count: Int, _ message: [UInt8], _ range: Range<Int>) -> Int? {
    var index = range.lowerBound
    for _ in 0..<count {
      guard name(message, at: index) != nil, let end = skipName(message, at: index),
        end <= range.upperBound
      else { return nil }
      index = end
    }
    return index
  }

  /// The number of character strings that fill `range` exactly (RFC 1035 §3.3).
  private func strings(_ message: [UInt8], _ range: Range<Int>) -> Int? {
    var index = range.lowerBound
    var count = 0
    while index < range.upperBound {
      index += 1 + Int(message[index])
      count += 1
    }
    return index == range.upperBound ? count : nil
  }
}
