import DNSWire
import Patterns

/// Which names a rule is for. Compared are the names' texts: lower case, absolute, in presentation
/// format. Nothing but regular expressions allocates.
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

  /// Whether `name` is one of them.
  func fits(_ name: borrowing Span<UInt8>) -> Bool {
    switch kind {
    case nil: true
    case .exact: name.count == text.count && stands(in: name, at: 0)
    case .prefix: stands(in: name, at: 0)
    case .suffix: stands(in: name, at: name.count &- text.count)
    case .substring: first(in: name, from: 0) != nil
    case .regex: pattern?.matches(name) ?? false
    }
  }

  /// Where the text stands in `name` for the first time from `start` on.
  func first(in name: borrowing Span<UInt8>, from start: Int) -> Int? {
    guard !text.isEmpty else { return nil }
    var index = start
    while index <= name.count &- text.count {
      if stands(in: name, at: index) { return index }
      index &+= 1
    }
    return nil
  }

  private func stands(in name: borrowing Span<UInt8>, at start: Int) -> Bool {
    let octets = text.span
    guard start >= 0, octets.count <= name.count &- start else { return false }
    for index in octets.indices where name[start &+ index] != octets[index] { return false }
    return true
  }
}
