/// What becomes of the names and TTLs of a reply's records.
package protocol RecordChange {
  /// The owner instead of `name`; `nil` leaves it.
  func owner(_ name: DomainName) -> DomainName?
  /// The name that a record points to instead of `name`: CNAME, DNAME, MX, NAPTR, NS, PTR, SRV, and
  /// the first one of SOA. `nil` leaves it.
  func target(_ name: DomainName) -> DomainName?
  /// The TTL instead of `seconds`.
  func ttl(_ seconds: UInt32) -> UInt32
}

/// Writes the reply anew behind another question, record by record, with what `change` makes of
/// their names and TTLs. Flags and code stay. What no longer fits is left out: TC is set for
/// answers and authority. A record with a name that is malformed is left out too.
///
/// The result is where the target of the last alias stands, 0 without one.
package func rewriteReply(
  _ reply: inout ReplyWriter, question: [UInt8], _ change: some RecordChange
) -> Int {
  let message = reply.withOctets { octets in octets.indices.map { octets[$0] } }
  let counts = [
    (ReplyWriter.Section.answer, reply.answerCount),
    (.authority, reply.authorityCount), (.additional, reply.additionalCount),
  ]
  var offset = reply.recordsOffset
  reply.replaceQuestion(question.span)
  var rewriting = ReplyRewriting(reply, change)
  for (section, count) in counts {
    for _ in 0..<count {
      guard let record = RecordHeader(message.span, at: offset) else { return 0 }
      rewriting.write(message.span, record, section, into: &reply)
      offset = record.end
    }
  }
  return rewriting.aliasTarget
}

/// The state of `rewriteReply`; names are compressed anew, work is bounded as in `SuffixTable`.
private struct ReplyRewriting<Change: RecordChange>: ~Copyable {
  /// Where the target of the last alias stands.
  private(set) var aliasTarget = 0
  private let change: Change
  private var suffixes = SuffixTable()
  private var question = WireName()
  private var scratch = WireName()
  /// Where the last owner stood in the old reply and what became of it: most have the same.
  private var ownerPlace = 0
  private var owner: DomainName?

  init(_ reply: borrowing ReplyWriter, _ change: Change) {
    self.change = change
    _ = question.read(reply, at: WireLimits.headerOctetCount)
    suffixes.remember(nameAt: WireLimits.headerOctetCount, in: reply)
  }

  /// Writes a record of the old reply.
  mutating func write(
    _ message: borrowing Span<UInt8>, _ record: RecordHeader, _ section: ReplyWriter.Section,
    into reply: inout ReplyWriter
  ) {
    let suffixCount = suffixes.count
    reply.beginRecord()
    guard appendOwner(message, record, into: &reply) else { return reply.abandonRecord() }
    reply.append16(record.type.rawValue)
    reply.append16(record.classCode)
    reply.append32(change.ttl(record.ttl))
    let lengthOffset = reply.count
    reply.append16(0)
    let start = reply.count
    let isWellFormed = appendData(message, record, into: &reply)
    if !isWellFormed { reply.abandonRecord() }
    // Of a record that does not fit, the length may not be there: it must not patch what is before.
    if isWellFormed, !reply.overflowed {
      reply.patch16(UInt16(truncatingIfNeeded: reply.count &- start), at: lengthOffset)
    }
    guard isWellFormed, reply.endRecord(section) else { return suffixes.forget(after: suffixCount) }
    if section == .answer, record.type == .cname {
      let word = reply.withOctets { octets in octets.word16(start) }
      aliasTarget = word >= 0xC000 ? Int(word & 0x3FFF) : start
    }
  }

  private mutating func appendOwner(
    _ message: borrowing Span<UInt8>, _ record: RecordHeader, into reply: inout ReplyWriter
  ) -> Bool {
    let word = message.word16(record.ownerOffset)
    let place = word >= 0xC000 ? Int(word & 0x3FFF) : record.ownerOffset
    if place != ownerPlace {
      guard let name = readName(message, at: place) else { return false }
      owner = change.owner(name) ?? name
      ownerPlace = place
    }
    guard let owner, scratch.read(owner.wire.span, at: 0) != nil else { return false }
    if question.labelCount > 0, scratch.matches(question) {
      reply.append16(0xC000 | UInt16(WireLimits.headerOctetCount))
      return true
    }
    suffixes.append(scratch, to: &reply, compresses: true, remembers: true)
    return true
  }

  private mutating func appendData(
    _ message: borrowing Span<UInt8>, _ record: RecordHeader, into reply: inout ReplyWriter
  ) -> Bool {
    let range = record.dataRange
    guard let layout = RecordDataLayout(record.type) else {
      reply.append(message.extracting(range))
      return true
    }
    guard var index = layout.namesStart(message, range) else { return false }
    reply.append(message.extracting(range.lowerBound..<index))
    for number in 0..<layout.nameCount {
      guard let end = scratch.read(message, at: index), end <= range.upperBound else {
        return false
      }
      if number == 0, record.type.hasTarget, let name = readName(message, at: index),
        let target = change.target(name)
      {
        guard scratch.read(target.wire.span, at: 0) != nil else { return false }
      }
      suffixes.append(
        scratch, to: &reply, compresses: layout.isCompressible, remembers: record.type != .mx)
      index = end
    }
    guard index &+ layout.suffixOctetCount == range.upperBound else { return false }
    reply.append(message.extracting(index..<range.upperBound))
    return true
  }
}

extension RRType {
  /// Whether a record of this type has a name that `RecordChange.target` is asked about.
  fileprivate var hasTarget: Bool {
    switch rawValue {
    // NS, CNAME, SOA, PTR, MX, SRV, NAPTR, DNAME.
    case 2, 5, 6, 12, 15, 33, 35, 39: true
    default: false
    }
  }
}
