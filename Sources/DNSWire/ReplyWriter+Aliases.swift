/// An alias in the answer section of a reply.
package struct ReplyAlias: Sendable {
  /// The target.
  package let target: DomainName
  fileprivate let record: RecordHeader
  fileprivate let number: UInt16
}

extension ReplyWriter {
  /// The aliases of the answer section, in order, at most `aliasCountMax`.
  package func aliases() -> [ReplyAlias] {
    let (start, recordCount) = (recordsOffset, answerCount)
    return withOctets { octets in
      var aliases: [ReplyAlias] = []
      var offset = start
      for number in 0..<recordCount {
        guard aliases.count < CopyLimits.aliasCountMax,
          let record = RecordHeader(octets, at: offset)
        else { break }
        offset = record.end
        guard record.type == .cname,
          let target = readName(octets, at: record.dataRange.lowerBound)
        else { continue }
        aliases.append(ReplyAlias(target: target, record: record, number: number))
      }
      return aliases
    }
  }

  /// Lets an alias of this reply lead to `target`. What stood behind it is taken back: it was about
  /// the old one. Where the new target stands; `nil` when it did not fit, TC is set then.
  package mutating func redirect(_ alias: ReplyAlias, to target: DomainName) -> Int? {
    let place = alias.record.dataRange.lowerBound
    guard place <= count else { return nil }
    recordStart = alias.record.ownerOffset
    overflowed = false
    count = place
    append(target.wire.span)
    if !overflowed {
      patch16(UInt16(truncatingIfNeeded: target.wire.count), at: place &- 2)
    }
    answerCount = alias.number
    authorityCount = 0
    additionalCount = 0
    return endRecord(.answer) ? place : nil
  }
}
