import Corefile
import DNSWire

/// Reads one rule from the words of a directive: those of its line, or those of its block, whose
/// lines have no meaning.
struct RewriteReader {
  /// What is rewritten.
  enum Field: String, CaseIterable {
    case name, type, `class`, ttl, rcode, cname, edns0
  }

  /// Doubts.
  var warnings: [Diagnostic] = []
  private let directive: Directive
  private let words: [Token]
  private var index = 0

  /// The words of `directive`.
  init(_ directive: Directive) throws(Diagnostic) {
    self.directive = directive
    var words = directive.arguments
    if let first = directive.options?.first {
      guard words.count < 2 else {
        throw first.error(
          "found \(quotedForMessage(first.name.text)) in a block, but the rule stands on the line "
            + "already; a rewrite has one rule")
      }
    }
    for option in directive.options ?? [] {
      try option.requireNoOptions()
      words += [option.name] + option.arguments
    }
    self.words = words
  }

  /// The rule that the words say.
  mutating func rule() throws(Diagnostic) -> RewriteRule {
    var stops = true
    if let mode = peek()?.foldedText, mode == "stop" || mode == "continue" {
      stops = mode == "stop"
      index += 1
    }
    let fields = Field.allCases.map(\.rawValue)
    let word = try next("a rule: one of \(fields.joined(separator: ", "))")
    guard word.foldedText != "answer" else {
      throw word.error("found answer, expected a name rule before it")
    }
    guard let field = Field(rawValue: try word.keyword(ofAnyCase: fields)) else {
      throw word.error("found \(quotedForMessage(word.text)), expected a rule")
    }
    let rule =
      switch field {
      case .name: try nameRule(stops: stops)
      case .type: try typeRule(stops: stops)
      case .class: try classRule(stops: stops)
      case .ttl: try ttlRule(stops: stops)
      case .rcode: try codeRule(stops: stops)
      case .cname: try aliasRule(stops: stops)
      case .edns0: try optionRule(stops: stops)
      }
    if let extra = peek() {
      throw extra.error(
        "found \(quotedForMessage(extra.text)), expected the end of the rule; a rewrite has one "
          + "rule")
    }
    return rule
  }

  // MARK: - Words

  /// Words that are left.
  var restCount: Int { words.count - index }

  /// The next word, to be read again.
  func peek() -> Token? { index < words.count ? words[index] : nil }

  /// The next word, which is to be `expected`.
  mutating func next(_ expected: String) throws(Diagnostic) -> Token {
    guard let word = peek() else {
      guard let last = words.last else {
        throw directive.error("found no arguments, expected \(expected)")
      }
      throw last.error("found nothing after \(quotedForMessage(last.text)), expected \(expected)")
    }
    index += 1
    return word
  }

  /// The last word, if it is `text`; it is not read again.
  mutating func takesLast(_ text: String) -> Bool {
    guard index < words.count, words[words.count - 1].text == text else { return false }
    self = RewriteReader(copying: self, words: Array(words.dropLast()))
    return true
  }

  private init(copying other: RewriteReader, words: [Token]) {
    warnings = other.warnings
    directive = other.directive
    index = other.index
    self.words = words
  }

  /// Notes a doubt.
  mutating func warn(_ word: Token, _ message: String) {
    warnings.append(Diagnostic(.warning, at: word.position, message))
  }
}

extension Token {
  /// The text in lower case, as names are compared.
  var foldedText: String {
    String(decoding: text.utf8.map(DomainName.folded), as: UTF8.self)
  }

  /// One of `words`, which are in lower case, written in any case.
  func keyword(ofAnyCase words: [String]) throws(Diagnostic) -> String {
    var word = self
    word.text = foldedText
    return try word.keyword(among: words)
  }
}
