/// How names lie in the RDATA of the types whose names a sender may have compressed: those that
/// RFC 1035 defines and those that RFC 3597 §4 has receivers decompress. All other RDATA is opaque.
struct RecordDataLayout: Equatable, Sendable {
  /// Octets before everything else: preferences, priorities, flags.
  let prefixOctetCount: Int
  /// Character strings after them (RFC 1035 §3.3); NAPTR has three.
  let stringCount: Int
  /// Names after the strings.
  let nameCount: Int
  /// Octets after the names: the numbers of SOA.
  let suffixOctetCount: Int
  /// The names may go out compressed (RFC 3597 §4: only types that RFC 1035 defines).
  let isCompressible: Bool

  private init(
    prefix: Int = 0, strings: Int = 0, names: Int = 1, suffix: Int = 0, isCompressible: Bool
  ) {
    prefixOctetCount = prefix
    stringCount = strings
    nameCount = names
    suffixOctetCount = suffix
    self.isCompressible = isCompressible
  }

  /// The layout of a type; `nil` when its RDATA is opaque.
  init?(_ type: RRType) {
    switch type.rawValue {
    // NS, MD, MF, CNAME, MB, MG, MR, PTR.
    case 2, 3, 4, 5, 7, 8, 9, 12: self.init(isCompressible: true)
    // SOA.
    case 6: self.init(names: 2, suffix: 20, isCompressible: true)
    // MINFO.
    case 14: self.init(names: 2, isCompressible: true)
    // MX.
    case 15: self.init(prefix: 2, isCompressible: true)
    // RP.
    case 17: self.init(names: 2, isCompressible: false)
    // AFSDB, RT, KX.
    case 18, 21, 36: self.init(prefix: 2, isCompressible: false)
    // PX.
    case 26: self.init(prefix: 2, names: 2, isCompressible: false)
    // SRV.
    case 33: self.init(prefix: 6, isCompressible: false)
    // NAPTR.
    case 35: self.init(prefix: 4, strings: 3, isCompressible: false)
    // DNAME.
    case 39: self.init(isCompressible: false)
    default: return nil
    }
  }

  /// The offset where the names of the RDATA in `range` start; `nil` when it ends before them.
  func namesStart(_ message: borrowing Span<UInt8>, _ range: Range<Int>) -> Int? {
    var index = range.lowerBound &+ prefixOctetCount
    for _ in 0..<stringCount {
      guard index < range.upperBound, index < message.count else { return nil }
      index &+= 1 &+ Int(message[index])
    }
    return index <= range.upperBound ? index : nil
  }
}

/// Whether RDATA has the form of its type: addresses their length, embedded names whole and all of
/// it ending exactly at RDLENGTH (CVE-2026-10822 class). Opaque RDATA always has.
func isDataWellFormed(
  _ message: borrowing Span<UInt8>, _ record: RecordHeader, _ budget: inout PointerBudget
) -> Bool {
  let range = record.dataRange
  if record.classCode == RRClass.internet.rawValue {
    if record.type == .a { return range.count == 4 }
    if record.type == .aaaa { return range.count == 16 }
  }
  guard let layout = RecordDataLayout(record.type) else { return true }
  guard var index = layout.namesStart(message, range) else { return false }
  for _ in 0..<layout.nameCount {
    guard
      case .end(let next) = walkName(message, at: index, before: range.upperBound, &budget)
    else { return false }
    index = next
  }
  return index &+ layout.suffixOctetCount == range.upperBound
}
