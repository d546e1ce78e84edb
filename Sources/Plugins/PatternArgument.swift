import Corefile
import Patterns

extension Token {
  /// The argument as a regular expression (Go's syntax).
  func pattern() throws(Diagnostic) -> Pattern {
    do throws(Pattern.Problem) {
      return try Pattern(text)
    } catch {
      throw self.error(
        "found \(quotedForMessage(text)), expected a regular expression: \(error.description)")
    }
  }
}
