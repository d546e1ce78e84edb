/// How much work a regular expression can be for an engine that tries one way after the other: read
/// off its text, before it is compiled.
struct PatternCost {
  /// Groups and sets that are open at once, at most.
  private(set) var depth = 0
  /// Repetitions without a bound.
  private(set) var repetitionCount = 0
  /// A repetition is repeated: the work doubles with each octet.
  private(set) var hasNestedRepetition = false

  /// Reads a regular expression; what is malformed is left to its compiler.
  init(_ text: String) {
    let octets = Array(text.utf8)
    // Whether the groups that are open hold a repetition, outermost first.
    var groups = [false]
    var isInSet = false
    var index = 0
    while index < octets.count {
      defer { index += 1 }
      switch octets[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "]") where isInSet: isInSet = false
      case _ where isInSet: continue
      case UInt8(ascii: "["): isInSet = true
      case UInt8(ascii: "("): groups.append(false)
      case UInt8(ascii: ")") where groups.count > 1:
        let isRepeating = groups.removeLast()
        let isRepeated = index + 1 < octets.count && Self.isRepetition(octets[index + 1])
        if isRepeating, isRepeated { hasNestedRepetition = true }
        if isRepeating { groups[groups.count - 1] = true }
      case let octet where Self.isRepetition(octet):
        repetitionCount += 1
        groups[groups.count - 1] = true
      default: continue
      }
      depth = max(depth, groups.count - 1 + (isInSet ? 1 : 0))
    }
  }

  private static func isRepetition(_ octet: UInt8) -> Bool {
    [UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "{")].contains(octet)
  }
}
