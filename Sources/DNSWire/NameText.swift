/// A name in presentation format (RFC 1035 §5.1) in lower case, with its final dot: what patterns
/// and parts of names are compared with. Inline, so that looking at a name allocates nothing.
package struct NameText: ~Copyable {
  /// The text; the first `count` octets are valid. A name of 255 octets has at most 254, each of
  /// which takes at most four here.
  private var octets = InlineArray<1_024, UInt8>(repeating: 0)
  /// Octets of the text; 0 before a name was written.
  package private(set) var count = 0

  /// No text.
  package init() {}

  /// Becomes the text of a query's name.
  package mutating func write(_ name: borrowing QueryName) {
    count = 0
    let octetCount = name.octetCount
    var index = 0
    while index < octetCount &- 1 {
      let end = index &+ 1 &+ Int(name.octets[index & 0xFF])
      index &+= 1
      while index < end {
        append(name.octets[index & 0xFF])
        index &+= 1
      }
      push(Self.dot)
    }
    if count == 0 { push(Self.dot) }
  }

  /// Becomes the text of `name`.
  package mutating func write(_ name: DomainName) {
    count = 0
    let wire = name.wire.span
    var index = 0
    while index < wire.count &- 1 {
      let end = min(wire.count, index &+ 1 &+ Int(wire[index]))
      index &+= 1
      while index < end {
        append(DomainName.folded(wire[index]))
        index &+= 1
      }
      push(Self.dot)
    }
    if count == 0 { push(Self.dot) }
  }

  // What follows is `mutating` without a change: a structure of this size that is lent to another
  // module would be copied for every call.

  /// Whether the octets of `range` stand at `start` of the text.
  package mutating func holds(
    _ octets: borrowing Span<UInt8>, _ range: Range<Int>, at start: Int
  ) -> Bool {
    guard start >= 0, range.count <= count &- start, range.upperBound <= octets.count else {
      return false
    }
    var index = start
    for other in range {
      guard self.octets[index & 0x3FF] == octets[other] else { return false }
      index &+= 1
    }
    return true
  }

  /// Where the octets of `range` stand for the first time from `start` on; `nil` for nothing.
  package mutating func firstPlace(
    of octets: borrowing Span<UInt8>, _ range: Range<Int>, from start: Int
  ) -> Int? {
    guard !range.isEmpty else { return nil }
    var index = max(0, start)
    while index <= count &- range.count {
      if holds(octets, range, at: index) { return index }
      index &+= 1
    }
    return nil
  }

  /// The octets of a part.
  package mutating func part(_ range: Range<Int>) -> [UInt8] {
    let range = range.clamped(to: 0..<count)
    var result: [UInt8] = []
    result.reserveCapacity(range.count)
    for index in range { result.append(octets[index & 0x3FF]) }
    return result
  }

  /// Lends the text.
  package mutating func withText<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    body(octets.span.extracting(0..<count))
  }

  private static var dot: UInt8 { 0x2E }

  /// Appends an octet of a label: as it is, behind a `\`, or as `\DDD`.
  private mutating func append(_ octet: UInt8) {
    switch octet {
    case 0x61...0x7A, 0x2D, 0x30...0x39, 0x5F:
      push(octet)
    // Space, " ' ( ) . ; @ and \: those that CoreDNS's library escapes.
    case 0x20, 0x22, 0x27, 0x28, 0x29, 0x2E, 0x3B, 0x40, 0x5C:
      push(0x5C)
      push(octet)
    case 0x21...0x7E:
      push(octet)
    default:
      push(0x5C)
      push(0x30 &+ octet / 100)
      push(0x30 &+ octet / 10 % 10)
      push(0x30 &+ octet % 10)
    }
  }

  private mutating func push(_ octet: UInt8) {
    octets[count & 0x3FF] = octet
    count = min(count &+ 1, 0x3FF)
  }
}
