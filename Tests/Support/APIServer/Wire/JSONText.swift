/// Writes JSON without blanks, as API servers do.
enum JSONText {
  /// The text of a value.
  static func octets(_ tree: Tree) -> [UInt8] {
    var octets: [UInt8] = []
    append(tree, to: &octets)
    return octets
  }

  private static func append(_ tree: Tree, to octets: inout [UInt8]) {
    switch tree {
    case .null: octets += Array("null".utf8)
    case .bool(let value): octets += Array((value ? "true" : "false").utf8)
    case .integer(let value): octets += Array("\(value)".utf8)
    case .text(let text): append(text, to: &octets)
    case .list(let elements):
      octets.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { octets.append(UInt8(ascii: ",")) }
        append(element, to: &octets)
      }
      octets.append(UInt8(ascii: "]"))
    case .object(let members):
      octets.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { octets.append(UInt8(ascii: ",")) }
        append(member.name, to: &octets)
        octets.append(UInt8(ascii: ":"))
        append(member.value, to: &octets)
      }
      octets.append(UInt8(ascii: "}"))
    }
  }

  private static func append(_ text: String, to octets: inout [UInt8]) {
    octets.append(UInt8(ascii: "\""))
    if text.utf8.allSatisfy(isPlain) {
      octets += Array(text.utf8)
    } else {
      for octet in text.utf8 {
        if isPlain(octet) { octets.append(octet) } else { octets += escape(octet) }
      }
    }
    octets.append(UInt8(ascii: "\""))
  }

  /// Go escapes what means something in HTML too.
  private static func isPlain(_ octet: UInt8) -> Bool {
    switch octet {
    case ..<0x20, 0x22, 0x5C, 0x3C, 0x3E, 0x26: false
    default: true
    }
  }

  private static func escape(_ octet: UInt8) -> [UInt8] {
    switch octet {
    case UInt8(ascii: "\""): return Array("\\\"".utf8)
    case UInt8(ascii: "\\"): return Array("\\\\".utf8)
    case UInt8(ascii: "\n"): return Array("\\n".utf8)
    case UInt8(ascii: "\t"): return Array("\\t".utf8)
    case UInt8(ascii: "\r"): return Array("\\r".utf8)
    default:
      let digits = String(octet, radix: 16)
      return Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
    }
  }
}
