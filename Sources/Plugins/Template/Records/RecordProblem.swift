/// Why a text is no record; a few words.
package struct RecordProblem: Error, Equatable, CustomStringConvertible {
  /// The words.
  package let description: String

  /// A problem with its words.
  init(_ description: String) { self.description = description }
}
