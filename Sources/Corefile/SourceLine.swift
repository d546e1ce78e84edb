/// A line of a file once its braces are known: words, and then perhaps a brace.
///
/// Either `closing` is set and nothing else, or `tokens` and `opening` say what is there.
struct SourceLine: Sendable {
  /// The words, without braces.
  var tokens: [Token] = []
  /// Where the `{` is that ends the line.
  var opening: SourcePosition?
  /// Where the `}` is that is alone on the line.
  var closing: SourcePosition?

  /// Where the line starts.
  var position: SourcePosition? { tokens.first?.position ?? opening ?? closing }

  /// Whether this line can only be the start of a server block: `{` at its end and, at its start,
  /// an unquoted word with `.`, `:` or `/`, which no directive's name has.
  var looksLikeServerBlock: Bool {
    guard opening != nil, let first = tokens.first, !first.isQuoted else { return false }
    return first.text.utf8.contains { $0 == 0x2E || $0 == 0x2F || $0 == 0x3A }
  }
}

// MARK: - Braces

/// Turns the words of physical lines into `SourceLine`s: `{` ends its line, `}` is alone.
struct LineBuilder {
  /// The lines made so far.
  private(set) var lines: [SourceLine] = []

  /// Adds the words of one physical line; at most one error a line.
  mutating func add(_ words: [Token], log: inout DiagnosticLog) {
    var current = SourceLine()
    var isReported = false
    func report(_ token: Token, _ message: String) {
      if !isReported { log.error(at: token.position, message) }
      isReported = true
    }
    for (index, word) in words.enumerated() {
      let next = index + 1 < words.count ? words[index + 1] : nil
      if word.isBrace("{") {
        append(opening: word.position, to: &current)
        if let next, !next.isBrace("}") || index + 2 < words.count {
          report(
            next, "found \(quotedForMessage(next.text)) after '{', expected the end of the line")
        }
      } else if word.isBrace("}") {
        if !current.tokens.isEmpty {
          report(word, "found '}' after other words, expected it on a line of its own")
          lines.append(current)
          current = SourceLine()
        }
        lines.append(SourceLine(closing: word.position))
        if let next {
          report(
            next, "found \(quotedForMessage(next.text)) after '}', expected the end of the line")
        }
      } else if next == nil, word.endsWithGluedBrace {
        let place = word.bracePosition
        report(
          Token(text: "{", position: place),
          "found '{' as part of \(quotedForMessage(word.text)), expected a space before it")
        var name = word
        name.text.unicodeScalars.removeLast()
        current.tokens.append(name)
        append(opening: place, to: &current)
      } else {
        current.tokens.append(word)
      }
    }
    if !current.tokens.isEmpty { lines.append(current) }
  }

  /// Ends `current` with a `{`; a `{` alone on its line belongs to the line before it.
  private mutating func append(opening: SourcePosition, to current: inout SourceLine) {
    if current.tokens.isEmpty, let last = lines.last, last.opening == nil, last.closing == nil {
      lines[lines.count - 1].opening = opening
    } else {
      current.opening = opening
      lines.append(current)
    }
    current = SourceLine()
  }
}

extension Token {
  /// Whether this is the unquoted brace `text`.
  fileprivate func isBrace(_ brace: String) -> Bool { !isQuoted && text == brace }

  /// Whether a `{` without a space before it ends the word, as in `example.org{`.
  fileprivate var endsWithGluedBrace: Bool {
    guard !isQuoted, text.hasSuffix("{"), text.utf8.count > 1 else { return false }
    return text.utf8.count { $0 == 0x7B } == 1
  }

  /// The position of the last character of an unquoted word.
  fileprivate var bracePosition: SourcePosition {
    var place = position
    place.column += text.unicodeScalars.count - 1
    return place
  }
}
