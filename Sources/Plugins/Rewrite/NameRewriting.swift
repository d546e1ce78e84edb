import DNSWire
import Patterns

/// What a rule makes of a name that it is for.
struct NameRewriting: Sendable {
  /// A part of what takes the name's place.
  enum Piece: Equatable, Sendable {
    /// As it stands.
    case text([UInt8])
    /// What a group of the regular expression matched.
    case group(Int)
  }

  /// What came of a name.
  enum Outcome: Equatable {
    /// The rule is not for it.
    case unmatched
    /// Another name.
    case name(DomainName)
    /// Something that is no name: an empty label, or too long.
    case invalid
  }

  /// The longest text that is made; names have less.
  private static let textOctetCountMax = 4_096

  /// The names that it is for.
  let match: RewriteMatch
  /// What takes their place, or that of the part that matched.
  let replacement: [Piece]

  /// The rewritten name of `name`, through its text in `scratch`.
  func rewrite(_ name: DomainName, _ scratch: inout NameText) -> Outcome {
    scratch.write(name)
    return rewrite(&scratch)
  }

  /// The rewritten name of the one with this text.
  func rewrite(_ name: inout NameText) -> Outcome {
    guard let text = text(for: &name) else { return .unmatched }
    guard !text.isEmpty, text.count <= Self.textOctetCountMax,
      let name = DomainName(textOctets: text)
    else { return .invalid }
    return .name(name)
  }

  /// The text that takes the place of `name`; `nil` when the rule is not for it.
  private func text(for name: inout NameText) -> [UInt8]? {
    if match.kind == .regex { return expanded(&name) }
    guard match.fits(&name) else { return nil }
    let new = plainReplacement
    switch match.kind {
    case .prefix: return new + name.part(match.text.count..<name.count)
    case .suffix: return name.part(0..<(name.count - match.text.count)) + new
    case .substring: return replacingAll(in: &name, with: new)
    case .exact, .regex, nil: return new
    }
  }

  /// The replacement of rules without groups.
  private var plainReplacement: [UInt8] {
    if case .text(let text)? = replacement.first { text } else { [] }
  }

  private func replacingAll(in name: inout NameText, with new: [UInt8]) -> [UInt8] {
    let old = match.text
    var result: [UInt8] = []
    var index = 0
    while let start = name.firstPlace(of: old.span, 0..<old.count, from: index) {
      guard result.count <= Self.textOctetCountMax else { return result }
      result += name.part(index..<start) + new
      index = start + old.count
    }
    return result + name.part(index..<name.count)
  }

  private func expanded(_ name: inout NameText) -> [UInt8]? {
    guard let pattern = match.pattern,
      let groups = name.withText({ pattern.groups(in: $0) })
    else { return nil }
    var result: [UInt8] = []
    for piece in replacement where result.count <= Self.textOctetCountMax {
      switch piece {
      case .text(let text): result += text
      case .group(let number):
        if groups.indices.contains(number), let range = groups[number] {
          result += name.part(range)
        }
      }
    }
    return result
  }
}
