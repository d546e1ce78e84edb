/// What a plain (unquoted) YAML scalar means.
///
/// The rules are those Kubernetes reads manifests by (YAML 1.1 booleans, nulls and numbers), less
/// the spellings that only confuse: `y`, `n`, `1e3`, `1_000` and `1:30` are text here.
enum YAMLScalar {
  /// The value of a plain scalar.
  static func value(ofPlain text: String) -> ManifestValue {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return .bool(true)
    case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return .bool(false)
    case ".inf", ".Inf", ".INF", "+.inf", "-.inf", ".nan", ".NaN", ".NAN": return .number(text)
    default: return number(text) ?? .text(text)
    }
  }

  /// The number that `text` is; `nil` when it is none.
  private static func number(_ text: String) -> ManifestValue? {
    guard let first = text.utf8.first,
      isDigit(first) || first == UInt8(ascii: "+")
        || first == UInt8(ascii: "-") || first == UInt8(ascii: ".")
    else { return nil }
    var octets = Array(text.utf8)[...]
    if first == UInt8(ascii: "+") || first == UInt8(ascii: "-") { octets = octets.dropFirst() }
    guard let leading = octets.first else { return nil }
    if octets.allSatisfy(isDigit) {
      // 010 is octal in YAML 1.1 and ten in YAML 1.2: no integer that anybody meant.
      guard leading != UInt8(ascii: "0") || octets.count == 1 else { return .number(text) }
      return Int64(text).map { .integer($0) } ?? .number(text)
    }
    return isBased(octets) || isFraction(octets) ? .number(text) : nil
  }

  /// `0x1F`, `0o17`, `0b11`.
  private static func isBased(_ octets: ArraySlice<UInt8>) -> Bool {
    guard octets.count > 2, octets.first == UInt8(ascii: "0") else { return false }
    let digits = octets.dropFirst(2)
    switch octets.dropFirst().first {
    case UInt8(ascii: "x"): return digits.allSatisfy(isHexDigit)
    case UInt8(ascii: "o"): return digits.allSatisfy { isDigit($0) && $0 < UInt8(ascii: "8") }
    case UInt8(ascii: "b"): return digits.allSatisfy { $0 == 0x30 || $0 == 0x31 }
    default: return false
    }
  }

  /// `1.5`, `.5`, `1.`, `1.5e+3`: digits with exactly one dot, then perhaps an exponent.
  private static func isFraction(_ octets: ArraySlice<UInt8>) -> Bool {
    let whole = octets.prefix(while: isDigit)
    var rest = octets.dropFirst(whole.count)
    guard rest.first == UInt8(ascii: ".") else { return false }
    rest = rest.dropFirst()
    let fraction = rest.prefix(while: isDigit)
    rest = rest.dropFirst(fraction.count)
    guard !whole.isEmpty || !fraction.isEmpty else { return false }
    guard let mark = rest.first else { return true }
    guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
    rest = rest.dropFirst()
    if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
      rest = rest.dropFirst()
    }
    return !rest.isEmpty && rest.allSatisfy(isDigit)
  }

  private static func isDigit(_ octet: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
  }

  private static func isHexDigit(_ octet: UInt8) -> Bool {
    isDigit(octet) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(octet)
      || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(octet)
  }
}
