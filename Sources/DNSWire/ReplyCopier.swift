/// Copies records from one message into a reply: the state of `copyReply` and `appendAlias`.
///
/// Under 2 KiB on the stack; nothing on the heap but for aliases among many records (`OwnerIndex`).
/// A pass over a section reads every record's fixed part, its owner only when the type is wanted;
/// an alias takes at most four passes.
struct ReplyCopier: ~Copyable {
  /// What was copied so far.
  var result = CopiedAnswer()
  /// QTYPE.
  let type: RRType
  /// The requestor understands DNSSEC records.
  let dnssecOK: Bool
  /// The chain does not go on from a name in one of these.
  let ownZones: ZoneIndex
  /// The chain's last name.
  var name = WireName()
  /// Where it stands in the reply.
  var nameOffset: Int
  /// Where the chain's names before it stand in the reply.
  var chain = InlineArray<16, UInt16>(repeating: 0)
  /// How many those are: the number of aliases in the reply.
  var aliasCount = 0
  /// Names that pointers may point to.
  var suffixes = SuffixTable()
  /// Names that the additional section may have addresses of.
  var targets = TargetTable()
  /// An owner, or a name in RDATA.
  var scratch = WireName()
  /// Owners of the answer section, once it is passed a second time.
  var owners = OwnerIndex()

  /// Starts a chain at the name at `offset` of the reply; `nil` when there is no question or no
  /// such name.
  init?(
    _ reply: borrowing ReplyWriter, startingAt offset: Int, dnssecOK: Bool, ownZones: ZoneIndex
  ) {
    let typeOffset = reply.recordsOffset &- 4
    type = RRType(rawValue: reply.withOctets { octets in octets.word16(typeOffset) })
    self.dnssecOK = dnssecOK
    self.ownZones = ownZones
    nameOffset = offset
    guard typeOffset > WireLimits.headerOctetCount, offset >= WireLimits.headerOctetCount,
      name.read(reply, at: offset) != nil
    else { return nil }
    suffixes.remember(nameAt: WireLimits.headerOctetCount, in: reply)
    if offset != WireLimits.headerOctetCount { suffixes.remember(nameAt: offset, in: reply) }
  }

  // MARK: - Records

  /// The type that a record counts as: what a signature covers (RFC 4034 §3.1.1), its own for all
  /// others.
  func coveredType(_ message: borrowing Span<UInt8>, _ record: RecordHeader) -> RRType {
    guard record.type == .rrsig, record.dataRange.count >= 2 else { return record.type }
    return RRType(rawValue: message.word16(record.dataRange.lowerBound))
  }

  /// Copies a record; where its RDATA stands in the reply, `nil` when it did not fit or is
  /// malformed.
  mutating func copy(
    _ message: borrowing Span<UInt8>, _ record: RecordHeader, _ section: ReplyWriter.Section,
    into reply: inout ReplyWriter
  ) -> Int? {
    let (suffixCount, targetCount) = (suffixes.count, targets.count)
    reply.beginRecord()
    guard appendOwner(message, record, into: &reply) else {
      reply.abandonRecord()
      return nil
    }
    let ttl = Self.bounded(record.ttl)
    let start = suffixes.appendBody(
      message, record, ttl: ttl, scratch: &scratch, visitor: &targets, to: &reply)
    if start == nil { reply.abandonRecord() }
    guard let start, reply.endRecord(section) else {
      suffixes.forget(after: suffixCount)
      targets.forget(after: targetCount)
      return nil
    }
    result.smallestTTL = min(result.smallestTTL ?? ttl, ttl)
    return start
  }

  /// A TTL as it is passed on: with the top bit set it is 0 (RFC 2181 §8), at most seven days.
  static func bounded(_ ttl: UInt32) -> UInt32 {
    ttl & 0x8000_0000 == 0 ? min(ttl, CopyLimits.ttlSecondsMax) : 0
  }

  /// Appends the owner: a pointer to the chain's last name if it is that; `false` when malformed.
  private mutating func appendOwner(
    _ message: borrowing Span<UInt8>, _ record: RecordHeader, into reply: inout ReplyWriter
  ) -> Bool {
    if name.labelCount > 0, name.matches(message, at: record.ownerOffset),
      nameOffset <= WireLimits.pointerOffsetMax
    {
      reply.append16(0xC000 | UInt16(truncatingIfNeeded: nameOffset))
      return true
    }
    guard scratch.read(message, at: record.ownerOffset) != nil else { return false }
    suffixes.append(scratch, to: &reply, compresses: true, remembers: true)
    return true
  }
}
