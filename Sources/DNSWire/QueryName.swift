/// The name of the question being answered: its octets folded to lower case, and where its labels
/// start. One lives in every worker and is overwritten by each query: no allocation.
///
/// The packet keeps the client's own case; answers copy the question from there (RFC 4343 §4.1).
@usableFromInline
package struct QueryName: ~Copyable {
  /// Folded wire octets; the first `octetCount` are valid. 256 = the limit of 255, rounded up.
  @usableFromInline package private(set) var octets = InlineArray<256, UInt8>(repeating: 0)
  /// The offset of each label's length octet, leftmost first; the first `labelCount` are valid.
  @usableFromInline package private(set) var labelOffsets = InlineArray<128, UInt8>(repeating: 0)
  /// Wire octets, the root's zero included: 1...255 after a successful parse.
  @usableFromInline package private(set) var octetCount = 0
  /// Labels, the root not counted: 0...127.
  @usableFromInline package private(set) var labelCount = 0

  /// An empty slot.
  package init() {}

  /// Reads the uncompressed name at `start` of `message`: the offset after it, or `nil` when it
  /// runs past the end, exceeds a limit, or holds a pointer or reserved label type. In the first
  /// question a pointer is always wrong: nothing before it can be a name (RFC 9267 §2).
  package mutating func parse(_ message: borrowing Span<UInt8>, at start: Int) -> Int? {
    var index = start
    var out = 0
    var labels = 0
    while index < message.count {
      let length = Int(message[index])
      octets[out & 0xFF] = UInt8(truncatingIfNeeded: length)
      if length == 0 {
        octetCount = out &+ 1
        labelCount = labels
        return index &+ 1
      }
      // One octet must stay for the root: 254 octets of labels at most.
      guard length <= 63, index &+ length < message.count, out &+ length < 254 else { return nil }
      labelOffsets[labels & 0x7F] = UInt8(truncatingIfNeeded: out)
      labels &+= 1
      out &+= 1
      index &+= 1
      let end = index &+ length
      while index < end {
        octets[out & 0xFF] = DomainName.folded(message[index])
        out &+= 1
        index &+= 1
      }
    }
    return nil
  }

  /// Becomes the same name as `other`.
  package mutating func copy(_ other: borrowing QueryName) {
    octets = other.octets
    labelOffsets = other.labelOffsets
    octetCount = other.octetCount
    labelCount = other.labelCount
  }

  /// The offset of label `index` from the left; of the root octet when `index` is the label count.
  @inlinable package func offset(ofLabel index: Int) -> Int {
    index >= 0 && index < labelCount ? Int(labelOffsets[index & 0x7F]) : max(octetCount &- 1, 0)
  }

  /// The octets of label `index` from the left, for the slow paths that build names; empty when
  /// there is no such label.
  package func label(_ index: Int) -> [UInt8] {
    guard index >= 0, index < labelCount else { return [] }
    let start = Int(labelOffsets[index])
    return (0..<Int(octets[start])).map { octets[(start + 1 + $0) & 0xFF] }
  }

  /// The whole name as an owned value; allocates.
  package var domainName: DomainName? {
    DomainName(wire: (0..<octetCount).map { octets[$0] })
  }
}
