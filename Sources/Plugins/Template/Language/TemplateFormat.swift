/// `printf`: Go's verbs for strings, numbers, truth values and lists of them, with flags, width and
/// precision.
struct TemplateFormat {
  /// What stands between `%` and the verb.
  private struct Flags {
    var left = false
    var plus = false
    var zero = false
    var space = false
    var alternate = false
    var width = 0
    var precision: Int?
  }

  private let format: [UInt16]
  private var arguments: [TemplateValue]
  private var used = 0
  private var index = 0
  private var result = MarkedText()

  /// A format with what goes into it.
  init(_ format: MarkedText, _ arguments: [TemplateValue]) {
    self.format = format.units
    self.arguments = arguments
  }

  /// The text.
  mutating func run() throws(TemplateFailure) -> MarkedText {
    while index < format.count {
      let unit = format[index]
      index += 1
      // A name that someone asks for is no format.
      guard unit == UInt16(UInt8(ascii: "%")) else {
        result.units.append(unit)
        continue
      }
      try directive()
      guard result.units.count <= TemplateLimits.outputOctetCountMax else {
        throw TemplateFailure("printf makes more than \(TemplateLimits.outputOctetCountMax) octets")
      }
    }
    if used < arguments.count { try appendExtra() }
    return result
  }

  private mutating func appendExtra() throws(TemplateFailure) {
    append("%!(EXTRA ")
    for (place, value) in arguments[used...].enumerated() {
      if place > 0 { append(", ") }
      guard let text = value.printed else { throw TemplateFailure("can't print a value") }
      if case .none = value {
        append("<nil>")
      } else {
        append(value.typeName + "=")
        result.units += text.units
      }
    }
    append(")")
  }

  private mutating func append(_ text: String) { result.units += MarkedText(text).units }

  // MARK: - Directives

  private mutating func directive() throws(TemplateFailure) {
    var flags = Flags()
    scan: while index < format.count {
      switch format[index] {
      case UInt16(UInt8(ascii: "-")): flags.left = true
      case UInt16(UInt8(ascii: "+")): flags.plus = true
      case UInt16(UInt8(ascii: "0")): flags.zero = true
      case 0x20: flags.space = true
      case UInt16(UInt8(ascii: "#")): flags.alternate = true
      default: break scan
      }
      index += 1
    }
    flags.width = try number() ?? 0
    if index < format.count, format[index] == UInt16(UInt8(ascii: ".")) {
      index += 1
      flags.precision = try number() ?? 0
    }
    guard index < format.count else { return append("%!(NOVERB)") }
    let verb = format[index] & 0xFF
    index += 1
    if verb == UInt8(ascii: "%") { return append("%") }
    guard verb != UInt8(ascii: "*"), verb != UInt8(ascii: "["), verb < 0x80 else {
      throw TemplateFailure("printf has no arguments for widths and no numbers of arguments here")
    }
    let name = Character(UnicodeScalar(UInt8(truncatingIfNeeded: verb)))
    guard used < arguments.count else { return append("%!\(name)(MISSING)") }
    let value = arguments[used]
    used += 1
    result.units += try text(value, name, flags).units
  }

  private mutating func number() throws(TemplateFailure) -> Int? {
    var value: Int?
    while index < format.count, (48...57).contains(format[index]) {
      value = (value ?? 0) * 10 + Int(format[index] - 48)
      index += 1
      guard (value ?? 0) <= TemplateLimits.widthMax else {
        throw TemplateFailure("printf has a width above \(TemplateLimits.widthMax)")
      }
    }
    return value
  }

  // MARK: - Values

  private func text(
    _ value: TemplateValue, _ verb: Character, _ flags: Flags
  ) throws(TemplateFailure) -> MarkedText {
    if verb == "T" { return padded(MarkedText(value.typeName), flags) }
    switch value {
    case .none where verb == "v": return padded(MarkedText("<nil>"), flags)
    case .none: return MarkedText("%!\(verb)(<nil>)")
    case .bool(let flag) where verb == "v" || verb == "t":
      return padded(MarkedText(flag ? "true" : "false"), flags)
    case .int(let number):
      if let text = integer(number.magnitude, isNegative: number < 0, verb, flags) { return text }
    case .uint(let number):
      if let text = integer(number, isNegative: false, verb, flags) { return text }
    case .float(let number):
      if let text = fraction(number, verb, flags) { return text }
    case .text(let text):
      if let text = string(text, verb, flags) { return text }
    case .list(let values):
      var result = MarkedText("[")
      for (index, value) in values.enumerated() {
        if index > 0 { result.units.append(0x20) }
        // A list holds no lists.
        if case .list = value { throw TemplateFailure("can't print a list of lists") }
        result.units += try text(value, verb, flags).units
      }
      result.units.append(UInt16(UInt8(ascii: "]")))
      return result
    default: break
    }
    guard let text = value.printed else {
      throw TemplateFailure("can't print a value of type \(value.typeName)")
    }
    if case .map = value, verb == "v" || verb == "s" { return padded(text, flags) }
    return MarkedText(
      units: MarkedText("%!\(verb)(\(value.typeName)=").units + text.units
        + MarkedText(")").units)
  }

