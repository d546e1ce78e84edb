/// Where the chain of aliases that starts at the question ended.
package enum ChainEnding: Equatable, Sendable {
  /// In records of QTYPE.
  case answered
  /// At the name the copy started from: it has neither records of QTYPE nor an alias.
  case unanswered
  /// At the target of an alias that the message does not answer.
  case aliased
  /// In an alias to a name that the chain had before; that alias is in the reply.
  case looping
  /// At the hop limit (`CopyLimits.aliasCountMax`).
  case cut
  /// In an alias that is not in the reply: it did not fit, and TC is set.
  case full
}

/// What was copied into a reply.
package struct CopiedAnswer: Equatable, Sendable {
  /// Where the chain of aliases ended.
  package var ending = ChainEnding.unanswered
  /// Where in the reply the target of the last alias stands when the message does not answer it
  /// (`ChainEnding.aliased`); else 0.
  package var aliasTarget = 0
  /// How long the lack of the name or type may be remembered, in seconds: the smaller one of the
  /// TTL and the MINIMUM of the authority section's SOA (RFC 2308 §5); `nil` without one that was
  /// kept.
  package var negativeTTL: UInt32?
  /// The smallest TTL of the records that were kept, in seconds; `nil` when none was.
  package var smallestTTL: UInt32?

  /// Nothing yet.
  package init() {}

  /// The chain was longer than the limit.
  package var isChainCut: Bool { ending == .cut }
}

/// Bounds of copying.
package enum CopyLimits {
  /// Aliases in one reply. CoreDNS follows 10, NSD 18.
  package static let aliasCountMax = 16
  /// DNAME records looked at for the one that an alias follows from.
  package static let subtreeCountMax = 64
  /// The largest TTL passed on, in seconds: seven days (RFC 8767 §4).
  package static let ttlSecondsMax: UInt32 = 604_800
}

/// Copies what answers the question in `reply` from a message that `judgeReply` found to be ours,
/// record by record, never its octets as a whole.
///
/// The answer section keeps the question's chain of CNAMEs, in its order, and what answers its last
/// name; DNAMEs where an alias follows from one; signatures of these with `dnssecOK` or where the
/// QTYPE asks for them. The authority section keeps SOA and NS, with `dnssecOK` DS and denials of
/// existence, the additional section addresses of names that kept records point to. Everything else
/// is dropped: neither served nor cached (RFC 5452 §6, MaginotDNS). TTLs are bounded, names in the
/// RDATA of well-known types decompressed and, where that is allowed, compressed anew. Names keep
/// their case, but for owners that are in the chain: those have the case of the chain.
///
/// The chain ends at a name in one of `ownZones` (`ChainEnding.aliased`): about those the sender is
/// not asked. Records that do not fit are the writer's matter. Header bits and code are the
/// caller's.
package func copyReply(
  _ message: borrowing Span<UInt8>, _ summary: ReplySummary, into reply: inout ReplyWriter,
  dnssecOK: Bool, ownZones: ZoneIndex = ZoneIndex([])
) -> CopiedAnswer {
  guard
    var copier = ReplyCopier(
      reply, startingAt: WireLimits.headerOctetCount, dnssecOK: dnssecOK, ownZones: ownZones)
  else { return CopiedAnswer() }
  copier.copyChain(message, summary.answer, into: &reply)
  copier.copyAuthority(message, summary.authority, into: &reply)
  copier.copyAdditional(message, summary.additional, into: &reply)
  return copier.result
}

/// Appends the answer to an alias to the reply that ends in it: from `message`, a finished reply of
/// our own to the question for the alias's target, which stands at `aliasTarget` of `reply`.
///
/// Authority and additional records that the reply had are taken back; of the message's, those of
/// the authority section follow when its answer is negative. The chain goes on under the limits of
/// the whole reply; otherwise as `copyReply`.
package func appendAlias(
  _ message: borrowing Span<UInt8>, at aliasTarget: Int, into reply: inout ReplyWriter,
  dnssecOK: Bool
) -> CopiedAnswer {
  guard let sections = ReplySections(message),
    var copier = ReplyCopier(
      reply, startingAt: aliasTarget, dnssecOK: dnssecOK, ownZones: ZoneIndex([]))
  else { return CopiedAnswer() }
  reply.removeAllButAnswer()
  copier.recallChain(in: reply)
  copier.copyChain(message, sections.answer, into: &reply)
  if copier.result.ending == .unanswered || copier.result.ending == .aliased {
    copier.copyAuthority(message, sections.authority, into: &reply)
  }
  return copier.result
}

/// Where the sections of a message with one question lie.
private struct ReplySections {
  let answer: ReplySection
  let authority: ReplySection

  /// `nil` when header or question are cut or malformed, or a record of the answer section.
  init?(_ message: borrowing Span<UInt8>) {
    guard message.count <= WireLimits.messageOctetCountMax, let header = Header(message),
      header.questionCount == 1,
      let nameEnd = skipName(message, at: WireLimits.headerOctetCount)
    else { return nil }
    answer = ReplySection(offset: nameEnd &+ 4, recordCount: Int(header.answerCount))
    var offset = answer.offset
    for _ in 0..<answer.recordCount {
      guard let record = RecordHeader(message, at: offset) else { return nil }
      offset = record.end
    }
    authority = ReplySection(offset: offset, recordCount: Int(header.authorityCount))
  }
}
