/// What a message that arrived where a reply is waited for is.
package enum ReplyVerdict: Equatable, Sendable {
  /// Not the reply, or none that can be used: to be ignored, the wait goes on (RFC 5452 §9.1).
  case foreign
  /// The server does not understand EDNS (RFC 6891 §7), or not our version of it: to be asked again
  /// without.
  case ednsRefused
  /// The reply; every record of it can be read.
  case ours(ReplySummary)
}

/// Judges a message that arrived where the reply to a query with `id` and `question` (QNAME, QTYPE
/// and QCLASS as sent, uncompressed) is waited for.
///
/// Ours is what has QR, ID, opcode QUERY and the question (case of the name ignored), and nothing
/// malformed: all records counted are there, of the question's class, their owners and the names in
/// the RDATA of `RecordDataLayout`'s types whole, addresses of the right length, at most one OPT,
/// in the additional section, owned by the root, with options that fill it. With TC, the message
/// may end inside of a record. Octets after the last record are ignored, never passed on
/// (CVE-2018-14663 class).
///
/// Total over any octets, one pass, no allocation, linear: `PointerBudget`.
package func judgeReply(
  _ message: borrowing Span<UInt8>, id: UInt16, question: borrowing Span<UInt8>,
  askedWithEDNS: Bool
) -> ReplyVerdict {
  guard message.count <= WireLimits.messageOctetCountMax, question.count >= 5,
    let header = Header(message), header.isResponse, header.id == id, header.opcode == 0
  else { return .foreign }
  var start = WireLimits.headerOctetCount
  switch header.questionCount {
  case 0: guard askedWithEDNS else { return .foreign }
  case 1:
    guard isQuestion(message, question) else { return .foreign }
    start &+= question.count
  default: return .foreign
  }
  var walk = ReplyWalk(
    offset: start, classCode: question.word16(question.count &- 2),
    mayBeCut: header.flags & HeaderFlag.truncated != 0,
    budget: PointerBudget(octetCount: message.count))
  guard let answer = walk.section(message, header.answerCount, isAnswer: true),
    let authority = walk.section(message, header.authorityCount),
    let additional = walk.section(message, header.additionalCount, mayHoldOPT: true)
  else { return .foreign }
  let code = ResponseCode(rawValue: walk.extendedCode << 4 | header.flags & 0x0F)
  if askedWithEDNS {
    let lacksEDNS = walk.edns == nil && (code == .formatError || code == .notImplemented)
    if lacksEDNS || code == .badVersion { return .ednsRefused }
  }
  guard header.questionCount == 1 else { return .foreign }
  return .ours(
    ReplySummary(
      flags: header.flags, responseCode: code, isTruncated: walk.mayBeCut, answer: answer,
      authority: authority, additional: additional, edns: walk.edns))
}

/// Whether `question` stands behind the header, the case of its name ignored.
private func isQuestion(
  _ message: borrowing Span<UInt8>, _ question: borrowing Span<UInt8>
) -> Bool {
  let start = WireLimits.headerOctetCount
  guard question.count <= message.count &- start else { return false }
  let nameEnd = question.count &- 4
  for index in 0..<nameEnd
  where DomainName.folded(message[start &+ index]) != DomainName.folded(question[index]) {
    return false
  }
  for index in nameEnd..<question.count where message[start &+ index] != question[index] {
    return false
  }
  return true
}

// MARK: - Records

/// The way through the records of a reply.
private struct ReplyWalk {
  var offset: Int
  let classCode: UInt16
  let mayBeCut: Bool
  var budget: PointerBudget
  var isCut = false
  var edns: EDNS?
  var extendedCode: UInt16 = 0

  /// Walks a section of `count` records: the whole ones of it; `nil` when the reply is not ours.
  mutating func section(
    _ message: borrowing Span<UInt8>, _ count: UInt16, isAnswer: Bool = false,
    mayHoldOPT: Bool = false
  ) -> ReplySection? {
    let start = offset
    var wholeCount = 0
    while wholeCount < Int(count), !isCut {
      switch step(message, isAnswer: isAnswer, mayBeOPT: mayHoldOPT) {
      case .end(let end):
        offset = end
        wholeCount &+= 1
      case .cut:
        guard mayBeCut else { return nil }
        isCut = true
      case .malformed: return nil
      }
    }
    return ReplySection(offset: start, recordCount: wholeCount)
  }

  /// Judges the next record: the offset after it.
  private mutating func step(
    _ message: borrowing Span<UInt8>, isAnswer: Bool, mayBeOPT: Bool
  ) -> NameWalk {
    switch walkName(message, at: offset, before: message.count, &budget) {
    case .end:
      // The owner is whole, so what is missing is missing at the end.
      guard let record = RecordHeader(message, at: offset) else { return .cut }
      if record.type == .opt {
        guard mayBeOPT, edns == nil, record.ownerIsRoot, readOPT(message, record) else {
          return .malformed
        }
      } else if record.classCode == classCode {
        guard isDataWellFormed(message, record, &budget) else { return .malformed }
      } else if isAnswer {
        // Behind the answer other classes have a use, such as TSIG's ANY; they are not copied.
        return .malformed
      }
      return .end(record.end)
    case .cut: return .cut
    case .malformed: return .malformed
    }
  }

  /// Takes over what OPT says; `false` when its options do not fill it exactly.
  private mutating func readOPT(_ message: borrowing Span<UInt8>, _ record: RecordHeader) -> Bool {
    let range = record.dataRange
    var index = range.lowerBound
    while let end = optionEnd(message, at: index, before: range.upperBound) { index = end }
    guard index == range.upperBound else { return false }
    extendedCode = UInt16(truncatingIfNeeded: record.ttl >> 24)
    edns = EDNS(
      requestorPayloadSize: record.classCode,
      version: UInt8(truncatingIfNeeded: record.ttl >> 16),
      dnssecOK: record.ttl & 0x8000 != 0, optionsRange: range)
    return true
  }
}
