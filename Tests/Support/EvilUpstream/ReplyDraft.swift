/// A reply as a test wants it, right or wrong: nothing is checked, counts can be made to lie.
package struct ReplyDraft: Sendable {
  /// QR, RD and RA: what a resolver sets.
  package static let resolverFlags: UInt16 = 0x8180

  /// ID.
  package var id: UInt16
  /// QR, OPCODE and flags.
  package var flags = resolverFlags
  /// The four bits of RCODE in the header.
  package var code: UInt16 = 0
  /// The question section, octet for octet.
  package var question: [UInt8]
  /// QDCOUNT.
  package var questionCount: UInt16 = 1
  /// Whole records.
  package var answer: [[UInt8]] = []
  /// Whole records.
  package var authority: [[UInt8]] = []
  /// Whole records before the OPT record.
  package var additional: [[UInt8]] = []
  /// The OPT record, last of the additional section; nil for none.
  package var edns: [UInt8]?
  /// What each count is beyond the records there are.
  package var extraCounts: (answer: UInt16, authority: UInt16, additional: UInt16) = (0, 0, 0)
  /// What follows the last record.
  package var trailing: [UInt8] = []

  /// The message.
  package var bytes: [UInt8] {
    let additional = additional + (edns.map { [$0] } ?? [])
    let counts = [
      questionCount, Self.count(answer, extraCounts.answer),
      Self.count(authority, extraCounts.authority), Self.count(additional, extraCounts.additional),
    ]
    let header = [id, flags | code] + counts
    let records = answer + authority + additional
    return header.flatMap(Octets.word) + question + records.flatMap { $0 } + trailing
  }

  private static func count(_ records: [[UInt8]], _ extra: UInt16) -> UInt16 {
    UInt16(truncatingIfNeeded: records.count) &+ extra
  }

  /// The same with changes.
  package func with(_ change: (inout ReplyDraft) -> Void) -> ReplyDraft {
    var copy = self
    change(&copy)
    return copy
  }
}
