import DNSWire
import Patterns

/// The conditions of all rules, laid out so that looking for a rule counts no references and
/// allocates nothing, but for regular expressions.
struct RewriteTable: Sendable {
  private struct Entry {
    let kind: RewriteMatch.Kind?
    let type: UInt16
    let classCode: UInt16
    let start: Int
    let count: Int
  }

  private let entries: [Entry]
  private let texts: [UInt8]
  private let patterns: [Pattern?]
  /// Some rule depends on the name.
  let readsNames: Bool

  /// The conditions of `rules`.
  init(_ rules: [RewriteRule]) {
    var entries: [Entry] = []
    var texts: [UInt8] = []
    for rule in rules {
      entries.append(
        Entry(
          kind: rule.match.kind, type: rule.type, classCode: rule.classCode, start: texts.count,
          count: rule.match.text.count))
      texts += rule.match.text
    }
    self.entries = entries
    self.texts = texts
    patterns = rules.map(\.match.pattern)
    readsNames = rules.contains { $0.match.kind != nil }
  }

  /// The number of the first rule from `start` on that is for a question; `nil` when none is.
  func first(
    from start: Int, _ type: RRType, _ classCode: RRClass, _ name: inout NameText
  ) -> Int? {
    let (entries, texts) = (entries, texts)
    let (list, octets) = (entries.span, texts.span)
    var number = start
    while number < list.count {
      let entry = list[number]
      if entry.type == 0 || entry.type == type.rawValue,
        entry.classCode == 0 || entry.classCode == classCode.rawValue,
        RewriteMatch.fits(
          &name, entry.kind, octets, entry.start..<(entry.start &+ entry.count), patterns[number])
      {
        return number
      }
      number &+= 1
    }
    return nil
  }
}
