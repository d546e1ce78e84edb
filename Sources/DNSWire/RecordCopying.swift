/// What is to be done with the names in RDATA while records are copied.
protocol RecordNameVisitor: ~Copyable {
  /// Called for `name`, which stands at `offset` of the message in the RDATA of `record`, before it
  /// is written; it may be replaced. `false` leaves the record out.
  mutating func visit(
    _ name: inout WireName, at offset: Int, isFirst: Bool, _ message: borrowing Span<UInt8>,
    _ record: RecordHeader
  ) -> Bool
}

extension SuffixTable {
  /// Appends all of a record that follows its owner; names in RDATA are decompressed and, where
  /// that is allowed, compressed anew. The result is where RDATA starts in the reply, `nil` when it
  /// does not have the form of its type or the visitor leaves the record out. `scratch` holds one
  /// name at a time.
  mutating func appendBody(
    _ message: borrowing Span<UInt8>, _ record: RecordHeader, ttl: UInt32,
    scratch: inout WireName, visitor: inout some RecordNameVisitor & ~Copyable,
    to reply: inout ReplyWriter
  ) -> Int? {
    reply.append16(record.type.rawValue)
    reply.append16(record.classCode)
    reply.append32(ttl)
    let lengthOffset = reply.count
    reply.append16(0)
    let start = reply.count
    guard appendData(message, record, &scratch, &visitor, &reply) else { return nil }
    // Of a record that does not fit, the length may not be there: it must not patch what is before.
    if !reply.overflowed {
      reply.patch16(UInt16(truncatingIfNeeded: reply.count &- start), at: lengthOffset)
    }
    return start
  }

  private mutating func appendData(
    _ message: borrowing Span<UInt8>, _ record: RecordHeader, _ scratch: inout WireName,
    _ visitor: inout some RecordNameVisitor & ~Copyable, _ reply: inout ReplyWriter
  ) -> Bool {
    let range = record.dataRange
    guard let layout = RecordDataLayout(record.type) else {
      reply.append(message.extracting(range))
      return true
    }
    guard var index = layout.namesStart(message, range) else { return false }
    reply.append(message.extracting(range.lowerBound..<index))
    for number in 0..<layout.nameCount {
      guard let end = scratch.read(message, at: index), end <= range.upperBound,
        visitor.visit(&scratch, at: index, isFirst: number == 0, message, record)
      else { return false }
      // The records of an MX set may change places once they are written, which moves their names.
      append(
        scratch, to: &reply, compresses: layout.isCompressible, remembers: record.type != .mx)
      index = end
    }
    guard index &+ layout.suffixOctetCount == range.upperBound else { return false }
    reply.append(message.extracting(index..<range.upperBound))
    return true
  }
}
