import Corefile
import DNSWire
import Patterns

extension RewriteReader {
  private static let kinds = RewriteMatch.Kind.allCases.map(\.rawValue)

  // MARK: - Rules

  /// `name [KIND] FROM TO [answer ...]`.
  mutating func nameRule(stops: Bool) throws(Diagnostic) -> RewriteRule {
    let kind: RewriteMatch.Kind
    if restCount == 2 {
      kind = .exact
      if let word = peek(), Self.kinds.contains(word.foldedText) {
        warn(
          word,
          "\(quotedForMessage(word.text)) is read as a name here, since one word follows: a rule "
            + "of that kind has two")
      }
    } else {
      kind = try self.kind(ifMoreThan: 2, "two names")
    }
    let from = try next("the name to rewrite")
    let to = try next("the name that takes its place")
    let isWhole = kind == .exact || kind == .suffix || kind == .prefix || kind == .substring
    let rewriting = try rewriting(kind, from, to, areWhole: isWhole)
    if kind == .exact, DomainName(text: to.text) == nil {
      warn(to, "\(quotedForMessage(to.text)) is no name: queries for the other one get SERVFAIL")
    }
    let answers = try answerRules(kind, from: from, to: to)
    return RewriteRule(stops: stops, match: rewriting.match, action: .name(rewriting, answers))
  }

  /// `cname [KIND] FROM TO`.
  mutating func aliasRule(stops: Bool) throws(Diagnostic) -> RewriteRule {
    let kind = try kind(ifMoreThan: 2, "two names")
    let from = try next("the target to rewrite")
    let to = try next("the target that takes its place")
    let isWhole = kind == .exact || kind == .suffix
    let rewriting = try rewriting(kind, from, to, areWhole: isWhole)
    return RewriteRule(stops: stops, action: .alias(rewriting))
  }

  /// `[KIND] NAME` in front of `count` words more; no kind is `exact`.
  mutating func names(before count: Int, _ expected: String) throws(Diagnostic) -> RewriteMatch {
    let kind = try kind(ifMoreThan: count + 1, "a name and \(expected)")
    let name = try next("a name")
    return try match(kind, name, isWhole: true)
  }

  /// The kind of comparison, if more than `count` words are left.
  private mutating func kind(
    ifMoreThan count: Int, _ expected: String
  ) throws(Diagnostic) -> RewriteMatch.Kind {
    guard restCount > count, let word = peek() else { return .exact }
    let text = try word.keyword(ofAnyCase: Self.kinds)
    _ = try next(expected)
    return RewriteMatch.Kind(rawValue: text) ?? .exact
  }

  // MARK: - Answers

  /// `answer (auto | (name|value) FROM TO)`, any number of times; `answer` may be left out from the
  /// second one on.
  private mutating func answerRules(
    _ kind: RewriteMatch.Kind, from: Token, to: Token
  ) throws(Diagnostic) -> AnswerRewriting {
    var answers = AnswerRewriting(reverts: kind == .exact)
    var isFirst = true
    var auto: Token?
    var named: Token?
    while let word = peek() {
      if word.text == "answer" {
        _ = try next("answer")
      } else if isFirst {
        throw word.error("found \(quotedForMessage(word.text)), expected answer or the end")
      }
      isFirst = false
      let what = try next("auto, name or value after answer")
      let text = try what.keyword(among: ["auto", "name", "value"])
      // CoreDNS's manual has `answer name auto`; it means `answer auto`.
      let isAutoName = text == "name" && peek()?.text == "auto" && isAnswerAfterNext
      if text == "auto" || isAutoName {
        if isAutoName { _ = try next("auto") }
        auto = what
        continue
      }
      if text == "name" { named = what }
      let from = try next("a regular expression after \(text)")
      let to = try next("the name that takes the place of a match")
      answers.rules.append(
        .init(
          isForOwners: text == "name",
          rewriting: try rewriting(.regex, from, to, areWhole: true)))
    }
    guard let auto else { return answers }
    if named != nil { throw auto.error("found auto beside answer name, expected one of both") }
    return try addingAutomatic(kind, from, to, answers)
  }

