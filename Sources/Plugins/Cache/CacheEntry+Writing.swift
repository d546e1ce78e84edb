import DNSWire
import PluginChain

extension CacheEntry {
  /// Writes the reply as it was kept, TTL fields as they stand now.
  ///
  /// Copied in one go when it fits the client; else as many whole records as do: a record of answer
  /// or authority that does not fit sets TC, one of the additional section ends the reply
  /// (RFC 2181 §9).
  func write(to exchange: inout Exchange) {
    exchange.reply.clear()
    exchange.reply.isAuthoritative = isAuthoritative
    // AD is for those who understand it (RFC 6840 §5.8).
    exchange.reply.isAuthentic =
      isAuthentic
      && (bits & CacheKey.wantsSignatures != 0
        || exchange.header.flags & HeaderFlag.authenticData != 0)
    exchange.reply.recursionAvailable = recursionAvailable
    exchange.reply.responseCode = ResponseCode(rawValue: responseCode)
    exchange.aliasTarget = 0
    let shift = Int((UInt64(exchange.rotation) &* UInt64(runCount)) >> 32)
    if octets.count &- recordsStart <= exchange.reply.limit &- exchange.reply.count {
      writeWhole(to: &exchange.reply, shift: shift)
    } else {
      writeFitting(to: &exchange.reply, shift: shift)
    }
    if aliasTarget != 0, !exchange.reply.isTruncated {
      exchange.aliasTarget = exchange.reply.recordsOffset &+ Int(aliasTarget)
    }
    if let errorCode, let error = ExtendedError(rawValue: errorCode) {
      exchange.extendedError = (error, "a failure that is remembered")
    }
  }

  /// Copies all records; the run starts at its record number `shift`.
  private func writeWhole(to reply: inout ReplyWriter, shift: Int) {
    let data = octets.span
    let start = recordsStart
    let end = data.count
    guard shift > 0 else {
      return append(data.extracting(start..<end), to: &reply, counts: true)
    }
    let first = Int(runFirst)
    let runStart = recordEnd(first &- 1)
    let pivot = recordEnd(first &+ shift &- 1)
    let runEnd = recordEnd(first &+ Int(runCount) &- 1)
    append(data.extracting(start..<runStart), to: &reply, counts: true)
    append(data.extracting(pivot..<runEnd), to: &reply, counts: false)
    append(data.extracting(runStart..<pivot), to: &reply, counts: false)
    append(data.extracting(runEnd..<end), to: &reply, counts: false)
  }

  private func append(
    _ records: borrowing Span<UInt8>, to reply: inout ReplyWriter, counts: Bool
  ) {
    reply.appendRecords(
      records, answers: counts ? answerCount : 0, authorities: counts ? authorityCount : 0,
      additionals: counts ? additionalCount : 0)
  }

  /// Copies records one by one until one does not fit.
  private func writeFitting(to reply: inout ReplyWriter, shift: Int) {
    let data = octets.span
    let run = Int(runFirst)..<(Int(runFirst) &+ Int(runCount))
    for place in 0..<recordCount {
      var index = place
      if run.contains(place) {
        index &+= shift
        if index >= run.upperBound { index &-= run.count }
      }
      let section: ReplyWriter.Section =
        place < Int(answerCount)
        ? .answer
        : place < Int(answerCount) &+ Int(authorityCount) ? .authority : .additional
      reply.beginRecord()
      reply.append(data.extracting(recordEnd(index &- 1)..<recordEnd(index)))
      guard reply.endRecord(section) else { return }
    }
  }
}
