import DNSWire
import Patterns

/// Which names a rule is for. Compared are the names' texts: lower case, absolute, in presentation
/// format.
struct RewriteMatch: Sendable {
  /// How a name is compared.
  enum Kind: String, CaseIterable, Sendable {
    /// The name is the text.
    case exact
    /// It begins with it.
    case prefix
    /// It ends in it.
    case suffix
    /// It contains it.
    case substring
    /// It contains a match of a regular expression.
    case regex
  }

  /// How; `nil` is every name.
  let kind: Kind?
  /// What it is compared with; empty for a regular expression.
  let text: [UInt8]
  /// The regular expression, for `regex`.
  let pattern: Pattern?

  /// Every name.
  static let every = RewriteMatch(kind: nil, text: [], pattern: nil)

  /// Whether the name with this text is one of them.
  func fits(_ name: inout NameText) -> Bool {
    let text = text
    return Self.fits(&name, kind, text.span, 0..<text.count, pattern)
  }

  /// Whether the name is one of those that the octets of `range` describe.
  static func fits(
    _ name: inout NameText, _ kind: Kind?, _ octets: borrowing Span<UInt8>, _ range: Range<Int>,
    _ pattern: @autoclosure () -> Pattern?
  ) -> Bool {
    switch kind {
    case nil: return true
    case .exact: return name.count == range.count && name.holds(octets, range, at: 0)
    case .prefix: return name.holds(octets, range, at: 0)
    case .suffix: return name.holds(octets, range, at: name.count &- range.count)
    case .substring: return name.firstPlace(of: octets, range, from: 0) != nil
    case .regex:
      guard let pattern = pattern() else { return false }
      return name.withText { pattern.matches($0) }
    }
  }
}
