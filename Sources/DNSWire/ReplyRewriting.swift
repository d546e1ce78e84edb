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
  private var visitor: TargetChanger<Change>
  private var suffixes = SuffixTable()
  private var question = WireName()
  private var scratch = WireName()
  /// Where the last owner stood in the old reply and what became of it: most have the same.
  private var ownerPlace = 0
  private var owner: DomainName?

  init(_ reply: borrowing ReplyWriter, _ change: Change) {
    visitor = TargetChanger(change: change)
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
    let ttl = visitor.change.ttl(record.ttl)
    let start = suffixes.appendBody(
      message, record, ttl: ttl, scratch: &scratch, visitor: &visitor, to: &reply)
    if start == nil { reply.abandonRecord() }
    guard let start, reply.endRecord(section) else { return suffixes.forget(after: suffixCount) }
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
      owner = visitor.change.owner(name) ?? name
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
}

/// Puts `RecordChange.target` in the place of names in RDATA.
private struct TargetChanger<Change: RecordChange>: RecordNameVisitor {
  let change: Change

  mutating func visit(
    _ name: inout WireName, at offset: Int, isFirst: Bool, _ message: borrowing Span<UInt8>,
    _ record: RecordHeader
  ) -> Bool {
    guard isFirst, record.type.hasTarget, let old = readName(message, at: offset),
      let new = change.target(old)
    else { return true }
    return name.read(new.wire.span, at: 0) != nil
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
