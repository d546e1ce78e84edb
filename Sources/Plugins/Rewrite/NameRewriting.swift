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
    return rewrite(scratch)
  }

  /// The rewritten name of the one with this text.
  func rewrite(_ name: borrowing NameText) -> Outcome {
    guard let text = name.withText({ self.text(for: $0) }) else { return .unmatched }
    guard !text.isEmpty, text.count <= Self.textOctetCountMax,
      let name = DomainName(text: String(decoding: text, as: UTF8.self))
    else { return .invalid }
    return .name(name)
  }

  /// The text that takes the place of `name`; `nil` when the rule is not for it.
  private func text(for name: borrowing Span<UInt8>) -> [UInt8]? {
    if match.kind == .regex { return expanded(name) }
    guard match.fits(name) else { return nil }
    let new = plainReplacement
    switch match.kind {
    case .prefix: return new + octets(of: name, match.text.count..<name.count)
    case .suffix: return octets(of: name, 0..<(name.count - match.text.count)) + new
    case .substring: return replacingAll(in: name, with: new)
    case .exact, .regex, nil: return new
    }
  }

  /// The replacement of rules without groups.
  private var plainReplacement: [UInt8] {
    if case .text(let text)? = replacement.first { text } else { [] }
  }

  private func replacingAll(in name: borrowing Span<UInt8>, with new: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while let start = match.first(in: name, from: index) {
      guard result.count <= Self.textOctetCountMax else { return result }
      result += octets(of: name, index..<start) + new
      index = start + match.text.count
    }
    return result + octets(of: name, index..<name.count)
  }

  private func expanded(_ name: borrowing Span<UInt8>) -> [UInt8]? {
    guard let groups = match.pattern?.groups(in: name) else { return nil }
    var result: [UInt8] = []
    for piece in replacement where result.count <= Self.textOctetCountMax {
      switch piece {
      case .text(let text): result += text
      case .group(let number):
        if groups.indices.contains(number), let range = groups[number] {
          result += octets(of: name, range)
        }
      }
    }
    return result
  }

  private func octets(of name: borrowing Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    let range = range.clamped(to: 0..<name.count)
    var result: [UInt8] = []
    result.reserveCapacity(range.count)
    for index in range { result.append(name[index]) }
    return result
  }
}
