/// Presentation form as dnspython writes it, so that recorded answers compare as text.
package enum RecordText {
  private static let mnemonics: [UInt16: String] = [
    1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV",
    41: "OPT", 65: "HTTPS", 255: "ANY", 257: "CAA",
  ]

  /// The mnemonic of a type, or `TYPE123` (RFC 3597 section 5).
  package static func mnemonic(_ type: UInt16) -> String {
    mnemonics[type] ?? "TYPE\(type)"
  }

  /// A label with what is special in a zone file escaped.
  static func label(_ octets: ArraySlice<UInt8>) -> String {
    escaped(octets, special: Array(#"".();\@$"#.utf8), isSpacePrinted: false)
  }

  private static func escaped(
    _ octets: ArraySlice<UInt8>, special: [UInt8], isSpacePrinted: Bool
  ) -> String {
    var text = ""
    for octet in octets {
      let isPrinted = (octet > 0x20 && octet < 0x7f) || (octet == 0x20 && isSpacePrinted)
      if special.contains(octet) {
        text += "\\" + String(UnicodeScalar(octet))
      } else if isPrinted {
        text += String(UnicodeScalar(octet))
      } else {
        text += "\\" + String(1000 + Int(octet)).dropFirst()
      }
    }
    return text
  }

  /// The data of one record, read up to `end`.
  static func data(
    _ type: UInt16, _ reader: inout MessageReader, end: Int
  ) throws(ParsedMessage.Malformed) -> String {
    switch type {
    case 1: return try reader.octets(4).map(String.init).joined(separator: ".")
    case 28: return address6(try reader.octets(16))
    case 2, 5, 12: return try reader.name().text
    case 6:
      let names = [try reader.name().text, try reader.name().text]
      var numbers: [String] = []
      for _ in 0..<5 { numbers.append(String(try reader.doubleWord())) }
      return (names + numbers).joined(separator: " ")
    case 15: return "\(try reader.word()) \(try reader.name().text)"
    case 16: return try strings(&reader, end: end)
    case 257:
      let flags = try reader.octet()
      let tag = String(decoding: try reader.octets(Int(try reader.octet())), as: UTF8.self)
      guard end >= reader.offset else { throw reader.malformed("CAA tag runs off") }
      let value = try reader.octets(end - reader.offset)
      return "\(flags) \(tag) " + quoted(value)
    case 33:
      let numbers = [try reader.word(), try reader.word(), try reader.word()]
      let target = try reader.name()
      guard !target.isCompressed else { throw reader.malformed("SRV target is compressed") }
      return numbers.map(String.init).joined(separator: " ") + " " + target.text
    default:
      let octets = try reader.octets(end - reader.offset)
      return "\\# \(octets.count) " + octets.map(hex).joined()
    }
  }

  private static func strings(
    _ reader: inout MessageReader, end: Int
  ) throws(ParsedMessage.Malformed) -> String {
    var parts: [String] = []
    while reader.offset < end {
      parts.append(quoted(try reader.octets(Int(try reader.octet()))))
    }
    guard !parts.isEmpty else { throw reader.malformed("TXT without a string") }
    return parts.joined(separator: " ")
  }

  private static func quoted(_ octets: [UInt8]) -> String {
    let text = escaped(octets[...], special: Array(#""\"#.utf8), isSpacePrinted: true)
    return "\"\(text)\""
  }

  /// IPv6 text: the longest run of two or more zero groups is shortened, the first of equals
  /// (RFC 5952 section 4.2); IPv4-mapped addresses end in dotted form.
  static func address6(_ octets: [UInt8]) -> String {
    let groups = stride(from: 0, to: octets.count - 1, by: 2).map {
      Int(octets[$0]) << 8 | Int(octets[$0 + 1])
    }
    if groups.prefix(5).allSatisfy({ $0 == 0 }), groups.dropFirst(5).first == 0xffff {
      return "::ffff:" + octets.suffix(4).map(String.init).joined(separator: ".")
    }
    let run = longestZeroRun(groups)
    let texts = groups.map { String($0, radix: 16) }
    guard run.count >= 2 else { return texts.joined(separator: ":") }
    return texts[..<run.lowerBound].joined(separator: ":") + "::"
      + texts[run.upperBound...].joined(separator: ":")
  }

  private static func longestZeroRun(_ groups: [Int]) -> Range<Int> {
    var best = 0..<0
    var start = 0
    for (index, group) in groups.enumerated() {
      if group != 0 {
        start = index + 1
      } else if index + 1 - start > best.count {
        best = start..<(index + 1)
      }
    }
    return best
  }

  private static func hex(_ octet: UInt8) -> String {
    String(String(0x100 + Int(octet), radix: 16).dropFirst())
  }
}
