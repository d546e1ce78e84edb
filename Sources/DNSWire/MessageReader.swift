extension Span where Element == UInt8 {
  /// The big-endian 16-bit number at `index`; 0 where it does not fit, so that no octets trap.
  @inlinable package func word16(_ index: Int) -> UInt16 {
    guard index >= 0, index <= count &- 2 else { return 0 }
    return UInt16(self[index]) << 8 | UInt16(self[index &+ 1])
  }

  /// The big-endian 32-bit number at `index`; 0 where it does not fit.
  @inlinable package func word32(_ index: Int) -> UInt32 {
    UInt32(word16(index)) << 16 | UInt32(word16(index &+ 2))
  }
}

/// The fixed part of a resource record in a message (RFC 1035 §4.1.3) and where its RDATA lies.
package struct RecordHeader: Sendable {
  /// TYPE.
  package let type: RRType
  /// CLASS, as a bare code: OPT keeps a payload size there.
  package let classCode: UInt16
  /// TTL in seconds; OPT keeps flags there.
  package let ttl: UInt32
  /// The octets of RDATA in the message.
  package let dataRange: Range<Int>
  /// Where the owner name starts.
  package let ownerOffset: Int
  /// The owner is the root, written out (not through a pointer).
  package let ownerIsRoot: Bool

  /// The offset after the record.
  package var end: Int { dataRange.upperBound }

  /// Reads the record at `start`; `nil` when any of it lies outside of the message.
  package init?(_ message: borrowing Span<UInt8>, at start: Int) {
    guard let name = skipName(message, at: start), name <= message.count &- 10 else { return nil }
    let length = Int(message.word16(name &+ 8))
    guard length <= message.count &- name &- 10 else { return nil }
    type = RRType(rawValue: message.word16(name))
    classCode = message.word16(name &+ 2)
    ttl = message.word32(name &+ 4)
    dataRange = (name &+ 10)..<(name &+ 10 &+ length)
    ownerOffset = start
    ownerIsRoot = message[start] == 0
  }
}

/// The offset after the name at `start`, following no pointer; `nil` when it is malformed or runs
/// past the end. A pointer must lie wholly in the message and point before itself.
package func skipName(_ message: borrowing Span<UInt8>, at start: Int) -> Int? {
  guard start >= 0 else { return nil }
  var index = start
  while index < message.count {
    let octet = message[index]
    switch octet & 0xC0 {
    case 0x00:
      if octet == 0 { return index &+ 1 }
      index &+= 1 &+ Int(octet)
      guard index &- start < WireLimits.nameOctetCountMax else { return nil }
    case 0xC0:
      guard index &+ 1 < message.count, Int(message.word16(index) & 0x3FFF) < index else {
        return nil
      }
      return index &+ 2
    default:
      return nil
    }
  }
  return nil
}

/// Reads the whole name at `start`, decompressed; `nil` when malformed. Each pointer must point
/// before the run of labels that it ends, and at most `pointerHopCountMax` are followed: O(n), no
/// recursion (RFC 9267 §2). Allocates the name.
package func readName(_ message: borrowing Span<UInt8>, at start: Int) -> DomainName? {
  var wire: [UInt8] = []
  // Most names have fewer.
  wire.reserveCapacity(64)
  var index = start
  var runStart = start
  var hops = 0
  while index >= 0, index < message.count {
    let octet = message[index]
    switch octet & 0xC0 {
    case 0x00:
      let length = Int(octet)
      guard index &+ length < message.count,
        wire.count + length + 1 <= WireLimits.nameOctetCountMax
      else { return nil }
      for offset in 0...length { wire.append(message[index &+ offset]) }
      if length == 0 { return DomainName(wire: wire) }
      index &+= 1 &+ length
    case 0xC0:
      guard index &+ 1 < message.count, hops < WireLimits.pointerHopCountMax else { return nil }
      let target = Int(message.word16(index) & 0x3FFF)
      guard target < runStart else { return nil }
      index = target
      runStart = target
      hops += 1
    default:
      return nil
    }
  }
  return nil
}

/// Walks the records of a whole message in order: question skipped, then answer, authority and
/// additional. Total over any octets; allocates nothing.
package struct MessageReader {
  /// The sections that hold records.
  package enum Section: Int, Sendable {
    /// Records that answer the question.
    case answer
    /// SOA of negative answers, NS of referrals.
    case authority
    /// Addresses for names mentioned above, and OPT.
    case additional
  }

  /// The header.
  package let header: Header
  /// Where the next record starts.
  package private(set) var offset: Int
  private var remaining: (Int, Int, Int)

  /// Reads header and questions; `nil` when either is cut or malformed.
  package init?(_ message: borrowing Span<UInt8>) {
    guard let header = Header(message) else { return nil }
    var index = WireLimits.headerOctetCount
    for _ in 0..<header.questionCount {
      guard let end = skipName(message, at: index), end <= message.count &- 4 else { return nil }
      index = end &+ 4
    }
    self.header = header
    offset = index
    remaining = (
      Int(header.answerCount), Int(header.authorityCount), Int(header.additionalCount)
    )
  }

  /// Whether all counted records were read.
  package var isAtEnd: Bool { remaining == (0, 0, 0) }

  /// The next record and its section; `nil` at the end or at the first malformed record (then
  /// `isAtEnd` is false).
  package mutating func next(
    _ message: borrowing Span<UInt8>
  ) -> (section: Section, record: RecordHeader)? {
    guard !isAtEnd, let record = RecordHeader(message, at: offset) else { return nil }
    let section: Section
    if remaining.0 > 0 {
      section = .answer
      remaining.0 -= 1
    } else if remaining.1 > 0 {
      section = .authority
      remaining.1 -= 1
    } else {
      section = .additional
      remaining.2 -= 1
    }
    offset = record.end
    return (section, record)
  }
}
