/// The first Extended DNS Error (RFC 8914 §2) among encoded EDNS options.
package struct ExtendedErrorOption: Sendable {
  /// INFO-CODE.
  package let code: UInt16
  /// Where EXTRA-TEXT stands in the octets; any octets, whatever the sender meant.
  package let text: Range<Int>

  /// The first one in `range` of `octets`; `nil` when there is none. Total over any octets.
  package init?(_ octets: borrowing Span<UInt8>, in range: Range<Int>) {
    let limit = min(range.upperBound, octets.count)
    var offset = max(0, range.lowerBound)
    while offset <= limit &- 4 {
      let end = offset &+ 4 &+ Int(octets.word16(offset &+ 2))
      guard end <= limit else { return nil }
      if octets.word16(offset) == 15, end >= offset &+ 6 {
        code = octets.word16(offset &+ 4)
        text = (offset &+ 6)..<end
        return
      }
      offset = end
    }
    return nil
  }
}
