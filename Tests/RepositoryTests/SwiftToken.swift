/// A word or a mark of Swift code.
struct SwiftToken: Equatable {
  /// The word, the one mark, or an attribute with its `@` or `#`.
  let text: String
  /// The line, from 1.
  let line: Int

  /// Whether it is a word, a number or a name in backticks.
  var isWord: Bool { text.utf8.first.map(Self.isWordOctet) ?? false }

  /// The tokens of masked code.
  static func tokens(of code: String) -> [SwiftToken] {
    let octets = Array(code.utf8)
    var tokens: [SwiftToken] = []
    var line = 1
    var index = 0
    while index < octets.count {
      let start = index
      let first = octets[index]
      index += 1
      if first == UInt8(ascii: "\n") { line += 1 }
      if first == UInt8(ascii: " ") || first == UInt8(ascii: "\n") { continue }
      if isWordOctet(first) || first == UInt8(ascii: "@") || first == UInt8(ascii: "#") {
        while index < octets.count, isWordOctet(octets[index]) { index += 1 }
      }
      tokens.append(
        SwiftToken(text: String(decoding: octets[start..<index], as: UTF8.self), line: line))
    }
    return tokens
  }

  private static func isWordOctet(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }
}