  private func string(_ text: MarkedText, _ verb: Character, _ flags: Flags) -> MarkedText? {
    var text = text
    switch verb {
    case "s", "v", "q":
      if let precision = flags.precision { text.units = prefix(text.units, precision) }
      return padded(verb == "q" ? quoted(text) : text, flags)
    case "x", "X":
      let octets = flags.precision.map { Array(text.units.prefix($0)) } ?? text.units
      var digits = MarkedText(flags.alternate && !octets.isEmpty ? "0\(verb)" : "")
      for (index, unit) in octets.enumerated() {
        if flags.space, index > 0 { digits.units.append(0x20) }
        let pair = String(UInt8(truncatingIfNeeded: unit), radix: 16, uppercase: verb == "X")
        let mark = unit & MarkedText.foreign
        digits.units += ((pair.count < 2 ? "0" : "") + pair).utf8.map { UInt16($0) | mark }
      }
      return padded(digits, flags)
    default: return nil
    }
  }

  /// The first characters, not octets.
  private func prefix(_ units: [UInt16], _ count: Int) -> [UInt16] {
    var left = count
    return Array(
      units.prefix { unit in
        if unit & 0xC0 != 0x80 { left -= 1 }
        return left >= 0
      })
  }

  /// Go's quotes: what cannot be printed becomes an escape, whose octets are the Corefile's syntax
  /// as little as the octet was.
  private func quoted(_ text: MarkedText) -> MarkedText {
    var result = MarkedText("\"")
    for unit in text.units {
      let octet = UInt8(truncatingIfNeeded: unit)
      let mark = unit & MarkedText.foreign
      let escape: String? =
        switch octet {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0x09: "\\t"
        case 0..<0x20, 0x7F:
          "\\x" + (octet < 16 ? "0" : "") + String(octet, radix: 16)
        default: nil
        }
      result.units += escape.map { $0.utf8.map { UInt16($0) | mark } } ?? [unit]
    }
    result.units.append(UInt16(UInt8(ascii: "\"")))
    return result
  }

  private func integer(
    _ magnitude: UInt64, isNegative: Bool, _ verb: Character, _ flags: Flags
  ) -> MarkedText? {
    let sign = isNegative ? "-" : flags.plus ? "+" : flags.space ? " " : ""
    let (radix, prefix): (Int, String)
    switch verb {
    case "d", "v": (radix, prefix) = (10, "")
    case "b": (radix, prefix) = (2, flags.alternate ? "0b" : "")
    case "o": (radix, prefix) = (8, flags.alternate ? "0" : "")
    case "O": (radix, prefix) = (8, "0o")
    case "x": (radix, prefix) = (16, flags.alternate ? "0x" : "")
    case "X": (radix, prefix) = (16, flags.alternate ? "0X" : "")
    case "c", "q", "U":
      guard !isNegative, let value = UInt32(exactly: magnitude),
        let scalar = UnicodeScalar(value)
      else { return nil }
      // The number may be an octet of the query (`index .Name 0`), which has lost its mark.
      let character = MarkedText(foreign: String(Character(scalar)).utf8)
      if verb == "c" { return padded(character, flags) }
      if verb == "q" {
        let quote = MarkedText("'").units
        return padded(MarkedText(units: quote + character.units + quote), flags)
      }
      let digits = String(value, radix: 16, uppercase: true)
      let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
      return padded(MarkedText("U+" + zeros + digits), flags)
    default: return nil
    }
    var digits = String(magnitude, radix: radix, uppercase: verb == "X")
    var least = flags.precision ?? 0
    if flags.precision == 0, magnitude == 0 { digits = "" }
    if flags.zero, !flags.left, flags.precision == nil { least = flags.width - sign.utf8.count }
    digits = String(repeating: "0", count: max(0, least - digits.utf8.count)) + digits
    return padded(MarkedText(sign + prefix + digits), flags)
  }

  /// `%v` and `%g` as short as can be, `%f` with up to nine digits.
  private func fraction(_ value: Double, _ verb: Character, _ flags: Flags) -> MarkedText? {
    let sign = flags.plus && value >= 0 ? "+" : flags.space && value >= 0 ? " " : ""
    switch verb {
    case "v",
      "g" where flags.precision == nil:
      return padded(MarkedText(sign + GoFloat.text(value)), flags)
    case "f", "F":
      let digitCount = flags.precision ?? 6
      var scale: UInt64 = 1
      for _ in 0..<min(digitCount, 9) { scale *= 10 }
      guard digitCount <= 9, abs(value) < 1e9 else { return nil }
      let scaled = UInt64((abs(value) * Double(scale)).rounded(.toNearestOrEven))
      var text = (value < 0 ? "-" : sign) + String(scaled / scale)
      if digitCount > 0 {
        let rest = String(scaled % scale)
        text += "." + String(repeating: "0", count: digitCount - rest.utf8.count) + rest
      }
      return padded(MarkedText(text), flags)
    default: return nil
    }
  }

  private func padded(_ text: MarkedText, _ flags: Flags) -> MarkedText {
    let characterCount = text.units.count { $0 & 0xC0 != 0x80 }
    let missing = flags.width - characterCount
    guard missing > 0 else { return text }
    let blanks = [UInt16](repeating: 0x20, count: missing)
    return MarkedText(units: flags.left ? text.units + blanks : blanks + text.units)
  }
}
