import DNSWire

/// What one lookup of a host's addresses of one family came to.
package enum HostAnswer: Equatable, Sendable {
  /// The addresses, at least one, and the seconds they may be kept.
  case addresses([IPAddress], ttl: UInt32)
  /// The name has no such address, or does not exist.
  case none
  /// Nobody could say, in words.
  case failed(String)
}

/// A question for the addresses of a host.
struct HostQuestion {
  /// The name asked.
  let name: DomainName
  /// A or AAAA.
  let type: RRType

  /// QNAME, QTYPE and QCLASS as on the wire.
  var octets: [UInt8] { name.wire + Self.two(type.rawValue) + Self.two(RRClass.internet.rawValue) }

  /// The query with this ID: recursion desired, no EDNS.
  func message(id: UInt16) -> [UInt8] {
    let counts = Self.two(1) + Self.two(0) + Self.two(0) + Self.two(0)
    return Self.two(id) + Self.two(HeaderFlag.recursionDesired) + counts + octets
  }

  private static func two(_ value: UInt16) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
  }

  // MARK: - Replies

  /// Aliases followed in one reply.
  private static let aliasCountMax = 8
  /// Records of a reply that are looked at.
  private static let recordCountMax = 256
  /// Addresses taken from a reply.
  static let addressCountMax = 15

  /// What a message is: `nil` when it is not the reply.
  func reply(_ message: [UInt8], id: UInt16) -> (answer: HostAnswer, isTruncated: Bool)? {
    let question = octets
    guard
      case .ours(let summary) = judgeReply(
        message.span, id: id, question: question.span, askedWithEDNS: false)
    else { return nil }
    switch summary.responseCode {
    case .noError: return (answer(message, summary.answer), summary.isTruncated)
    case .nameError: return (.none, summary.isTruncated)
    default: return (.failed("\(summary.responseCode)"), summary.isTruncated)
    }
  }

  private struct Record {
    let owner: DomainName
    let header: RecordHeader
  }

  /// The addresses of the name, or of what it is an alias of.
  private func answer(_ message: [UInt8], _ section: ReplySection) -> HostAnswer {
    var records: [Record] = []
    var offset = section.offset
    for _ in 0..<min(section.recordCount, Self.recordCountMax) {
      guard let header = RecordHeader(message.span, at: offset),
        let owner = readName(message.span, at: offset)
      else { break }
      records.append(Record(owner: owner, header: header))
      offset = header.end
    }
    var name = self.name
    var ttl = UInt32.max
    for _ in 0...Self.aliasCountMax {
      let found = records.filter { $0.owner == name && $0.header.type == type }
      if !found.isEmpty {
        var addresses: Set<IPAddress> = []
        for record in found.prefix(Self.addressCountMax) {
          addresses.insert(Self.address(message.span, record.header.dataRange))
          ttl = min(ttl, Self.seconds(record.header.ttl))
        }
        // Servers turn the order of records; a list in another order is the same list.
        let sorted = addresses.sorted { ($0.high, $0.low) < ($1.high, $1.low) }
        return .addresses(sorted, ttl: ttl)
      }
      guard let alias = records.first(where: { $0.owner == name && $0.header.type == .cname }),
        let target = readName(message.span, at: alias.header.dataRange.lowerBound)
      else { return .none }
      ttl = min(ttl, Self.seconds(alias.header.ttl))
      name = target
    }
    return .failed("more than \(Self.aliasCountMax) aliases")
  }

  /// A TTL with the top bit set counts as 0 (RFC 2181 §8).
  private static func seconds(_ ttl: UInt32) -> UInt32 { ttl > UInt32(Int32.max) ? 0 : ttl }

  private static func address(_ message: borrowing Span<UInt8>, _ range: Range<Int>) -> IPAddress {
    let start = range.lowerBound
    guard range.count == 16 else { return IPAddress(v4: message.word32(start)) }
    func half(_ offset: Int) -> UInt64 {
      UInt64(message.word32(offset)) << 32 | UInt64(message.word32(offset &+ 4))
    }
    return IPAddress(v6High: half(start), low: half(start &+ 8)).unmapped
  }
}
