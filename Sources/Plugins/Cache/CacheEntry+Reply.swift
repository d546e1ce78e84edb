import DNSWire
import PluginChain

/// What a reply says about how to keep it: one walk over its records.
package struct ReplyDigest {
  /// The least TTL of all records, in seconds; the largest number without records.
  package private(set) var ttl = UInt32.max
  /// MINIMUM of the SOA in authority; `nil` without one.
  package private(set) var negativeTTL: UInt32?
  /// The answer has a record of QTYPE.
  package private(set) var hasAnswer = false
  /// The last run of records of QTYPE in the answer, when it may be rotated: by record number.
  private(set) var run = 0..<0

  /// Walks over the records of `exchange`'s reply; `nil` when they are not what the counts say.
  package init?(_ exchange: borrowing Exchange) {
    let reply = exchange.reply
    let type = exchange.type
    guard let digest = reply.withOctets({ Self($0, reply, type) }) else { return nil }
    self = digest
  }

  private init?(_ message: borrowing Span<UInt8>, _ reply: ReplyWriter, _ type: RRType) {
    let answers = Int(reply.answerCount)
    let authorities = answers &+ Int(reply.authorityCount)
    let isRotated = type == .a || type == .aaaa || type == .mx
    var offset = reply.recordsOffset
    for index in 0..<(authorities &+ Int(reply.additionalCount)) {
      guard let record = RecordHeader(message, at: offset) else { return nil }
      offset = record.end
      // RFC 2181 §8: with the top bit set a TTL is 0.
      ttl = min(ttl, record.ttl > 0x7FFF_FFFF ? 0 : record.ttl)
      if index < answers, record.type == type {
        hasAnswer = true
        if isRotated { run = (run.upperBound == index ? run.lowerBound : index)..<(index &+ 1) }
      } else if index >= answers, index < authorities, record.type == .soa,
        record.dataRange.count >= 22
      {
        // MINIMUM is the last number of RDATA (RFC 1035 §3.3.13).
        negativeTTL = negativeTTL ?? message.word32(record.end &- 4)
      }
    }
    guard offset == message.count else { return nil }
    if run.count < 2 { run = 0..<0 }
  }
}

extension CacheEntry {
  /// The reply of `exchange`, to be kept for `nanoseconds` from now under `key`; `nil` when its
  /// records are not what the counts say, or it would take more than `octetCountMax`.
  init?(
    _ exchange: borrowing Exchange, _ digest: ReplyDigest, _ kind: Kind, _ key: CacheKey,
    nanoseconds: UInt64, octetCountMax: Int
  ) {
    let reply = exchange.reply
    let records =
      Int(reply.answerCount) &+ Int(reply.authorityCount) &+ Int(reply.additionalCount)
    let total =
      exchange.name.octetCount &+ 2 &* records &+ reply.count &- reply.recordsOffset
    guard Self.overheadOctetCount &+ total <= octetCountMax,
      let nameCount = UInt8(exactly: exchange.name.octetCount)
    else { return nil }
    let name = exchange.name.octets
    octets = reply.withOctets { message in
      [UInt8](capacity: total) { output in
        for index in 0..<Int(nameCount) { output.append(name[index]) }
        Self.append(message, reply.recordsOffset, recordCount: records, to: &output)
      }
    }
    guard octets.count == total else { return nil }
    storedAt = exchange.now
    expiresAt = exchange.now &+ nanoseconds
    tag = key.tag
    ttl = UInt32(clamping: nanoseconds / 1_000_000_000)
    // The fields differ still: `show` sets all of them.
    shownTTL = .max
    type = key.type
    bits = key.bits
    responseCode = reply.responseCode.rawValue
    answerCount = reply.answerCount
    authorityCount = reply.authorityCount
    additionalCount = reply.additionalCount
    runFirst = UInt16(truncatingIfNeeded: digest.run.lowerBound)
    runCount = UInt16(truncatingIfNeeded: digest.run.count)
    let target = exchange.aliasTarget &- reply.recordsOffset
    aliasTarget = exchange.aliasTarget == 0 ? 0 : UInt16(clamping: target)
    errorCode = kind == .failure ? exchange.extendedError?.code.rawValue : nil
    self.nameCount = nameCount
    self.kind = kind
    isAuthoritative = reply.isAuthoritative
    recursionAvailable = reply.recursionAvailable
    isAuthentic = reply.isAuthentic
    show(ttl: ttl)
  }

  /// Appends the offset of each record's TTL, then the records; nothing when they are malformed.
  private static func append(
    _ message: borrowing Span<UInt8>, _ start: Int, recordCount: Int,
    to output: inout OutputSpan<UInt8>
  ) {
    var offset = start
    for _ in 0..<recordCount {
      guard let record = RecordHeader(message, at: offset) else { return }
      let field = record.dataRange.lowerBound &- 6 &- start
      output.append(UInt8(truncatingIfNeeded: field >> 8))
      output.append(UInt8(truncatingIfNeeded: field))
      offset = record.end
    }
    for index in start..<message.count { output.append(message[index]) }
  }
}
