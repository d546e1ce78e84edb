extension ReplyWriter {
  /// Starts the reply anew behind another question: records are gone, flags and code stay, and so
  /// does the space for records.
  package mutating func replaceQuestion(_ question: borrowing Span<UInt8>) {
    let old = self
    reset(sizeMax: capacity, hasOPT: false)
    limit = old.limit
    isTruncated = old.isTruncated
    isAuthoritative = old.isAuthoritative
    recursionAvailable = old.recursionAvailable
    isAuthentic = old.isAuthentic
    responseCode = old.responseCode
    appendQuestion(question)
  }

  /// The octets of the question; empty without one.
  package var question: [UInt8] {
    let end = recordsOffset
    return withOctets { octets in
      guard end > WireLimits.headerOctetCount, end <= octets.count else { return [] }
      return (WireLimits.headerOctetCount..<end).map { octets[$0] }
    }
  }

  /// Writes another type and class into the question; the records stay.
  package mutating func patchQuestion(_ type: RRType, _ classCode: RRClass) {
    guard recordsOffset >= WireLimits.headerOctetCount &+ 5 else { return }
    patch16(type.rawValue, at: recordsOffset &- 4)
    patch16(classCode.rawValue, at: recordsOffset &- 2)
  }

  /// Writes other TTLs into all records.
  package mutating func patchTTLs(_ change: (UInt32) -> UInt32) {
    var offset = recordsOffset
    for _ in 0..<(Int(answerCount) &+ Int(authorityCount) &+ Int(additionalCount)) {
      let here = offset
      guard let record = withOctets({ octets in RecordHeader(octets, at: here) }) else { return }
      let ttl = change(record.ttl)
      let place = record.dataRange.lowerBound &- 6
      patch16(UInt16(truncatingIfNeeded: ttl >> 16), at: place)
      patch16(UInt16(truncatingIfNeeded: ttl), at: place &+ 2)
      offset = record.end
    }
  }
}
