import DNSWire

/// Reads a record in presentation format, as a template makes it (RFC 1035 §5.1): one record, names
/// without a final dot relative to the root, TTL and class in either order, class IN, the TTL 3600
/// when it has none.
///
/// The usual types are read here, all others by libldns, with what comes from the query confined to
/// letters, digits and a few signs.
package enum RecordReader {
  /// CoreDNS's default, in seconds.
  private static let defaultTTL: UInt32 = 3_600
  /// RFC 2181 §8.
  private static let ttlMax: UInt32 = 0x7FFF_FFFF

  /// The record; `nil` when the text has none, as that of an `if` without `else` may.
  package static func read(_ text: MarkedText) throws(RecordProblem) -> ResourceRecord? {
    let words = try RecordWords.read(text)
    guard let owner = words.first else { return nil }
    return try read(words.dropFirst(), owner: try RecordData.name(owner))
  }

  /// The record whose text lacks nothing but its owner, which is the name asked for.
  static func read(behindOwner text: MarkedText) throws(RecordProblem) -> ResourceRecord? {
    // A name from a query ends at a blank; anything else would be a part of it.
    guard text.units.first == 0x20 || text.units.first == 0x09 else { return nil }
    return try read(MarkedText(units: MarkedText(".").units + text.units))
  }

  private static func read(
    _ words: ArraySlice<RecordWord>, owner: DomainName
  ) throws(RecordProblem) -> ResourceRecord {
    var words = words
    var ttl: UInt32?
    var hasClass = false
    while let word = words.popFirst() {
      guard let keyword = word.keyword else { throw RecordProblem("the type is missing") }
      if !hasClass, let classCode = RecordTypeNames.classCode(keyword) {
        guard classCode == .internet else { throw RecordProblem("the class is not IN") }
        hasClass = true
      } else if ttl == nil, let seconds = seconds(keyword) {
        guard seconds <= ttlMax else { throw RecordProblem("the TTL is above \(ttlMax)") }
        ttl = seconds
      } else if let type = RecordTypeNames.type(keyword) {
        let data = try RecordData.read(Array(words), type)
        return ResourceRecord(owner: owner, type: type, ttl: ttl ?? defaultTTL, data: data)
      } else {
        throw RecordProblem("found \(quoted(keyword)), expected a TTL, a class or a type")
      }
    }
    throw RecordProblem("the type is missing")
  }

  private static func quoted(_ text: String) -> String {
    let characterCountMax = 40
    return "\"\(text.prefix(characterCountMax))\""
  }

  /// Seconds as a number or with units: `3600`, `1h30m`.
  static func seconds(_ text: String) -> UInt32? {
    var (total, number): (UInt32, UInt32?) = (0, nil)
    for octet in text.utf8 {
      if (48...57).contains(octet) {
        let (tens, overflow) = (number ?? 0).multipliedReportingOverflow(by: 10)
        let (sum, overflow2) = tens.addingReportingOverflow(UInt32(octet - 48))
        guard !overflow, !overflow2 else { return nil }
        number = sum
        continue
      }
      guard let unit = unitSeconds(octet), let count = number else { return nil }
      let (part, overflow) = count.multipliedReportingOverflow(by: unit)
      let (sum, overflow2) = total.addingReportingOverflow(part)
      guard !overflow, !overflow2 else { return nil }
      (total, number) = (sum, nil)
    }
    let (sum, overflow) = total.addingReportingOverflow(number ?? 0)
    return overflow || text.isEmpty ? nil : sum
  }

  private static func unitSeconds(_ letter: UInt8) -> UInt32? {
    switch letter {
    case UInt8(ascii: "S"): 1
    case UInt8(ascii: "M"): 60
    case UInt8(ascii: "H"): 3_600
    case UInt8(ascii: "D"): 86_400
    case UInt8(ascii: "W"): 604_800
    default: nil
    }
  }
}
