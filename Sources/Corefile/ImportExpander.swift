/// Puts what `import` names in its place and replaces variables: lines in, lines out.
///
/// Works on a stack of its own, so the depth of imports is a number and not the thread's stack.
struct ImportExpander {
  private let files: any CorefileFiles
  private let substitution: Substitution
  /// What was found wrong so far.
  private(set) var log: DiagnosticLog
  private var stack: [Frame] = []
  private var output: [SourceLine] = []
  private var outputDepth = 0
  private var tokenCount = 0
  private var byteCount = 0
  private var readByteCount = 0
  private var importCount = 0
  private var snippets: [String: [SourceLine]] = [:]
  private var cache: [String: [SourceLine]] = [:]

  /// Whether a limit ended the work early; the lines are then not the whole text.
  private(set) var isExhausted = false

  /// Every file read, the first given first.
  private(set) var readFiles: [String] = []

  /// Lines being worked through: a file, a snippet, or the files a pattern matched.
  private struct Frame {
    /// The path, or `(name)` of a snippet; `nil` for a pattern's list of files.
    var identity: String?
    var lines: ArraySlice<SourceLine>
    var pendingFiles: ArraySlice<String> = []
    var arguments: [Token]
    /// The word of the `import` that led here.
    var importer: Token?
  }

  /// An expander that reads through `files`.
  init(environment: [String: String], files: any CorefileFiles, log: DiagnosticLog) {
    self.files = files
    self.log = log
    substitution = Substitution(environment: environment)
  }

  /// The lines of `text`, imports and variables replaced.
  mutating func expand(_ text: String, file: String) -> [SourceLine] {
    readFiles.append(file)
    readByteCount = text.utf8.count
    let lines = Lexer.lines(of: text, file: file, log: &log)
    stack.append(
      Frame(identity: CorefilePath.clean(file), lines: lines[...], arguments: []))
    while !isExhausted, let top = stack.indices.last {
      if let line = stack[top].lines.popFirst() {
        take(line, arguments: stack[top].arguments)
      } else if let path = stack[top].pendingFiles.popFirst() {
        pushFile(path, arguments: stack[top].arguments, importer: stack[top].importer)
      } else {
        stack.removeLast()
      }
    }
    return output
  }

  private mutating func take(_ line: SourceLine, arguments: [Token]) {
    if let first = line.tokens.first, !first.isQuoted {
      if first.text == "import" { return takeImport(line, arguments: arguments) }
      if outputDepth == 0, first.text.hasPrefix("(") { return takeSnippet(line, name: first) }
    }
    emit(line, arguments: arguments)
  }

  private mutating func emit(_ line: SourceLine, arguments: [Token]) {
    guard let words = replaced(line.tokens, arguments: arguments) else { return }
    var line = line
    line.tokens = words
    if line.opening != nil { outputDepth += 1 }
    if line.closing != nil, outputDepth > 0 { outputDepth -= 1 }
    output.append(line)
  }

  /// `tokens` with variables and arguments replaced; `nil` when all of them together are too much.
  private mutating func replaced(_ tokens: [Token], arguments: [Token]) -> [Token]? {
    var tokens = tokens
    for index in tokens.indices {
      tokens[index] = substitution.apply(to: tokens[index], arguments: arguments, log: &log)
      tokenCount += 1
      byteCount += tokens[index].text.utf8.count
      // Checked at every word: a line of references can be far larger than its text.
      guard tokenCount <= CorefileLimits.tokenCountMax,
        byteCount <= CorefileLimits.expandedByteCountMax
      else {
        exhaust(
          at: tokens[index].position,
          "found more than \(CorefileLimits.tokenCountMax) words or "
            + "\(CorefileLimits.expandedByteCountMax) octets after imports, expected fewer")
        return nil
      }
    }
    return tokens
  }

  private mutating func exhaust(at position: SourcePosition, _ message: String) {
    log.error(at: position, message)
    isExhausted = true
  }

  // MARK: - Snippets

  private mutating func takeSnippet(_ line: SourceLine, name: Token) {
    let text = name.text
    let isNamed = text.hasSuffix(")") && text.utf8.count > 2
    guard let opening = line.opening else {
      return log.error(
        at: name.position, "found \(quotedForMessage(text)), expected '(name) {' of a snippet")
    }
    let body = popBlock(opening: opening)
    if let extra = line.tokens.dropFirst().first {
      log.error(
        at: extra.position,
        "found \(quotedForMessage(extra.text)), expected '{' after the name of a snippet")
    } else if !isNamed {
      log.error(
        at: name.position, "found \(quotedForMessage(text)), expected a snippet's (name)")
    } else if snippets.updateValue(body, forKey: String(text.dropFirst().dropLast())) != nil {
      log.error(at: name.position, "found a second snippet \(text), expected one of that name")
    }
  }

