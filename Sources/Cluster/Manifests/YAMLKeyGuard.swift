/// Refuses YAML whose mapping keys would take practically for ever to compare.
///
/// A list or mapping may be a key (`? [a, b]`), and an alias may stand for a large one, nested
/// aliases for one of exponential size. Yams compares keys by walking them, so a few hundred
/// octets could stop the process. No manifest has such keys; text that could grow so is refused by
/// an upper bound before it is parsed. Values grow the same way but are never walked unbounded
/// (`ManifestFields.valueCountMax`).
struct YAMLKeyGuard {
  /// The most steps that comparing keys may take, by the upper bound.
  static let stepCountMax = 1_000_000_000.0
  /// The most separators (commas, colons, line ends, opening brackets) in one text. Each value
  /// needs one, and a value costs Yams some 200 octets of memory.
  static let separatorCountMax = 16_000_000
  /// libyaml's limit of nesting.
  private static let nestingMax = 1_000

  private var anchorCount = 0
  private var aliasCount = 0
  /// Keys introduced by `?`, which may nest and be of any size.
  private var explicitKeyCount = 0
  /// One-line keys (1,024 characters at most) that have an alias in them.
  private var aliasKeyCount = 0
  private var separatorCount = 0

  /// What is wrong with YAML text, given as UTF-8; `nil` when it may be parsed.
  static func complaint(about text: [UInt8]) -> String? {
    var count = YAMLKeyGuard()
    count.scan(text)
    if count.separatorCount > separatorCountMax {
      return "there are more than \(separatorCountMax) values in one file"
    }
    if count.explicitKeyCount + count.aliasKeyCount > 0, count.keyStepCount > stepCountMax {
      return "mapping keys that are lists, mappings or aliases could take for ever to compare"
    }
    return nil
  }

  /// An upper bound of the steps: every value, once for each enclosing key, as often as the best
  /// nesting of all aliases could repeat it. With `s` aliases over `k` levels that is (s/k)^k.
  private var keyStepCount: Double {
    let levels = min(Double(anchorCount), max(1, Double(aliasCount) / 2.718))
    var growth = 1.0
    var level = 0.0
    while level < levels, growth <= Self.stepCountMax {
      growth *= max(1, Double(aliasCount) / levels)
      level += 1
    }
    let enclosing = Double(1 + min(explicitKeyCount, Self.nestingMax))
    return Double(separatorCount) * enclosing * (1 + growth)
  }

  // MARK: - Counting

  /// Counts what looks like anchors, aliases and keys, wherever it stands: inside quotes and block
  /// scalars too, so the counts are never too low.
  private mutating func scan(_ text: [UInt8]) {
    var previous = Self.lineFeed  // The octet before this one.
    var lastSolid = Self.lineFeed  // The last octet before this one that is no blank.
    var lineHasAlias = false
    for index in text.indices {
      let octet = text[index]
      switch octet {
      case Self.lineFeed, UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"):
        separatorCount += 1
      case UInt8(ascii: ":"):
        separatorCount += 1
        let closes = lastSolid == UInt8(ascii: "]") || lastSolid == UInt8(ascii: "}")
        if closes, lineHasAlias { aliasKeyCount += 1 }
      case UInt8(ascii: "?"):
        if Self.startsNode(after: lastSolid) { explicitKeyCount += 1 }
      case UInt8(ascii: "&"):
        if Self.canPrecedeProperty(previous) { anchorCount += 1 }
      case UInt8(ascii: "*"):
        if Self.canPrecedeProperty(previous) {
          aliasCount += 1
          lineHasAlias = true
          if Self.isKey(text, from: index + 1) { aliasKeyCount += 1 }
        }
      default: break
      }
      if Self.isBreak(octet) { lineHasAlias = false }
      previous = octet
      if octet != UInt8(ascii: " "), octet != UInt8(ascii: "\t") { lastSolid = octet }
    }
  }

  private static let lineFeed = UInt8(ascii: "\n")

  /// Whether the word at `start` is followed by a colon.
  private static func isKey(_ text: [UInt8], from start: Int) -> Bool {
    for octet in text[start...].prefix(1_024) {
      switch octet {
      case UInt8(ascii: ":"): return true
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: " "), UInt8(ascii: "\t"):
        continue
      default: return false
      }
    }
    return false
  }

  private static func startsNode(after octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: "["),
      UInt8(ascii: "{"), UInt8(ascii: ","):
      true
    default: isBreak(octet)
    }
  }

  private static func canPrecedeProperty(_ octet: UInt8) -> Bool {
    octet == UInt8(ascii: " ") || octet == UInt8(ascii: "\t") || startsNode(after: octet)
  }

  /// Line ends, and the last octets of NEL, LS and PS, which YAML 1.1 counts among them.
  private static func isBreak(_ octet: UInt8) -> Bool {
    switch octet {
    case 0x0A, 0x0D, 0x85, 0xA8, 0xA9: true
    default: false
    }
  }
}
