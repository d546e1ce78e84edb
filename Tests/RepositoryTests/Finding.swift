import Testing

/// A place where a house rule is broken.
struct Finding: Equatable, CustomStringConvertible {
  /// The file, relative to the root of the repository.
  let path: String
  /// The line, from 1; 0 is the file as a whole.
  let line: Int
  /// What is wrong there, and what would be right.
  let message: String

  /// A finding at a line, or of a whole file.
  init(_ path: String, _ line: Int = 0, _ message: String) {
    self.path = path
    self.line = line
    self.message = message
  }

  /// `path:line: message`, the form that editors and terminals turn into a link.
  var description: String {
    line > 0 ? "\(path):\(line): \(message)" : "\(path): \(message)"
  }
}

/// Fails with every finding on a line of its own, by path and line.
func expectNone(_ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation) {
  if findings.isEmpty { return }
  let lines = findings.sorted { ($0.path, $0.line) < ($1.path, $1.line) }.map(\.description)
  let text = (["\(lines.count) found:"] + lines).joined(separator: "\n")
  Issue.record(Comment(rawValue: text), sourceLocation: sourceLocation)
}
