/// What `judgeReply` learned about a reply that it found to be ours, so that nothing has to be
/// judged twice.
package struct ReplySummary: Equatable, Sendable {
  /// The header's flag word; see `HeaderFlag`.
  package let flags: UInt16
  /// RCODE, the bits of OPT included.
  package let responseCode: ResponseCode
  /// TC: the sender left something out, or the message ends inside of a record.
  package let isTruncated: Bool
  /// Where the answer section lies; only whole records are counted.
  package let answer: ReplySection
  /// Where the authority section lies.
  package let authority: ReplySection
  /// Where the additional section lies; OPT is counted.
  package let additional: ReplySection
  /// The sender's OPT record, if there was one, and where its options stand in the message:
  /// well-formed (RFC 6891 §6.1.2).
  package let edns: EDNS?

  /// AA.
  package var isAuthoritative: Bool { flags & HeaderFlag.authoritativeAnswer != 0 }
  /// RA.
  package var recursionAvailable: Bool { flags & HeaderFlag.recursionAvailable != 0 }
  /// AD.
  package var isAuthentic: Bool { flags & HeaderFlag.authenticData != 0 }
  /// Records of all sections, OPT included.
  package var recordCount: Int {
    answer.recordCount + authority.recordCount + additional.recordCount
  }
}

/// A section of a message: where it starts and how many records there are.
package struct ReplySection: Equatable, Sendable {
  /// The offset of the first record.
  package let offset: Int
  /// Whole records from there on.
  package let recordCount: Int

  /// A section of `recordCount` records from `offset` on.
  package init(offset: Int, recordCount: Int) {
    self.offset = max(0, offset)
    self.recordCount = max(0, recordCount)
  }
}
