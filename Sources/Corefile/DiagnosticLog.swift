/// Collects the diagnostics of one parse: no duplicates, a bounded number, in the text's order.
struct DiagnosticLog {
  private var entries: [Diagnostic] = []
  private var seen: Set<Diagnostic> = []
  private var errorPositions: Set<SourcePosition> = []
  private var isFull = false

  /// Whether an error (not only a warning) was added.
  private(set) var hasErrors = false

  /// Adds an error.
  mutating func error(at position: SourcePosition, _ message: String) {
    add(Diagnostic(.error, at: position, message))
  }

  /// Adds an error that only follows from what was reported at the same place, if anything was.
  mutating func errorUnlessReported(at position: SourcePosition, _ message: String) {
    if !errorPositions.contains(position) { error(at: position, message) }
  }

  /// Adds a warning.
  mutating func warning(at position: SourcePosition, _ message: String) {
    add(Diagnostic(.warning, at: position, message))
  }

  /// Adds a diagnostic unless the same is there (a snippet imported twice has its errors once)
  /// or `CorefileLimits.diagnosticCountMax` is reached.
  mutating func add(_ diagnostic: Diagnostic) {
    if diagnostic.severity == .error { hasErrors = true }
    guard entries.count < CorefileLimits.diagnosticCountMax else {
      isFull = true
      return
    }
    guard seen.insert(diagnostic).inserted else { return }
    if diagnostic.severity == .error { errorPositions.insert(diagnostic.position) }
    entries.append(diagnostic)
  }

  /// All diagnostics: by file in the order of `files`, then by line and column.
  func sorted(files: [String]) -> [Diagnostic] {
    var rank: [String: Int] = [:]
    for (index, file) in files.enumerated() where rank[file] == nil { rank[file] = index }
    func key(_ diagnostic: Diagnostic) -> (Int, Int, Int) {
      let position = diagnostic.position
      return (rank[position.file] ?? files.count, position.line, position.column)
    }
    var result = entries.enumerated().sorted { left, right in
      let (leftKey, rightKey) = (key(left.element), key(right.element))
      return leftKey == rightKey ? left.offset < right.offset : leftKey < rightKey
    }.map(\.element)
    if isFull, let last = result.last {
      let limit = CorefileLimits.diagnosticCountMax
      result.append(
        Diagnostic(at: last.position, "more than \(limit) diagnostics; the rest is left out"))
    }
    return result
  }
}
