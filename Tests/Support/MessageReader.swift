/// A cursor over a message that never reads past its end.
package struct MessageReader {
  let bytes: [UInt8]
  private(set) var offset = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  func malformed(_ reason: String) -> ParsedMessage.Malformed {
    ParsedMessage.Malformed(reason: reason, offset: offset)
  }

  mutating func octet() throws(ParsedMessage.Malformed) -> UInt8 {
    guard offset < bytes.count else { throw malformed("message is cut") }
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func word() throws(ParsedMessage.Malformed) -> UInt16 {
    UInt16(try octet()) << 8 | UInt16(try octet())
  }

  mutating func doubleWord() throws(ParsedMessage.Malformed) -> UInt32 {
    UInt32(try word()) << 16 | UInt32(try word())
  }

  mutating func octets(_ count: Int) throws(ParsedMessage.Malformed) -> [UInt8] {
    guard count <= bytes.count - offset else { throw malformed("message is cut") }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  /// A name in presentation form, whether or not it used compression.
  struct Name {
    let text: String
    let isCompressed: Bool
  }

  /// Reads a name; every pointer must point before the place where the name (or the part it
  /// continues) began, which also rules out loops (RFC 9267 section 2).
  mutating func name() throws(ParsedMessage.Malformed) -> Name {
    let nameOctetsMax = 255
    var text = ""
    var wireCount = 1
    var position = offset
    var partStart = offset
    var resume: Int?
    while true {
      guard position < bytes.count else { throw malformed("name runs off the message") }
      let length = Int(bytes[position])
      if length == 0 { break }
      switch length & 0xc0 {
      case 0xc0:
        guard position + 1 < bytes.count else { throw malformed("half a pointer") }
        let target = (length & 0x3f) << 8 | Int(bytes[position + 1])
        if resume == nil { resume = position + 2 }
        guard target < partStart else { throw malformed("pointer does not point backwards") }
        position = target
        partStart = target
      case 0:
        guard position + 1 + length <= bytes.count else { throw malformed("label is cut") }
        wireCount += length + 1
        guard wireCount <= nameOctetsMax else { throw malformed("name over 255 octets") }
        text += RecordText.label(bytes[(position + 1)...(position + length)]) + "."
        position += 1 + length
      default:
        throw malformed("unknown label type")
      }
    }
    offset = resume ?? position + 1
    return Name(text: text.isEmpty ? "." : text, isCompressed: resume != nil)
  }
}
