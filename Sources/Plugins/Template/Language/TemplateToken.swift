/// A piece of a template: text between actions, or a word of an action.
struct TemplateToken {
  /// What it is.
  enum Kind: Equatable {
    /// Text between actions, white space trimmed.
    case text([UInt8])
    /// `{{`.
    case open
    /// `}}`.
    case close
    /// A keyword, a function, `true`, `false` or `nil`.
    case word(String)
    /// `.Name`, without the dot.
    case field(String)
    /// `$` or `$name`, with the dollar sign.
    case variable(String)
    /// `.` alone.
    case dot
    /// A number.
    case number(TemplateNumber)
    /// A quoted text, decoded.
    case string([UInt8])
    /// `|`.
    case pipe
    /// `=`.
    case assign
    /// `:=`.
    case declare
    /// `,`.
    case comma
    /// `(`.
    case openGroup
    /// `)`.
    case closeGroup
    /// White space within an action; it separates arguments.
    case space
    /// The end of the template.
    case end
  }

  /// What it is.
  let kind: Kind
  /// Where it begins, in octets.
  let offset: Int
}

/// A constant number.
enum TemplateNumber: Equatable, Sendable {
  /// A whole number or a character.
  case int(Int64)
  /// A whole number above the largest signed one.
  case uint(UInt64)
  /// Anything with a point or an exponent.
  case float(Double)
}
