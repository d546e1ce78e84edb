/// Why a text is no zone: what was found and what was expected.
package struct ZoneProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// The message, one line.
  package let description: String

  /// A problem with its message.
  init(_ description: String) {
    self.description = description
  }

  /// An IPv6 address where a zone should be.
  static func bareAddressV6(_ text: some StringProtocol) -> ZoneProblem {
    ZoneProblem(
      "found the address \(quotedForMessage(text)), expected a zone: a reverse zone has a prefix "
        + "length as in 2001:db8::/32, a listen address belongs to the bind plugin")
  }
}

/// The zones that `text` names: a domain name, or a CIDR as its reverse zones.
///
/// Absolute and in lower case, with a trailing dot. Names are in the presentation format of
/// RFC 1035 §5.1 with `\.` and `\DDD`; labels have at most 63 octets, names 255 (§2.3.4). What
/// needs no escape comes back without one, so equal names are equal texts.
package func normalizedZone(_ text: String) -> Result<[String], ZoneProblem> {
  if let slash = text.lastIndex(of: "/"), IPPrefix.looksLikeCIDR(text, slash: slash) {
    if let zones = ReverseZone.zones(cidr: text) { return .success(zones) }
    return .failure(
      ZoneProblem(
        "found \(quotedForMessage(text)), expected a whole address and a prefix length, "
          + "as in 10.0.0.0/24 or 2001:db8::/32"))
  }
  if IPPrefix.isAddressV6(text) { return .failure(.bareAddressV6(text)) }
  do throws(ZoneProblem) {
    return .success([try ZoneName.normalized(text)])
  } catch {
    return .failure(error)
  }
}

// MARK: - Names

/// Domain names as text.
enum ZoneName {
  private static let labelByteCountMax = 63
  private static let nameByteCountMax = 255

  /// `text` absolute, in lower case, with the fewest escapes.
  static func normalized(_ text: String) throws(ZoneProblem) -> String {
    if text == "." { return text }
    guard !text.isEmpty else { throw ZoneProblem("found an empty text, expected a zone") }
    var result = ""
    var labelByteCount = 0
    // One octet for the root label.
    var nameByteCount = 1
    var bytes = text.utf8[...]
    func end() throws(ZoneProblem) {
      let found = "found \(quotedForMessage(text))"
      guard labelByteCount > 0 else {
        throw ZoneProblem("\(found), expected no empty label in a zone")
      }
      guard labelByteCount <= labelByteCountMax else {
        throw ZoneProblem("\(found), expected labels of at most \(labelByteCountMax) octets")
      }
      nameByteCount += labelByteCount + 1
      guard nameByteCount <= nameByteCountMax else {
        throw ZoneProblem("\(found), expected a name of at most \(nameByteCountMax) octets")
      }
      labelByteCount = 0
      result += "."
    }
    while let byte = bytes.popFirst() {
      switch byte {
      case UInt8(ascii: "."):
        try end()
      case UInt8(ascii: "\\"):
        appendLabelByte(try unescaped(&bytes, of: text), to: &result)
        labelByteCount += 1
      default:
        try check(byte, of: text)
        appendLabelByte(byte, to: &result)
        labelByteCount += 1
      }
    }
    if labelByteCount > 0 { try end() }
    return result
  }

  /// The octet after a `\`: three digits for its value, or the character itself.
  private static func unescaped(
    _ bytes: inout Substring.UTF8View, of text: String
  ) throws(ZoneProblem) -> UInt8 {
    guard let first = bytes.popFirst() else {
      throw ZoneProblem("found '\\' at the end of \(quotedForMessage(text)), expected \\. or \\DDD")
    }
    guard (0x30...0x39).contains(first) else {
      guard (0x21...0x7E).contains(first) else {
        throw ZoneProblem("found '\\' in \(quotedForMessage(text)), expected \\. or \\DDD")
      }
      return first
    }
    var value = Int(first - 0x30)
    for _ in 0..<2 {
      guard let digit = bytes.popFirst(), (0x30...0x39).contains(digit) else {
        value = Int.max
        break
      }
      value = value * 10 + Int(digit - 0x30)
    }
    guard let octet = UInt8(exactly: value) else {
      throw ZoneProblem(
        "found '\\' and digits in \(quotedForMessage(text)), expected three digits up to 255")
    }
    return octet
  }

  /// Refuses what is no part of a name unless escaped.
  private static func check(_ byte: UInt8, of text: String) throws(ZoneProblem) {
    let found = "in \(quotedForMessage(text)), expected a domain name"
    switch byte {
    case 0x80...:
      throw ZoneProblem("found a character outside ASCII \(found) in its xn-- form")
    case 0...0x20, 0x7F:
      throw ZoneProblem("found a space or control character \(found)")
    case UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "{"), UInt8(ascii: "}"),
      UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ";"):
      throw ZoneProblem("found '\(Character(Unicode.Scalar(byte)))' \(found)")
    default:
      return
    }
  }

  private static func appendLabelByte(_ byte: UInt8, to result: inout String) {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"):
      result.unicodeScalars.append(Unicode.Scalar(byte | 0x20))
    case UInt8(ascii: "."), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "("),
      UInt8(ascii: ")"), UInt8(ascii: ";"), UInt8(ascii: "@"), UInt8(ascii: "$"):
      result += "\\"
      result.unicodeScalars.append(Unicode.Scalar(byte))
    case 0x21...0x7E:
      result.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      let digits = String(byte)
      result += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
  }
}
