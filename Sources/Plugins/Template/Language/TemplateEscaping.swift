/// `html`, `js` and `urlquery`. What replaces an octet has its mark.
enum TemplateEscaping {
  /// The text, escaped for what the function is named after.
  static func escaped(_ text: MarkedText, _ function: TemplateFunction) -> MarkedText {
    var result = MarkedText()
    for unit in text.units {
      let octet = UInt8(truncatingIfNeeded: unit)
      let replacement: String? =
        switch function {
        case .html: html(octet)
        case .javaScript: javaScript(octet)
        default: urlQuery(octet)
        }
      guard let replacement else {
        result.units.append(unit)
        continue
      }
      let mark = unit & MarkedText.foreign
      result.units += replacement.utf8.map { UInt16($0) | mark }
    }
    return result
  }

  private static func html(_ octet: UInt8) -> String? {
    switch octet {
    case 0: "\u{FFFD}"
    case UInt8(ascii: "\""): "&#34;"
    case UInt8(ascii: "'"): "&#39;"
    case UInt8(ascii: "&"): "&amp;"
    case UInt8(ascii: "<"): "&lt;"
    case UInt8(ascii: ">"): "&gt;"
    default: nil
    }
  }

  private static func javaScript(_ octet: UInt8) -> String? {
    switch octet {
    case UInt8(ascii: "\\"): "\\\\"
    case UInt8(ascii: "'"): "\\'"
    case UInt8(ascii: "\""): "\\\""
    case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "="), 0..<0x20, 0x7F:
      "\\u00" + hexadecimal(octet)
    default: nil
    }
  }

  private static func urlQuery(_ octet: UInt8) -> String? {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."), UInt8(ascii: "~"):
      nil
    case 0x20: "+"
    default: "%" + hexadecimal(octet)
    }
  }

  private static func hexadecimal(_ octet: UInt8) -> String {
    let digits = String(octet, radix: 16, uppercase: true)
    return digits.count < 2 ? "0" + digits : digits
  }
}
