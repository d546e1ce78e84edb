/// A word of a record in presentation format (RFC 1035 §5.1): its octets, each with marks.
struct RecordWord: Equatable {
  /// Set in the units of octets that were escaped, or that come from the query and would be syntax.
  static let escaped: UInt16 = 0x200

  /// The octets with their marks.
  var units: [UInt16] = []
  /// Whether it was in quotes.
  var isQuoted = false

  /// The octets alone.
  var octets: [UInt8] { units.map { UInt8(truncatingIfNeeded: $0) } }

  /// The word as plain text, in capitals; `nil` in quotes or with an escape.
  var keyword: String? {
    guard !isQuoted, !units.contains(where: { $0 & Self.escaped != 0 }) else { return nil }
    return String(decoding: octets, as: UTF8.self).uppercased()
  }

  /// Whether it is the sign of RDATA in hexadecimal, `\#` (RFC 3597 §5).
  var isGenericSign: Bool {
    units == [UInt16(UInt8(ascii: "#")) | Self.escaped] && !isQuoted
  }
}

/// Splits the text of one record into words. What comes from the query is never syntax, but for
/// dots in names and whole escapes: no quote, blank, parenthesis, semicolon or line end of it ends
/// anything, and an escape that was cut in two is no record.
struct RecordWords {
  /// Words of one record.
  private static let countMax = 1_000
  /// Octets of most words.
  private static let usualOctetCount = 32

  private static let foreign = MarkedText.foreign
  private let units: [UInt16]
  private var index = 0
  private var depth = 0
  private var words: [RecordWord] = []

  private init(_ text: MarkedText) { units = text.units }

  /// The words of the first record of a text; none when there is no record.
  static func read(_ text: MarkedText) throws(RecordProblem) -> [RecordWord] {
    var reader = RecordWords(text)
    try reader.run()
    return reader.words
  }

  private mutating func run() throws(RecordProblem) {
    while index < units.count {
      guard words.count < Self.countMax else {
        throw RecordProblem("it has more than \(Self.countMax) words")
      }
      switch units[index] {
      case 0x20, 0x09, 0x0D:
        if words.isEmpty, depth == 0 { try skipBlankLine() } else { index += 1 }
      case 0x0A:
        index += 1
        if depth == 0, !words.isEmpty { return }
      case 0x3B:
        while index < units.count, units[index] != 0x0A { index += 1 }
      case 0x28:
        depth += 1
        index += 1
      case 0x29:
        guard depth > 0 else { throw RecordProblem("a ')' has no '('") }
        depth -= 1
        index += 1
      case 0x22: try quoted()
      default: try plain()
      }
    }
    guard depth == 0 else { throw RecordProblem("a '(' has no ')'") }
  }

  /// Goes behind white space at the start of a line, which only an empty line may have.
  private mutating func skipBlankLine() throws(RecordProblem) {
    while index < units.count {
      switch units[index] {
      case 0x20, 0x09, 0x0D: index += 1
      case 0x0A, 0x3B: return
      default: throw RecordProblem("it has no owner")
      }
    }
  }

  private mutating func plain() throws(RecordProblem) {
    var word = RecordWord()
    word.units.reserveCapacity(Self.usualOctetCount)
    scan: while index < units.count {
      switch units[index] {
      case 0x20, 0x09, 0x0D, 0x0A, 0x3B, 0x28, 0x29, 0x22: break scan
      default: word.units.append(try unit())
      }
    }
    words.append(word)
  }

  private mutating func quoted() throws(RecordProblem) {
    var word = RecordWord(isQuoted: true)
    index += 1
    while index < units.count {
      if units[index] == 0x22 {
        index += 1
        words.append(word)
        return
      }
      word.units.append(try unit())
    }
    throw RecordProblem("a quoted text has no end")
  }

  /// The octet here, with its marks; goes behind it.
  private mutating func unit() throws(RecordProblem) -> UInt16 {
    let unit = units[index]
    index += 1
    let (octet, mark) = (UInt8(truncatingIfNeeded: unit), unit & Self.foreign)
    guard octet == UInt8(ascii: "\\") else {
      guard octet >= 0x20 || octet == 0x09 || mark != 0 || octet == 0x0A else {
        throw RecordProblem("it has a control character")
      }
      return mark != 0 && Self.isSyntax(octet) ? unit | RecordWord.escaped : unit
    }
    // Both halves of an escape come from the same side.
    guard index < units.count, units[index] & Self.foreign == mark else {
      throw RecordProblem("an escape is cut")
    }
    let next = UInt8(truncatingIfNeeded: units[index])
    guard (48...57).contains(next) else {
      index += 1
      return UInt16(next) | mark | RecordWord.escaped
    }
    var value = 0
    for _ in 0..<3 {
      guard index < units.count, units[index] & Self.foreign == mark,
        (48...57).contains(units[index] & 0xFF)
      else { throw RecordProblem("an escape has not three digits") }
      value = value * 10 + Int(units[index] & 0xFF) - 48
      index += 1
    }
    guard let octet = UInt8(exactly: value) else {
      throw RecordProblem("an escape is above 255")
    }
    return UInt16(octet) | mark | RecordWord.escaped
  }

  /// Whether an octet means more than itself outside of quotes.
  private static func isSyntax(_ octet: UInt8) -> Bool {
    switch octet {
    case 0...0x20, 0x7F..., UInt8(ascii: "\""), UInt8(ascii: ";"), UInt8(ascii: "("),
      UInt8(ascii: ")"), UInt8(ascii: "@"), UInt8(ascii: "$"), UInt8(ascii: "#"):
      true
    default: false
    }
  }
}