  /// Whether what follows the next word begins another answer rule, or nothing does.
  private var isAnswerAfterNext: Bool {
    var rest = self
    guard (try? rest.next("")) != nil, let word = rest.peek() else { return true }
    return word.text == "answer"
  }

  /// What `auto` adds: for suffixes their exchange, and else the name and those below it.
  private func addingAutomatic(
    _ kind: RewriteMatch.Kind, _ from: Token, _ to: Token, _ answers: AnswerRewriting
  ) throws(Diagnostic) -> AnswerRewriting {
    var answers = answers
    guard kind == .suffix else {
      answers.reverts = true
      return answers
    }
    let back = try rewriting(.suffix, to, from, areWhole: true)
    answers.rules =
      [true, false].map { .init(isForOwners: $0, rewriting: back) } + answers.rules
    return answers
  }

  // MARK: - FROM and TO

  /// A rule that makes `to` of `from`. With `areWhole` both get a final dot, as in CoreDNS.
  private func rewriting(
    _ kind: RewriteMatch.Kind, _ from: Token, _ to: Token, areWhole: Bool
  ) throws(Diagnostic) -> NameRewriting {
    let match = try match(kind, from, isWhole: areWhole)
    let text = areWhole || kind == .regex ? Self.absolute(to.foldedText) : to.foldedText
    guard let pattern = match.pattern else {
      return NameRewriting(match: match, replacement: [.text(Array(text.utf8))])
    }
    let pieces = Self.pieces(text)
    for case .group(let number) in pieces where number > pattern.groupCount {
      throw to.error(
        "found {\(number)} in \(quotedForMessage(to.text)), but \(quotedForMessage(from.text)) has "
          + "\(pattern.groupCount) groups")
    }
    return NameRewriting(match: match, replacement: pieces)
  }

  private func match(
    _ kind: RewriteMatch.Kind, _ from: Token, isWhole: Bool
  ) throws(Diagnostic) -> RewriteMatch {
    if kind == .regex { return RewriteMatch(kind: kind, text: [], pattern: try from.pattern()) }
    guard !from.text.isEmpty else { throw from.error("found an empty text, expected a name") }
    let text = isWhole ? Self.absolute(from.foldedText) : from.foldedText
    return RewriteMatch(kind: kind, text: Array(text.utf8), pattern: nil)
  }

  /// `text` with a final dot that no `\` takes its meaning.
  private static func absolute(_ text: String) -> String {
    guard text.hasSuffix(".") else { return text + "." }
    let escapeCount = text.dropLast().reversed().prefix { $0 == "\\" }.count
    return escapeCount.isMultiple(of: 2) ? text : text + "."
  }

  /// The text of a replacement taken apart at `{0}`, `{1}` and so on; other braces are text.
  private static func pieces(_ text: String) -> [NameRewriting.Piece] {
    var pieces: [NameRewriting.Piece] = []
    var plain: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let octet = rest.popFirst() {
      if octet == UInt8(ascii: "{"), let end = rest.firstIndex(of: UInt8(ascii: "}")),
        rest.startIndex < end, end - rest.startIndex <= groupDigitCountMax,
        rest[..<end].allSatisfy({ (0x30...0x39).contains($0) }),
        let number = Int(String(decoding: rest[..<end], as: UTF8.self))
      {
        if !plain.isEmpty { pieces.append(.text(plain)) }
        plain = []
        pieces.append(.group(number))
        rest = rest[(end + 1)...]
      } else {
        plain.append(octet)
      }
    }
    return plain.isEmpty ? pieces : pieces + [.text(plain)]
  }

  /// Digits of a group's number.
  private static var groupDigitCountMax: Int { 3 }
}
