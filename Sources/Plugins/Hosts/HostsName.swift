import DNSWire

/// A name as hosts files have it: labels with dots between, perhaps one at the end.
enum HostsName {
  private static let dot = UInt8(ascii: ".")
  private static let backslash = UInt8(ascii: "\\")

  /// Reads a word of a line as a name, absolute with or without its last dot, and folds it; `false`
  /// when it is none: an empty or too long label, a name too long, the root, an escape.
  static func read(_ line: [UInt8], _ word: Range<Int>, into name: inout QueryName) -> Bool {
    let text = line.span.extracting(word)
    var wire = InlineArray<256, UInt8>(repeating: 0)
    // The octet at `labelStart` is to be the length of the label that ends before `end`.
    var (labelStart, end) = (0, 1)
    for index in 0..<text.count {
      let octet = text[index]
      guard end < WireLimits.nameOctetCountMax, octet != backslash else { return false }
      if octet == dot {
        guard end &- labelStart > 1 else { return false }
        wire[labelStart] = UInt8(truncatingIfNeeded: end &- labelStart &- 1)
        labelStart = end
      } else {
        wire[end] = octet
      }
      end &+= 1
    }
    if end &- labelStart > 1 {
      wire[labelStart] = UInt8(truncatingIfNeeded: end &- labelStart &- 1)
      end &+= 1
    }
    guard end > 2, end <= WireLimits.nameOctetCountMax else { return false }
    // Labels of more than 63 octets end here.
    return name.parse(wire.span.extracting(0..<end), at: 0) == end
  }

  /// Reads a name of a Corefile.
  static func read(_ text: String, into name: inout QueryName) -> Bool {
    let octets = Array(text.utf8)
    return read(octets, octets.indices, into: &name)
  }
}
