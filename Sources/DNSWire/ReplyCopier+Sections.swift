extension ReplyCopier {
  /// Copies SOA and NS and, with DNSSEC, DS, denials of existence and signatures of these. SOA, NS
  /// and DS must be those of a zone that the chain's last name is in: others say nothing about it.
  mutating func copyAuthority(
    _ message: borrowing Span<UInt8>, _ section: ReplySection, into reply: inout ReplyWriter
  ) {
    var offset = section.offset
    for _ in 0..<section.recordCount {
      guard let record = RecordHeader(message, at: offset) else { return }
      offset = record.end
      guard record.classCode == RRClass.internet.rawValue, isAuthority(message, record) else {
        continue
      }
      guard copy(message, record, .authority, into: &reply) != nil else { continue }
      if record.type == .soa, result.negativeTTL == nil {
        let minimum = message.word32(record.end &- 4)
        result.negativeTTL = min(Self.bounded(record.ttl), Self.bounded(minimum))
      }
    }
  }

  private mutating func isAuthority(
    _ message: borrowing Span<UInt8>, _ record: RecordHeader
  ) -> Bool {
    guard record.type != .rrsig || dnssecOK else { return false }
    switch coveredType(message, record) {
    case .soa, .ns:
      return scratch.read(message, at: record.ownerOffset) != nil && name.isAtOrBelow(scratch)
    case .ds:
      return dnssecOK && scratch.read(message, at: record.ownerOffset) != nil
        && name.isAtOrBelow(scratch)
    case .nsec, .nsec3: return dnssecOK
    default: return false
    }
  }

  /// Copies addresses of names that kept records point to and, with DNSSEC, their signatures.
  mutating func copyAdditional(
    _ message: borrowing Span<UInt8>, _ section: ReplySection, into reply: inout ReplyWriter
  ) {
    guard targets.count > 0 else { return }
    var offset = section.offset
    for _ in 0..<section.recordCount {
      guard let record = RecordHeader(message, at: offset) else { return }
      offset = record.end
      guard record.classCode == RRClass.internet.rawValue, record.type != .rrsig || dnssecOK else {
        continue
      }
      let covered = coveredType(message, record)
      guard covered == .a || covered == .aaaa, scratch.read(message, at: record.ownerOffset) != nil,
        targets.contains(scratch, message)
      else { continue }
      _ = copy(message, record, .additional, into: &reply)
    }
  }
}
