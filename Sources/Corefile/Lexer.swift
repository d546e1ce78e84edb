/// Splits the text of one file into lines of words, as Caddy's Corefile syntax does.
///
/// White space separates words. A word that starts with `"` goes to the next `"` that has no `\`
/// before it, over line ends too; no other escape exists, so regular expressions stay readable. `#`
/// at the start of a word starts a comment. `\` before a line end joins the next line.
struct Lexer {
  private let file: String
  private let scalars: String.UnicodeScalarView
  private var index: String.Index
  private var line = 1
  private var column = 1
  private var tokenCount = 0
  private var hasReportedNUL = false
  private var words: [Token] = []
  private var builder = LineBuilder()

  /// A lexer for the text of `file`.
  private init(_ text: String, file: String) {
    self.file = file
    scalars = text.unicodeScalars
    index = scalars.startIndex
  }

  /// The lines of `text`; what is wrong goes to `log`.
  static func lines(of text: String, file: String, log: inout DiagnosticLog) -> [SourceLine] {
    let limit = CorefileLimits.fileByteCountMax
    guard text.utf8.count <= limit else {
      let found = "found \(text.utf8.count) octets"
      log.error(at: SourcePosition(file: file), "\(found), expected at most \(limit) in a file")
      return []
    }
    var lexer = Lexer(text, file: file)
    lexer.run(log: &log)
    return lexer.builder.lines
  }

  private mutating func run(log: inout DiagnosticLog) {
    // A byte order mark is what some editors put before the text.
    if peek == "\u{FEFF}" { index = scalars.index(after: index) }
    while let scalar = peek {
      if scalar == "\n" {
        builder.add(words, log: &log)
        words.removeAll(keepingCapacity: true)
        advance()
      } else if scalar.properties.isWhitespace {
        advance()
      } else if scalar == "#" {
        skipComment()
      } else if isContinuation {
        skipContinuation()
      } else {
        guard tokenCount < CorefileLimits.tokenCountMax else {
          let limit = CorefileLimits.tokenCountMax
          log.error(at: position, "found more than \(limit) words, expected fewer in a file")
          break
        }
        tokenCount += 1
        let token = scalar == "\"" ? quoted(log: &log) : word(log: &log)
        words.append(token)
      }
    }
    builder.add(words, log: &log)
  }

  // MARK: - Cursor

  private var position: SourcePosition {
    SourcePosition(file: file, line: line, column: column)
  }

  private var peek: Unicode.Scalar? { index < scalars.endIndex ? scalars[index] : nil }

  private mutating func advance() {
    guard let scalar = peek else { return }
    index = scalars.index(after: index)
    if scalar == "\n" {
      line += 1
      column = 1
    } else {
      column += 1
    }
  }

  private mutating func skipComment() {
    while let scalar = peek, scalar != "\n" { advance() }
  }

  /// Whether a `\` is here with nothing but the line end after it.
  private var isContinuation: Bool {
    guard peek == "\\" else { return false }
    var rest = scalars[index...].dropFirst()
    if rest.first == "\r" { rest = rest.dropFirst() }
    return rest.first == "\n"
  }

  private mutating func skipContinuation() {
    while let scalar = peek, scalar != "\n" { advance() }
    advance()
  }

  // MARK: - Words

  private mutating func word(log: inout DiagnosticLog) -> Token {
    let start = position
    var text = String.UnicodeScalarView()
    while let scalar = peek, !scalar.properties.isWhitespace {
      if scalar == "\\", isContinuation { break }
      // A comment starts anywhere outside of quotes, as in CoreDNS.
      if scalar == "#" { break }
      append(scalar, to: &text, log: &log)
      advance()
    }
    return bounded(Token(text: String(text), position: start), log: &log)
  }

  private mutating func quoted(log: inout DiagnosticLog) -> Token {
    let start = position
    advance()
    let body = (index: index, line: line, column: column)
    var text = String.UnicodeScalarView()
    while let scalar = peek {
      advance()
      if scalar == "\"" {
        return bounded(Token(text: String(text), position: start, isQuoted: true), log: &log)
      }
      if scalar == "\\", let next = peek {
        if next != "\"" { text.append(scalar) }
        append(next, to: &text, log: &log)
        advance()
      } else if scalar == "\r", peek == "\n" {
        continue  // The same file with other line ends means the same.
      } else {
        append(scalar, to: &text, log: &log)
      }
    }
    log.error(at: start, "found the end of the file in a quoted text, expected '\"'")
    // Go on after the line of the quote, so that what follows is still checked.
    (index, line, column) = body
    text.removeAll()
    while let scalar = peek, scalar != "\n", scalar != "\r" {
      text.append(scalar)
      advance()
    }
    return Token(text: String(text), position: start, isQuoted: true)
  }

  private mutating func append(
    _ scalar: Unicode.Scalar, to text: inout String.UnicodeScalarView, log: inout DiagnosticLog
  ) {
    guard scalar.value != 0 else {
      if !hasReportedNUL { log.error(at: position, "found a NUL character, expected text") }
      hasReportedNUL = true
      return
    }
    text.append(scalar)
  }

  private func bounded(_ token: Token, log: inout DiagnosticLog) -> Token {
    let limit = CorefileLimits.tokenByteCountMax
    guard token.text.utf8.count > limit else { return token }
    let found = "found a word of \(token.text.utf8.count) octets"
    log.error(at: token.position, "\(found), expected at most \(limit)")
    return Token(text: "", position: token.position, isQuoted: true)
  }
}
