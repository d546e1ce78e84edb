extension ReplyCopier {
  /// Takes over the aliases that the reply's answer section has already, for their number and to
  /// notice a loop through them.
  mutating func recallChain(in reply: borrowing ReplyWriter) {
    var offset = reply.recordsOffset
    for _ in 0..<reply.answerCount {
      let here = offset
      guard let record = reply.withOctets({ octets in RecordHeader(octets, at: here) }) else {
        return
      }
      if record.type == .cname { append(Self.nameOffset(in: reply, at: record.ownerOffset)) }
      offset = record.end
    }
  }

  /// Copies the records of QTYPE that the chain's last name has, or else its alias and, with the
  /// alias's target, so on: at most `aliasCountMax` aliases, a few passes over the section each.
  mutating func copyChain(
    _ message: borrowing Span<UInt8>, _ section: ReplySection, into reply: inout ReplyWriter
  ) {
    while true {
      let found = copyAnswer(message, section, into: &reply)
      if found.isAnswered { return end(.answered) }
      guard let alias = found.alias else { return }
      guard aliasCount < CopyLimits.aliasCountMax else { return end(.cut) }
      guard let target = copyAlias(message, section, alias, into: &reply) else {
        return end(.full)
      }
      if type == .cname { return end(.answered) }
      append(nameOffset)
      owners.build(message, section)
      guard name.read(message, at: alias.dataRange.lowerBound) != nil else { return end(.full) }
      nameOffset = Self.nameOffset(in: reply, at: target)
      if isInChain(reply) { return end(.looping) }
      result.ending = .aliased
      result.aliasTarget = nameOffset
      if isOwn() { return }
    }
  }

  /// Whether the chain's last name is not the sender's to answer.
  private func isOwn() -> Bool {
    guard !ownZones.isEmpty else { return false }
    var folded = QueryName()
    let octets = name.octets.span.extracting(0..<name.octetCount)
    return folded.parse(octets, at: 0) != nil && ownZones.match(folded) != nil
  }

  /// Ends the chain; its last alias is not to be followed.
  private mutating func end(_ ending: ChainEnding) {
    result.ending = ending
    result.aliasTarget = 0
  }

  private mutating func append(_ offset: Int) {
    guard aliasCount < CopyLimits.aliasCountMax else { return }
    chain[aliasCount & 0xF] = UInt16(truncatingIfNeeded: offset)
    aliasCount &+= 1
  }

  /// Whether the chain had its last name before.
  private func isInChain(_ reply: borrowing ReplyWriter) -> Bool {
    for index in 0..<aliasCount {
      let offset = Int(chain[index & 0xF])
      if reply.withOctets({ octets in name.matches(octets, at: offset) }) { return true }
    }
    return false
  }

  /// `offset`, or where the pointer there points: owners need not point to pointers.
  private static func nameOffset(in reply: borrowing ReplyWriter, at offset: Int) -> Int {
    let word = reply.withOctets { octets in octets.word16(offset) }
    return word >= 0xC000 ? Int(word & 0x3FFF) : offset
  }

  // MARK: - One name

  /// What a pass found for the chain's last name.
  private struct Found {
    /// There are records of QTYPE.
    var isAnswered = false
    /// The first CNAME.
    var alias: RecordHeader?
  }

  /// Copies the records of QTYPE that the chain's last name has, with their signatures.
  private mutating func copyAnswer(
    _ message: borrowing Span<UInt8>, _ section: ReplySection, into reply: inout ReplyWriter
  ) -> Found {
    var found = Found()
    let hash = owners.hash(name)
    var offset = section.offset
    for number in 0..<section.recordCount {
      guard let record = RecordHeader(message, at: offset) else { break }
      offset = record.end
      let isWanted = answersType(record)
      let isAlias = record.type == .cname && found.alias == nil
      guard isWanted || isAlias, owners.mayHave(hash, number),
        name.matches(message, at: record.ownerOffset)
      else { continue }
      if isWanted {
        found.isAnswered = true
        _ = copy(message, record, .answer, into: &reply)
      } else {
        found.alias = record
      }
    }
    if found.isAnswered, dnssecOK, type != .any, type != .rrsig {
      var owner = WireName()
      owner.copy(name)
      copySignatures(message, section, of: type, owner, into: &reply)
    }
    return found
  }

  /// Whether a record's type is what is asked for, aliases apart. ANY asks for all that hold data:
  /// not for what is only for queries and transactions (RFC 6895 §3.1).
  private func answersType(_ record: RecordHeader) -> Bool {
    switch type {
    case .any: record.type != .opt && !(128...255).contains(record.type.rawValue)
    case .cname: false
    default: record.type == type
    }
  }

  /// Copies the alias of the chain's last name, behind the DNAME that it follows from and with the
  /// signatures of both; where its target stands in the reply, `nil` when it did not fit.
  private mutating func copyAlias(
    _ message: borrowing Span<UInt8>, _ section: ReplySection, _ alias: RecordHeader,
    into reply: inout ReplyWriter
  ) -> Int? {
    var owner = WireName()
    var offset = section.offset
    var subtreeCount = 0
    for _ in 0..<section.recordCount {
      guard subtreeCount < CopyLimits.subtreeCountMax,
        let record = RecordHeader(message, at: offset)
      else { break }
      offset = record.end
      guard record.type == .dname else { continue }
      subtreeCount &+= 1
      if isSource(message, record, of: alias),
        copy(message, record, .answer, into: &reply) != nil
      {
        if dnssecOK, owner.read(message, at: record.ownerOffset) != nil {
          copySignatures(message, section, of: .dname, owner, into: &reply)
        }
        break
      }
    }
    let target = copy(message, alias, .answer, into: &reply)
    if dnssecOK, target != nil {
      owner.copy(name)
      copySignatures(message, section, of: .cname, owner, into: &reply)
    }
    return target
  }

  /// Whether `alias`, owned by the chain's last name, is what the DNAME `record` makes of it.
  private mutating func isSource(
    _ message: borrowing Span<UInt8>, _ record: RecordHeader, of alias: RecordHeader
  ) -> Bool {
    var ancestor = WireName()
    var replacement = WireName()
    return ancestor.read(message, at: record.ownerOffset) != nil
      && replacement.read(message, at: record.dataRange.lowerBound) != nil
      && scratch.read(message, at: alias.dataRange.lowerBound) != nil
      && scratch.isSubstitution(of: name, below: ancestor, target: replacement)
  }

  /// Copies the signatures that cover the records of `covered` at `owner`.
  private mutating func copySignatures(
    _ message: borrowing Span<UInt8>, _ section: ReplySection, of covered: RRType,
    _ owner: borrowing WireName, into reply: inout ReplyWriter
  ) {
    let hash = owners.hash(owner)
    var offset = section.offset
    for number in 0..<section.recordCount {
      guard let record = RecordHeader(message, at: offset) else { break }
      offset = record.end
      guard record.type == .rrsig, coveredType(message, record) == covered,
        owners.mayHave(hash, number), owner.matches(message, at: record.ownerOffset)
      else { continue }
      _ = copy(message, record, .answer, into: &reply)
    }
  }
}
