/// A value while a template runs.
indirect enum TemplateValue: Sendable {
  /// `nil`, or a key that a map does not have.
  case none
  /// A truth value.
  case bool(Bool)
  /// A signed whole number.
  case int(Int64)
  /// An unsigned whole number.
  case uint(UInt64)
  /// A number with a fraction.
  case float(Double)
  /// A string.
  case text(MarkedText)
  /// A slice of strings or of anything else.
  case list([TemplateValue])
  /// A map with strings as keys, in their order.
  case map([(key: MarkedText, value: TemplateValue)])
  /// What CoreDNS calls the data: the start of all fields.
  case data
  /// The query's message.
  case message
  /// The query's question.
  case question
}

extension TemplateValue {
  /// A constant.
  init(_ number: TemplateNumber) {
    switch number {
    case .int(let value): self = .int(value)
    case .uint(let value): self = .uint(value)
    case .float(let value): self = .float(value)
    }
  }

  /// What `if` takes it for: zero and what is empty are false.
  var isTrue: Bool {
    switch self {
    case .none: false
    case .bool(let value): value
    case .int(let value): value != 0
    case .uint(let value): value != 0
    case .float(let value): value != 0
    case .text(let text): !text.units.isEmpty
    case .list(let values): !values.isEmpty
    case .map(let pairs): !pairs.isEmpty
    case .data, .message, .question: true
    }
  }

  /// Go's name of its type, for messages.
  var typeName: String {
    switch self {
    case .none: "<nil>"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint64"
    case .float: "float64"
    case .text: "string"
    case .list: "[]string"
    case .map: "map[string]string"
    case .data, .message, .question: "struct"
    }
  }

  /// A whole number of either sign, if it is one that an `Int` holds.
  var integer: Int? {
    switch self {
    case .int(let value): Int(exactly: value)
    case .uint(let value): Int(exactly: value)
    default: nil
    }
  }

  /// What `print` makes of it; `nil` for what no record could use.
  var printed: MarkedText? {
    switch self {
    case .none: return MarkedText("<nil>")
    case .bool(let value): return MarkedText(value ? "true" : "false")
    case .int(let value): return MarkedText(String(value))
    case .uint(let value): return MarkedText(String(value))
    case .float(let value): return MarkedText(GoFloat.text(value))
    case .text(let text): return text
    case .list(let values):
      var result = MarkedText("[")
      for (index, value) in values.enumerated() {
        if index > 0 { result.units.append(0x20) }
        guard let text = value.printed else { return nil }
        result.units += text.units
      }
      result.units.append(UInt16(UInt8(ascii: "]")))
      return result
    case .map(let pairs):
      var result = MarkedText("map[")
      for (index, pair) in pairs.enumerated() {
        if index > 0 { result.units.append(0x20) }
        guard let text = pair.value.printed else { return nil }
        result.units += pair.key.units + [UInt16(UInt8(ascii: ":"))] + text.units
      }
      result.units.append(UInt16(UInt8(ascii: "]")))
      return result
    case .data, .message, .question: return nil
    }
  }
}

/// Numbers with a fraction as Go's `%v` prints them.
enum GoFloat {
  /// The shortest digits that read as the same number; with an exponent below 1e-4 and from 1e6.
  static func text(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
    let sign = value.sign == .minus ? "-" : ""
    var (digits, exponent) = decimal(abs(value))
    if digits == "0" { return sign + "0" }
    guard (-4..<6).contains(exponent) else {
      let first = digits.removeFirst()
      let size = abs(exponent)
      return sign + String(first) + (digits.isEmpty ? "" : "." + digits)
        + (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + String(size)
    }
    if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
    let whole = exponent + 1
    if digits.count <= whole {
      return sign + digits + String(repeating: "0", count: whole - digits.count)
    }
    return sign + digits.prefix(whole) + "." + digits.dropFirst(whole)
  }

  /// Digits, the first of them not 0, and the power of ten of the first.
  private static func decimal(_ value: Double) -> (digits: String, exponent: Int) {
    let parts = value.description.split(separator: "e")
    let power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let halves = (parts.first ?? "").split(separator: ".")
    let whole = halves.first ?? ""
    var digits = whole + (halves.count > 1 ? halves[1] : "")
    var exponent = whole.count - 1 + power
    while digits.hasPrefix("0"), digits.count > 1 {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
    return (String(digits), exponent)
  }
}
