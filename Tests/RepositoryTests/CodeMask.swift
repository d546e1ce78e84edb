/// Blanks what is not code in Swift text: comments, the contents of string literals and of regular
/// expressions. Lines stay where they are; code inside `\( )` stays; names in backticks become `_`.
struct CodeMask {
  private enum Mode {
    /// Inside `\( )`, with so many parentheses open.
    case interpolation(openCount: Int)
    /// Inside a string with so many `#` around its quotes.
    case string(hashCount: Int, isMultiline: Bool)
  }

  private let source: [UInt8]
  private var result: [UInt8] = []
  private var index = 0
  private var modes: [Mode] = []
  private var lastCode: UInt8 = 0

  /// The code of `text`, of the same number of octets.
  static func code(of text: String) -> String {
    var mask = CodeMask(source: Array(text.utf8))
    while mask.index < mask.source.count {
      if case .string(let hashCount, let isMultiline) = mask.modes.last {
        mask.stepInString(hashCount, isMultiline)
      } else {
        mask.stepInCode()
      }
    }
    return String(decoding: mask.result, as: UTF8.self)
  }

  private init(source: [UInt8]) { self.source = source }

  // MARK: - Code

  private mutating func stepInCode() {
    if startsWith("//") { return blankToLineEnd() }
    if startsWith("/*") { return blankBlockComment() }
    switch source[index] {
    case UInt8(ascii: "`"): maskRawIdentifier()
    case UInt8(ascii: "\""), UInt8(ascii: "#"): stepAtDelimiter()
    case UInt8(ascii: "/"):
      if let end = endOfRegex() { blank(upTo: end) } else { keep() }
    case UInt8(ascii: "("):
      if case .interpolation(let count) = modes.last { replaceTop(openCount: count + 1) }
      keep()
    case UInt8(ascii: ")"):
      if case .interpolation(let count) = modes.last {
        if count == 0 { modes.removeLast() } else { replaceTop(openCount: count - 1) }
      }
      keep()
    default: keep()
    }
  }

  private mutating func replaceTop(openCount: Int) {
    modes[modes.count - 1] = .interpolation(openCount: openCount)
  }

  /// At a quote or a `#`: a string, a regular expression between `#/` and `/#`, or neither.
  private mutating func stepAtDelimiter() {
    let hashCount = source[index...].prefix { $0 == UInt8(ascii: "#") }.count
    let hashes = String(repeating: "#", count: hashCount)
    if startsWith(hashes + "/"), hashCount > 0 {
      index += hashCount + 1
      result += Array(repeating: UInt8(ascii: " "), count: hashCount + 1)
      while index < source.count, !startsWith("/" + hashes) { blank() }
      return blank(upTo: min(index + hashCount + 1, source.count))
    }
    guard startsWith(hashes + "\"") else { return keep() }
    let isMultiline = startsWith(hashes + "\"\"\"")
    keep(count: hashCount + (isMultiline ? 3 : 1))
    modes.append(.string(hashCount: hashCount, isMultiline: isMultiline))
  }

  /// Where a `/regular expression/` that begins here ends; nil when the slash is an operator.
  private func endOfRegex() -> Int? {
    let next = index + 1 < source.count ? source[index + 1] : UInt8(ascii: " ")
    let mayPrecede = Array("(,=:[{!&|?;\n".utf8) + [0]
    guard mayPrecede.contains(lastCode), next != UInt8(ascii: " ") else { return nil }
    var at = index + 1
    while at < source.count, source[at] != UInt8(ascii: "\n") {
      if source[at] == UInt8(ascii: "/") { return at + 1 }
      at += source[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  private mutating func maskRawIdentifier() {
    let start = index
    index += 1
    while index < source.count, source[index] != UInt8(ascii: "`") { index += 1 }
    index = min(index + 1, source.count)
    result += Array(repeating: UInt8(ascii: "_"), count: index - start)
    lastCode = UInt8(ascii: "_")
  }

  // MARK: - Comments

  private mutating func blankToLineEnd() {
    while index < source.count, source[index] != UInt8(ascii: "\n") { blank() }
  }

  private mutating func blankBlockComment() {
    var depth = 0
    repeat {
      if startsWith("/*") {
        depth += 1
        blank()
      } else if startsWith("*/") {
        depth -= 1
        blank()
      }
      blank()
    } while index < source.count && depth > 0
  }

  // MARK: - Strings

  private mutating func stepInString(_ hashCount: Int, _ isMultiline: Bool) {
    let hashes = String(repeating: "#", count: hashCount)
    if startsWith("\\" + hashes + "(") {
      blank(upTo: index + 1 + hashCount)
      keep()
      modes.append(.interpolation(openCount: 0))
    } else if startsWith("\\" + hashes) {
      blank(upTo: min(index + 2 + hashCount, source.count))
    } else if startsWith((isMultiline ? "\"\"\"" : "\"") + hashes) {
      keep(count: (isMultiline ? 3 : 1) + hashCount)
      modes.removeLast()
    } else {
      // A string on one line cannot go on: what follows is not Swift.
      if source[index] == UInt8(ascii: "\n"), !isMultiline { modes.removeLast() }
      blank()
    }
  }

  // MARK: - Octets

  private func startsWith(_ text: String) -> Bool { source[index...].starts(with: text.utf8) }

  private mutating func keep(count: Int = 1) {
    for _ in 0..<count where index < source.count {
      let octet = source[index]
      if octet != UInt8(ascii: " ") { lastCode = octet }
      result.append(octet)
      index += 1
    }
  }

  private mutating func blank() {
    guard index < source.count else { return }
    result.append(source[index] == UInt8(ascii: "\n") ? source[index] : UInt8(ascii: " "))
    index += 1
  }

  private mutating func blank(upTo end: Int) {
    while index < end { blank() }
  }
}
