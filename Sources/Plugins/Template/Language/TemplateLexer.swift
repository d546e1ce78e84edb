/// Splits the text of a template into tokens, as Go's text/template does: `{{` to `}}` are actions,
/// `{{- ` and ` -}}` trim the white space beside them, `{{/* */}}` is a comment.
struct TemplateLexer {
  private typealias Kind = TemplateToken.Kind

  private let octets: [UInt8]
  private var index = 0
  private var tokens: [TemplateToken] = []

  private init(_ octets: [UInt8]) { self.octets = octets }

  /// The tokens of `text`, `.end` last.
  static func tokens(of text: String) throws(TemplateProblem) -> [TemplateToken] {
    var lexer = TemplateLexer(Array(text.utf8))
    try lexer.run()
    return lexer.tokens
  }

  private mutating func run() throws(TemplateProblem) {
    var trimsStart = false
    while true {
      let start = index
      let open = find("{{", from: start)
      var text = octets[start..<(open ?? octets.count)]
      if trimsStart { text = text.drop(while: Self.isSpace) }
      guard let open else {
        add(.text(Array(text)), at: start)
        add(.end, at: octets.count)
        return
      }
      index = open + 2
      let trimsEnd = peek() == UInt8(ascii: "-") && Self.isSpace(peek(1))
      if trimsEnd {
        index += 1
        while let last = text.last, Self.isSpace(last) { text.removeLast() }
      }
      if !text.isEmpty { add(.text(Array(text)), at: start) }
      // A comment follows at once, or after the white space of the trim mark.
      let comment = trimsEnd ? index + 1 : index
      if octets[min(comment, octets.count)...].starts(with: "/*".utf8) {
        trimsStart = try skipComment(from: comment, open)
      } else {
        add(.open, at: open)
        trimsStart = try action(from: open)
      }
    }
  }

  /// Goes behind the comment; whether its end trims what follows.
  private mutating func skipComment(from start: Int, _ open: Int) throws(TemplateProblem) -> Bool {
    guard let end = find("*/", from: start + 2) else {
      throw TemplateProblem("unclosed comment", at: open)
    }
    index = end + 2
    guard let trims = closing() else {
      throw TemplateProblem("comment ends before closing delimiter", at: index)
    }
    return trims
  }

  /// Goes behind `}}`, when it is here: whether it trims what follows, else `nil`.
  private mutating func closing() -> Bool? {
    let rest = octets[index...]
    if rest.starts(with: "}}".utf8) {
      index += 2
      return false
    }
    guard Self.isSpace(peek()), rest.dropFirst().starts(with: "-}}".utf8) else { return nil }
    index += 4
    return true
  }

  // MARK: - Actions

  /// The tokens up to `}}`; whether that trims what follows.
  private mutating func action(from open: Int) throws(TemplateProblem) -> Bool {
    while index < octets.count {
      let start = index
      if let trims = closing() {
        add(.close, at: start)
        return trims
      }
      let octet = octets[index]
      switch octet {
      case _ where Self.isSpace(octet):
        // The last one may belong to a trim mark.
        repeat { index += 1 } while Self.isSpace(peek())
        if octets[index...].starts(with: "-}}".utf8) { index -= 1 }
        add(.space, at: start)
      case UInt8(ascii: "("): single(.openGroup)
      case UInt8(ascii: ")"): single(.closeGroup)
      case UInt8(ascii: "|"): single(.pipe)
      case UInt8(ascii: ","): single(.comma)
      case UInt8(ascii: "="): single(.assign)
      case UInt8(ascii: ":"):
        guard peek(1) == UInt8(ascii: "=") else {
          throw TemplateProblem("found ':', expected ':='", at: start)
        }
        index += 2
        add(.declare, at: start)
      case UInt8(ascii: "\""): add(.string(try quoted()), at: start)
      case UInt8(ascii: "`"): add(.string(try raw()), at: start)
      case UInt8(ascii: "'"): add(.number(.int(try character())), at: start)
      default: try word()
      }
    }
    throw TemplateProblem("unclosed action", at: open)
  }

  private mutating func single(_ kind: TemplateToken.Kind) {
    add(kind, at: index)
    index += 1
  }

  /// A number, a field, a variable, or a name.
  private mutating func word() throws(TemplateProblem) {
    let start = index
    let octet = octets[index]
    let isSign = octet == UInt8(ascii: "+") || octet == UInt8(ascii: "-")
    let isPoint = octet == UInt8(ascii: ".")
    if Self.isDigit(octet) || ((isSign || isPoint) && Self.isDigit(peek(1)))
      || (isSign && peek(1) == UInt8(ascii: ".") && Self.isDigit(peek(2)))
    {
      let text = number()
      guard let value = TemplateNumber(text) else {
        throw TemplateProblem("bad number \"\(text)\"", at: start)
      }
      add(.number(value), at: start)
      return
    }
    guard isPoint || octet == UInt8(ascii: "$") || Self.isLetter(octet) else {
      throw TemplateProblem("unexpected character in an action", at: start)
    }
    index += 1
    while Self.isLetter(peek()) || Self.isDigit(peek()) { index += 1 }
    let name = String(decoding: octets[start..<index], as: UTF8.self)
    guard isWordEnd else { throw TemplateProblem("bad character after \"\(name)\"", at: index) }
    if isPoint {
      add(index == start + 1 ? .dot : .field(String(name.dropFirst())), at: start)
    } else {
      add(name.hasPrefix("$") ? .variable(name) : .word(name), at: start)
    }
  }

