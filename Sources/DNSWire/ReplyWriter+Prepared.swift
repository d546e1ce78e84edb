extension ReplyWriter {
  /// Appends whole records that were written for a question of the same length before, so that
  /// their compression pointers hold, and counts them; nothing when they do not all fit.
  @inlinable package mutating func appendRecords(
    _ octets: borrowing Span<UInt8>, answers: UInt16, authorities: UInt16, additionals: UInt16
  ) {
    guard octets.count <= limit &- count else { return }
    append(octets)
    answerCount &+= answers
    authorityCount &+= authorities
    additionalCount &+= additionals
  }
}
