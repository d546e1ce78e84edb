/// Recognizes selector text, token by token; no recursion, one pass.
struct LabelSelectorParser {
  private let text: [UInt8]
  private var position = 0

  /// A parser at the start of `text`.
  init(_ text: String) {
    self.text = Array(text.utf8)
  }

  /// All requirements up to the end of the text; none for blank text.
  mutating func requirements() throws(SelectorProblem) -> [LabelRequirement] {
    var found: [LabelRequirement] = []
    skipBlanks()
    if isAtEnd { return found }
    while true {
      found.append(try requirement())
      skipBlanks()
      if isAtEnd { return found }
      guard take(",") else { throw problem("',' or the end") }
    }
  }

  // MARK: - Requirements

  private mutating func requirement() throws(SelectorProblem) -> LabelRequirement {
    skipBlanks()
    if take("!") {
      return LabelRequirement(key: try key("a label key after '!'"), condition: .absent)
    }
    let key = try key("a label key or '!'")
    return LabelRequirement(key: key, condition: try condition())
  }

  private mutating func condition() throws(SelectorProblem) -> LabelRequirement.Condition {
    skipBlanks()
    if isAtEnd || peek(",") { return .exists }
    if take("=") {
      _ = take("=")
      return .oneOf([try exactValue()])
    }
    if take("!") {
      guard take("=") else { throw problem("'=' after '!'") }
      return .noneOf([try exactValue()])
    }
    if take(">") { return .above(try integer()) }
    if take("<") { return .below(try integer()) }
    let start = position
    switch word() {
    case "in": return .oneOf(try valueList())
    case "notin": return .noneOf(try valueList())
    default:
      position = start
      throw problem("one of '=', '==', '!=', 'in', 'notin', '>', '<', ',' or the end")
    }
  }

  private mutating func valueList() throws(SelectorProblem) -> Set<String> {
    skipBlanks()
    guard take("(") else { throw problem("'('") }
    var values: Set<String> = []
    while true {
      values.insert(try value())
      skipBlanks()
      if take(")") { return values }
      guard take(",") else { throw problem("',' or ')'") }
    }
  }

  private mutating func exactValue() throws(SelectorProblem) -> String {
    let value = try value()
    skipBlanks()
    guard isAtEnd || peek(",") else { throw problem("',' or the end") }
    return value
  }

  // MARK: - Keys and values

  private mutating func key(_ expectation: String) throws(SelectorProblem) -> String {
    skipBlanks()
    let start = position
    let key = word()
    guard !key.isEmpty, key != "in", key != "notin", LabelText.isKey(key) else {
      position = start
      throw problem(
        key.isEmpty ? expectation : "a label key ([prefix/]name, the name 63 octets at most)")
    }
    return key
  }

  /// A value, which may be empty.
  private mutating func value() throws(SelectorProblem) -> String {
    skipBlanks()
    let start = position
    let value = word()
    guard LabelText.isValue(value) else {
      position = start
      throw problem("a label value (63 octets at most of letters, digits, '-', '_' and '.')")
    }
    return value
  }

  private mutating func integer() throws(SelectorProblem) -> Int64 {
    skipBlanks()
    let start = position
    guard let value = Int64(try value()) else {
      position = start
      throw problem("an integer")
    }
    return value
  }

  // MARK: - Tokens

  private var isAtEnd: Bool { position >= text.count }

  private func peek(_ character: Unicode.Scalar) -> Bool {
    position < text.count && text[position] == UInt8(ascii: character)
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek(character) else { return false }
    position += 1
    return true
  }

  private mutating func skipBlanks() {
    while position < text.count, Self.isBlank(text[position]) { position += 1 }
  }

  /// Everything up to the next blank, symbol or end.
  private mutating func word() -> String {
    let start = position
    while position < text.count, !Self.isBlank(text[position]), !Self.isSymbol(text[position]) {
      position += 1
    }
    return String(decoding: text[start..<position], as: UTF8.self)
  }

  private static func isBlank(_ octet: UInt8) -> Bool {
    octet == 0x20 || octet == 0x09 || octet == 0x0A || octet == 0x0D
  }

  private static func isSymbol(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "("), UInt8(ascii: ")"),
      UInt8(ascii: ","), UInt8(ascii: ">"), UInt8(ascii: "<"):
      true
    default: false
    }
  }

  private func problem(_ expectation: String) -> SelectorProblem {
    SelectorProblem(offset: position, expectation: expectation)
  }
}

/// What label keys and values may look like (Kubernetes "Labels and Selectors", syntax).
enum LabelText {
  /// The longest name part of a key and the longest value, in octets.
  static let octetCountMax = 63

  /// Whether `text` is `[prefix/]name` with a DNS subdomain as prefix.
  static func isKey(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    switch parts.count {
    case 1: return !text.isEmpty && isValue(text)
    case 2: return ObjectName.isSubdomain(parts[0]) && !parts[1].isEmpty && isValue(parts[1])
    default: return false
    }
  }

  /// Whether `text` is empty, or starts and ends with a letter or digit with `-`, `_` and `.`
  /// between.
  static func isValue(_ text: some StringProtocol) -> Bool {
    let octets = Array(text.utf8)
    guard let first = octets.first, let last = octets.last else { return true }
    return octets.count <= octetCountMax && isLetterOrDigit(first) && isLetterOrDigit(last)
      && octets.allSatisfy {
        isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
          || $0 == UInt8(ascii: ".")
      }
  }

  private static func isLetterOrDigit(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