  private var isWordEnd: Bool {
    let next = peek()
    return index >= octets.count || Self.isSpace(next)
      || ".,|:=()".utf8.contains(next) || octets[index...].starts(with: "}}".utf8)
  }

  /// The octets that a number can have.
  private mutating func number() -> String {
    let start = index
    let isHexadecimal = octets[start...].drop { "+-".utf8.contains($0) }.starts(with: "0x".utf8)
    index += 1
    while index < octets.count {
      let octet = octets[index]
      let before = octets[index - 1] | 0x20
      let isSign = octet == UInt8(ascii: "+") || octet == UInt8(ascii: "-")
      let isExponent = before == UInt8(ascii: "e") && !isHexadecimal
      guard
        Self.isDigit(octet) || Self.isLetter(octet) || octet == UInt8(ascii: ".")
          || (isSign && isExponent)
      else { break }
      index += 1
    }
    return String(decoding: octets[start..<index], as: UTF8.self)
  }

  // MARK: - Quoted

  private mutating func quoted() throws(TemplateProblem) -> [UInt8] {
    let start = index
    index += 1
    var result: [UInt8] = []
    while index < octets.count, octets[index] != UInt8(ascii: "\n") {
      let octet = octets[index]
      index += 1
      switch octet {
      case UInt8(ascii: "\""): return result
      case UInt8(ascii: "\\"): result += try escape(quote: UInt8(ascii: "\"")).octets
      default: result.append(octet)
      }
    }
    throw TemplateProblem("unterminated quoted string", at: start)
  }

  private mutating func raw() throws(TemplateProblem) -> [UInt8] {
    let start = index + 1
    guard let end = find("`", from: start) else {
      throw TemplateProblem("unterminated raw quoted string", at: index)
    }
    index = end + 1
    return octets[start..<end].filter { $0 != UInt8(ascii: "\r") }
  }

  private mutating func character() throws(TemplateProblem) -> Int64 {
    let start = index
    index += 1
    var value: Int64?
    if peek() == UInt8(ascii: "\\") {
      index += 1
      value = try escape(quote: UInt8(ascii: "'")).value
    } else if let end = find("'", from: index) {
      let scalars = String(decoding: octets[index..<end], as: UTF8.self).unicodeScalars
      if let only = scalars.first, scalars.count == 1 { value = Int64(only.value) }
      index = end
    }
    guard let value, peek() == UInt8(ascii: "'") else {
      throw TemplateProblem("malformed character constant", at: start)
    }
    index += 1
    return value
  }

  /// What stands behind a backslash in Go's strings and characters.
  private mutating func escape(
    quote: UInt8
  ) throws(TemplateProblem) -> (octets: [UInt8], value: Int64) {
    let start = index
    let octet = peek()
    index += 1
    let simple: [UInt8: UInt8] = [
      UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
      UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11,
      UInt8(ascii: "\\"): UInt8(ascii: "\\"), quote: quote,
    ]
    if let value = simple[octet] { return ([value], Int64(value)) }
    let (digitCount, radix, isScalar): (Int, Int, Bool)
    switch octet {
    case UInt8(ascii: "x"): (digitCount, radix, isScalar) = (2, 16, false)
    case UInt8(ascii: "u"): (digitCount, radix, isScalar) = (4, 16, true)
    case UInt8(ascii: "U"): (digitCount, radix, isScalar) = (8, 16, true)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      (digitCount, radix, isScalar) = (3, 8, false)
      index -= 1
    default: throw TemplateProblem("unknown escape in a quoted text", at: start)
    }
    let end = min(index + digitCount, octets.count)
    let text = String(decoding: octets[index..<end], as: UTF8.self)
    guard text.utf8.count == digitCount, !text.hasPrefix("+"), !text.hasPrefix("-"),
      let value = UInt32(text, radix: radix)
    else { throw TemplateProblem("bad escape in a quoted text", at: start) }
    index = end
    if isScalar, let scalar = UnicodeScalar(value) {
      return (Array(String(Character(scalar)).utf8), Int64(value))
    }
    guard !isScalar, let only = UInt8(exactly: value) else {
      throw TemplateProblem("bad escape in a quoted text", at: start)
    }
    return ([only], Int64(only))
  }

  // MARK: - Octets

  private mutating func add(_ kind: TemplateToken.Kind, at offset: Int) {
    if case .text(let text) = kind, text.isEmpty { return }
    tokens.append(TemplateToken(kind: kind, offset: offset))
  }

  /// The octet here or further on; 0 behind the end.
  private func peek(_ distance: Int = 0) -> UInt8 {
    index + distance < octets.count ? octets[index + distance] : 0
  }

  /// Where `mark` is first, from `start` on.
  private func find(_ mark: String, from start: Int) -> Int? {
    let mark = Array(mark.utf8)
    var place = start
    while place <= octets.count - mark.count {
      if octets[place...].starts(with: mark) { return place }
      place += 1
    }
    return nil
  }

  private static func isSpace(_ octet: UInt8) -> Bool {
    octet == 0x20 || octet == 0x09 || octet == 0x0D || octet == 0x0A
  }

  private static func isDigit(_ octet: UInt8) -> Bool { octet &- 48 < 10 }

  /// Letters, the underscore, and octets of letters beyond ASCII.
  private static func isLetter(_ octet: UInt8) -> Bool {
    (octet | 0x20) &- 97 < 26 || octet == UInt8(ascii: "_") || octet >= 0x80
  }
}
