extension ReplyWriter {
  /// Takes whole records back from the end until the reply, OPT to come included, has at most
  /// `sizeMax` octets, and keeps what `finish` adds below that. Sets TC when a record of the answer
  /// or authority section goes, not for the additional section alone (RFC 2181 §9).
  package mutating func cut(sizeMax: Int, hasOPT: Bool) {
    let size = max(0, min(sizeMax, capacity))
    let room = max(recordsOffset, hasOPT ? size &- WireLimits.optOctetCount : size)
    if count > room {
      let (answers, authorities) = (answerCount, authorityCount)
      keepRecords(countMax: .max, below: room)
      if answerCount < answers || authorityCount < authorities { isTruncated = true }
    }
    limit = room
  }

  /// Takes all records behind the answer section back, so that more answers can be written.
  package mutating func removeAllButAnswer() {
    guard authorityCount != 0 || additionalCount != 0 else { return }
    keepRecords(countMax: Int(answerCount), below: count)
  }

  /// Takes back the record that was begun and not ended; nothing is counted, TC stays as it is.
  mutating func abandonRecord() {
    count = recordStart
    overflowed = false
  }

  /// Keeps the first records: at most `countMax`, and none that ends behind `end`.
  private mutating func keepRecords(countMax: Int, below end: Int) {
    let recordCount = min(
      countMax, Int(answerCount) &+ Int(authorityCount) &+ Int(additionalCount))
    let start = recordsOffset
    let kept = withOctets { octets in
      var kept = (count: 0, end: start)
      while kept.count < recordCount, let record = RecordHeader(octets, at: kept.end),
        record.end <= end
      {
        kept = (kept.count &+ 1, record.end)
      }
      return kept
    }
    count = kept.end
    let answers = min(Int(answerCount), kept.count)
    let authorities = min(Int(authorityCount), kept.count &- answers)
    answerCount = UInt16(truncatingIfNeeded: answers)
    authorityCount = UInt16(truncatingIfNeeded: authorities)
    additionalCount = UInt16(truncatingIfNeeded: kept.count &- answers &- authorities)
  }
}
