extension TemplateNumber {
  /// A number as Go writes it: decimal, `0x`, `0o`, `0b` or a leading 0 for octal, underscores
  /// between digits; or with a point or an exponent. `nil` for anything else, or out of range.
  init?(_ text: String) {
    var digits = text[...]
    let isNegative = digits.hasPrefix("-")
    if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
    let lower = digits.lowercased()
    guard !lower.contains("__"), !lower.hasPrefix("_"), !lower.hasSuffix("_") else { return nil }
    var plain = lower.replacing("_", with: "")
    var radix = 10
    for (prefix, value) in [("0x", 16), ("0o", 8), ("0b", 2)] where plain.hasPrefix(prefix) {
      radix = value
      plain.removeFirst(2)
    }
    if radix == 10, plain.contains(where: { $0 == "." || $0 == "e" }) {
      let isPlain = plain.utf8.allSatisfy { (48...57).contains($0) || ".e+-".utf8.contains($0) }
      let whole = plain.hasPrefix(".") ? "0" + plain : plain
      guard isPlain, let value = Double(whole), value.isFinite else { return nil }
      self = .float(isNegative ? -value : value)
      return
    }
    if radix == 10, plain.hasPrefix("0"), plain.count > 1 {
      radix = 8
      plain.removeFirst()
    }
    // No second sign: the initializer of integers would take one.
    guard plain.utf8.allSatisfy({ ($0 | 0x20) &- 97 < 26 || $0 &- 48 < 10 }),
      let value = UInt64(plain, radix: radix)
    else { return nil }
    if isNegative {
      guard value <= UInt64(Int64.max) + 1 else { return nil }
      self = .int(Int64(truncatingIfNeeded: 0 &- value))
    } else if let signed = Int64(exactly: value) {
      self = .int(signed)
    } else {
      self = .uint(value)
    }
  }
}
