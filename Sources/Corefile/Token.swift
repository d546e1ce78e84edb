/// A word of a Corefile: text between white space, or a quoted text.
package struct Token: Hashable, Sendable {
  /// The text without its quotes, `\"` read as `"`, variables replaced.
  package var text: String
  /// Where the word, or its opening quote, starts.
  package var position: SourcePosition
  /// Whether the word was in quotes; `"{"` is a text, `{` opens a block.
  package var isQuoted: Bool

  /// A token.
  package init(text: String, position: SourcePosition, isQuoted: Bool = false) {
    self.text = text
    self.position = position
    self.isQuoted = isQuoted
  }
}
