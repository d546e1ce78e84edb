/// A place in a Corefile or an imported file: what every diagnostic points at.
package struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
  /// The file's name as it was given or as the import resolved it.
  package var file: String
  /// The line, from 1.
  package var line: Int
  /// The column in characters (Unicode scalars), from 1; a tab is one character.
  package var column: Int

  /// A position; the start of the file when line and column are left out.
  package init(file: String, line: Int = 1, column: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`, the form that editors and terminals turn into a link.
  package var description: String { "\(file):\(line):\(column)" }
}
