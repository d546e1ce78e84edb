extension ReplyWriter {
  /// Appends encoded EDNS options (RFC 6891 §6.1.2), each whole or not at all: one that does not
  /// fit is left out. Stops where `options` is malformed.
  mutating func appendOptions(_ options: [UInt8]) {
    let octets = options.span
    var index = 0
    while let end = optionEnd(octets, at: index, before: octets.count) {
      let start = count
      append(octets.extracting(index..<end))
      if overflowed {
        count = start
        overflowed = false
      }
      index = end
    }
  }
}

/// The offset after the EDNS option at `start`; `nil` when it does not end at or before `limit`, or
/// when nothing is left there.
func optionEnd(_ octets: borrowing Span<UInt8>, at start: Int, before limit: Int) -> Int? {
  guard start >= 0, limit <= octets.count, start <= limit &- 4 else { return nil }
  let length = Int(octets.word16(start &+ 2))
  guard length <= limit &- start &- 4 else { return nil }
  return start &+ 4 &+ length
}
