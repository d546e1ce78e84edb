/// Base64 (RFC 4648 section 4).
package enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let pad = UInt8(ascii: "=")

  /// The octets that text stands for, line breaks and blanks left out; `nil` when it is none.
  package static func octets(of text: String) -> [UInt8]? {
    let digits = text.utf8.filter { $0 > 0x20 }
    let padCount = digits.reversed().prefix { $0 == pad }.count
    guard digits.count.isMultiple(of: 4), padCount <= 2 else { return nil }
    var octets: [UInt8] = []
    octets.reserveCapacity(digits.count / 4 * 3)
    var bits: UInt32 = 0
    var bitCount = 0
    for digit in digits.dropLast(padCount) {
      guard let value = value(digit) else { return nil }
      bits = bits << 6 & 0xFF_FFFF | value
      bitCount += 6
      guard bitCount >= 8 else { continue }
      bitCount -= 8
      octets.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
    }
    // Bits that are left over stand for nothing.
    return bits & ((1 << UInt32(bitCount)) - 1) == 0 ? octets : nil
  }

  /// Octets as text.
  package static func text(of octets: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    var rest = octets[...]
    while !rest.isEmpty {
      let group = Array(rest.prefix(3))
      let bits = (0..<3).reduce(UInt32(0)) {
        $0 << 8 | ($1 < group.count ? UInt32(group[$1]) : 0)
      }
      for index in 0..<4 {
        let digit = Int(bits >> UInt32(18 - index * 6) & 63)
        text.append(index <= group.count ? alphabet[digit] : pad)
      }
      rest = rest.dropFirst(3)
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func value(_ digit: UInt8) -> UInt32? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit) - 0x41
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit) - 0x61 + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit) - 0x30 + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
