/// A name taken out of a message: decompressed, its case kept, inline, so that copying records
/// allocates nothing. Empty (no octets at all) until something was read.
struct WireName: ~Copyable {
  /// Wire octets; the first `octetCount` are valid. 256 = the limit of 255, rounded up.
  private(set) var octets = InlineArray<256, UInt8>(repeating: 0)
  /// The offset of each label's length octet, leftmost first; the first `labelCount` are valid.
  private(set) var labelOffsets = InlineArray<128, UInt8>(repeating: 0)
  /// Wire octets, the root's zero included: 1...255 after a successful read.
  private(set) var octetCount = 0
  /// Labels, the root not counted: 0...127.
  private(set) var labelCount = 0

  /// Reads the name at `start`, pointers followed under the rules of `walkName`, but for its
  /// budget: the offset after what stands at `start`, or `nil`, and the name is then empty, when it
  /// is malformed.
  mutating func read(_ message: borrowing Span<UInt8>, at start: Int) -> Int? {
    (octetCount, labelCount) = (0, 0)
    var (index, runStart) = (start, start)
    var (out, labels, hopCount) = (0, 0, 0)
    var readEnd: Int?
    while index >= 0, index < message.count {
      let octet = message[index]
      switch octet & 0xC0 {
      case 0x00:
        let end = index &+ 1 &+ Int(octet)
        guard end <= message.count, out &+ end &- index <= WireLimits.nameOctetCountMax else {
          return nil
        }
        if octet != 0 { labelOffsets[labels & 0x7F] = UInt8(truncatingIfNeeded: out) }
        while index < end {
          octets[out & 0xFF] = message[index]
          out &+= 1
          index &+= 1
        }
        if octet == 0 {
          (octetCount, labelCount) = (out, labels)
          return readEnd ?? end
        }
        labels &+= 1
      case 0xC0:
        guard index &+ 1 < message.count else { return nil }
        let target = Int(message.word16(index) & 0x3FFF)
        guard target >= WireLimits.headerOctetCount, target < runStart,
          hopCount < WireLimits.pointerHopCountMax
        else { return nil }
        if readEnd == nil { readEnd = index &+ 2 }
        (index, runStart) = (target, target)
        hopCount &+= 1
      default:
        return nil
      }
    }
    return nil
  }

  /// Reads what stands in a reply; see `read(_:at:)`.
  mutating func read(_ reply: borrowing ReplyWriter, at start: Int) -> Int? {
    reply.withOctets { octets in read(octets, at: start) }
  }

  /// Becomes the same name as `other`.
  mutating func copy(_ other: borrowing WireName) {
    octets = other.octets
    labelOffsets = other.labelOffsets
    octetCount = other.octetCount
    labelCount = other.labelCount
  }

  /// The offset of label `index` from the left; of the root octet when there is no such label.
  func offset(ofLabel index: Int) -> Int {
    index >= 0 && index < labelCount ? Int(labelOffsets[index & 0x7F]) : max(octetCount &- 1, 0)
  }
}

// MARK: - Comparison

extension WireName {
  /// Whether the name at `start` of `message` is this one from label `first` on. Compares octet by
  /// octet on the way, so most names cost one.
  func matches(
    _ message: borrowing Span<UInt8>, at start: Int, fromLabel first: Int = 0,
    ignoringCase: Bool = true
  ) -> Bool {
    guard octetCount > 0 else { return false }
    var (index, runStart) = (start, start)
    var own = offset(ofLabel: first)
    var hopCount = 0
    while index >= 0, index < message.count, own < octetCount {
      let octet = message[index]
      if octet & 0xC0 == 0xC0 {
        let target = Int(message.word16(index) & 0x3FFF)
        guard target < runStart, hopCount < WireLimits.pointerHopCountMax else { return false }
        (index, runStart) = (target, target)
        hopCount &+= 1
        continue
      }
      let end = index &+ 1 &+ Int(octet)
      guard octet == octets[own & 0xFF], end <= message.count else { return false }
      if octet == 0 { return true }
      while index < end {
        let (one, two) = (message[index], octets[own & 0xFF])
        if one != two {
          guard ignoringCase, DomainName.folded(one) == DomainName.folded(two) else {
            return false
          }
        }
        index &+= 1
        own &+= 1
      }
    }
    return false
  }

  /// Whether this name, from label `first` on, is `other`, case ignored.
  func matches(_ other: borrowing WireName, fromLabel first: Int = 0) -> Bool {
    let start = offset(ofLabel: first)
    guard octetCount > 0, octetCount &- start == other.octetCount else { return false }
    for index in 0..<other.octetCount
    where DomainName.folded(octets[(start &+ index) & 0xFF])
      != DomainName.folded(other.octets[index & 0xFF])
    {
      return false
    }
    return true
  }

  /// Whether this name is `ancestor` or below it, label by label, case ignored.
  func isAtOrBelow(_ ancestor: borrowing WireName) -> Bool {
    labelCount >= ancestor.labelCount
      && matches(ancestor, fromLabel: labelCount &- ancestor.labelCount)
  }

  /// Whether this name is `name` with its end `ancestor` replaced by `target`: what a DNAME record
  /// makes of a name below its owner (RFC 6672 §2.2).
  func isSubstitution(
    of name: borrowing WireName, below ancestor: borrowing WireName,
    target: borrowing WireName
  ) -> Bool {
    guard name.labelCount > ancestor.labelCount, name.isAtOrBelow(ancestor),
      labelCount >= target.labelCount, isAtOrBelow(target)
    else { return false }
    let prefixOctetCount = name.octetCount &- ancestor.octetCount
    guard octetCount == prefixOctetCount &+ target.octetCount else { return false }
    for index in 0..<prefixOctetCount
    where DomainName.folded(octets[index & 0xFF]) != DomainName.folded(name.octets[index & 0xFF]) {
      return false
    }
    return true
  }

  /// A hash of the folded octets that nobody outside of the process can foresee.
  var secretHash: UInt32 {
    var hasher = Hasher()
    var word: UInt64 = 0
    for index in 0..<octetCount {
      word = word << 8 | UInt64(DomainName.folded(octets[index & 0xFF]))
      if index & 7 == 7 { hasher.combine(word) }
    }
    hasher.combine(word)
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }

  /// A hash of the folded octets (FNV-1a).
  var foldedHash: UInt32 {
    var hash: UInt32 = 2_166_136_261
    for index in 0..<octetCount {
      hash = (hash ^ UInt32(DomainName.folded(octets[index & 0xFF]))) &* 16_777_619
    }
    return hash
  }
}