  /// Takes the rest of a block off the top frame, without its closing brace.
  private mutating func popBlock(opening: SourcePosition) -> [SourceLine] {
    guard let top = stack.indices.last else { return [] }
    let lines = stack[top].lines
    var depth = 1
    for (offset, line) in lines.enumerated() {
      if line.opening != nil { depth += 1 }
      if line.closing != nil { depth -= 1 }
      if depth == 0 {
        stack[top].lines = lines.dropFirst(offset + 1)
        return Array(lines.prefix(offset))
      }
    }
    log.error(
      at: opening, "found the end of the file, expected '}' for the '{' that is opened here")
    // Not closed: what follows from the next server block on is still checked.
    let body = lines.prefix { !($0.looksLikeServerBlock && $0.position?.column == 1) }
    stack[top].lines = lines[body.endIndex...]
    return Array(body)
  }

  // MARK: - Imports

  private mutating func takeImport(_ line: SourceLine, arguments: [Token]) {
    guard let words = replaced(line.tokens, arguments: arguments), let keyword = words.first
    else { return }
    if let opening = line.opening {
      log.error(at: opening, "found '{', expected the end of the line: import has no block")
      _ = popBlock(opening: opening)
      return
    }
    guard let target = words.dropFirst().first, !target.text.isEmpty else {
      let found = words.count > 1 ? "an empty text" : "the end of the line"
      return log.error(
        at: words.count > 1 ? words[1].position : keyword.position,
        "found \(found) after import, expected a file, a pattern or the name of a snippet")
    }
    let passed = Array(words.dropFirst(2))
    if let snippet = snippets[target.text] {
      guard count(target), isAcyclic("(\(target.text))", target) else { return }
      stack.append(
        Frame(
          identity: "(\(target.text))", lines: snippet[...], arguments: passed, importer: target))
      return
    }
    let path = CorefilePath.resolve(target.text, from: target.position.file)
    var matches = [path]
    if CorefilePath.hasWildcard(path) {
      matches = files.glob(path).sorted()
      if matches.isEmpty {
        log.warning(at: target.position, "no file matches \(quotedForMessage(target.text))")
        // A pattern without matches is an import all the same, or it would cost nothing.
        _ = count(target)
      }
    }
    stack.append(
      Frame(
        identity: nil, lines: [], pendingFiles: matches[...], arguments: passed, importer: target))
  }

  private mutating func pushFile(_ path: String, arguments: [Token], importer: Token?) {
    guard let importer, count(importer), isAcyclic(path, importer) else { return }
    if cache[path] == nil {
      guard let text = read(path, importer) else { return }
      cache[path] = Lexer.lines(of: text, file: path, log: &log)
    }
    stack.append(
      Frame(
        identity: path, lines: cache[path, default: []][...], arguments: arguments,
        importer: importer))
  }

  private mutating func read(_ path: String, _ importer: Token) -> String? {
    do throws(FileProblem) {
      let text = try files.read(path)
      readFiles.append(path)
      readByteCount += text.utf8.count
      if readByteCount <= CorefileLimits.allFilesByteCountMax { return text }
      let limit = CorefileLimits.allFilesByteCountMax
      exhaust(at: importer.position, "found more than \(limit) octets in all files together")
    } catch {
      var message = "cannot read \(quotedForMessage(path)): \(error)"
      if error == .notFound, !importer.text.contains("/") {
        message += "; expected a file or a snippet defined before this line"
        let comparedSnippetCountMax = 256
        if snippets.count <= comparedSnippetCountMax,
          let near = nearestWord(to: importer.text, among: snippets.keys.sorted())
        {
          message += "; did you mean \(quotedForMessage(near))?"
        }
      }
      log.error(at: importer.position, message)
    }
    return nil
  }

  /// Counts an import; `false` when there are too many.
  private mutating func count(_ importer: Token) -> Bool {
    importCount += 1
    guard importCount <= CorefileLimits.importCountMax else {
      let limit = CorefileLimits.importCountMax
      exhaust(at: importer.position, "found more than \(limit) imports, expected fewer")
      return false
    }
    return true
  }

  /// Whether `identity` is not being imported already.
  private mutating func isAcyclic(_ identity: String, _ importer: Token) -> Bool {
    let path = stack.compactMap(\.identity)
    if let start = path.firstIndex(of: identity) {
      let cycle = (path[start...] + [identity]).joined(separator: " -> ")
      log.error(at: importer.position, "found an import that leads back to itself: \(cycle)")
      return false
    }
    guard path.count <= CorefileLimits.importDepthMax else {
      let limit = CorefileLimits.importDepthMax
      log.error(at: importer.position, "found more than \(limit) imports inside each other")
      return false
    }
    return true
  }
}
