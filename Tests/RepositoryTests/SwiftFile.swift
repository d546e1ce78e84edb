/// A Swift file: its text, its code alone and its declarations.
struct SwiftFile: Sendable {
  /// Relative to the root of the repository.
  let path: String
  /// All of it.
  let text: String
  /// Its lines without their ends; the first has number 1.
  let lines: [String]
  /// The lines with comments, strings and regular expressions blanked.
  let codeLines: [String]
  /// What it declares, locals left out, in order.
  let declarations: [Declaration]

  /// A file, from the disk or made up.
  init(path: String, text: String) {
    let file = TextFile(path: path, text: text)
    self.path = path
    self.text = text
    lines = file.lines
    let code = CodeMask.code(of: text)
    codeLines = TextFile(path: path, text: code).lines
    declarations = DeclarationScanner.declarations(of: SwiftToken.tokens(of: code))
  }

  /// Lines, the empty one behind the last line end left out.
  var lineCount: Int { text.hasSuffix("\n") ? lines.count - 1 : lines.count }

  /// The folder below `Sources` or `Tests` that it lies in: its target.
  var target: String {
    let parts = path.split(separator: "/")
    return parts.count > 2 ? String(parts[1]) : ""
  }

  /// The modules it imports, with lines.
  var imports: [(module: String, line: Int)] {
    declarations.filter { $0.keyword == "import" }.map { ($0.name, $0.line) }
  }
}
