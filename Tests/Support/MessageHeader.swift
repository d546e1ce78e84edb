/// The fixed first twelve octets of a message (RFC 1035 section 4.1.1).
package struct MessageHeader: Equatable, Sendable {
  /// ID.
  package let id: UInt16
  /// QR, OPCODE, the flags and RCODE as they came.
  package let word: UInt16
  /// QDCOUNT.
  package let questionCount: Int
  /// ANCOUNT.
  package let answerCount: Int
  /// NSCOUNT.
  package let authorityCount: Int
  /// ARCOUNT.
  package let additionalCount: Int

  /// A bit of the second word.
  package enum Flag: UInt16, CaseIterable, Sendable {
    case qr = 0x8000
    case aa = 0x0400
    case tc = 0x0200
    case rd = 0x0100
    case ra = 0x0080
    case z = 0x0040
    case ad = 0x0020
    case cd = 0x0010
  }

  init(_ reader: inout MessageReader) throws(ParsedMessage.Malformed) {
    id = try reader.word()
    word = try reader.word()
    questionCount = Int(try reader.word())
    answerCount = Int(try reader.word())
    authorityCount = Int(try reader.word())
    additionalCount = Int(try reader.word())
  }

  /// Whether a flag is set.
  package func has(_ flag: Flag) -> Bool { word & flag.rawValue != 0 }
  /// OPCODE.
  package var opcode: UInt8 { UInt8(truncatingIfNeeded: (word >> 11) & 0x0f) }
  /// The four bits of RCODE in the header.
  package var lowResponseCode: UInt8 { UInt8(truncatingIfNeeded: word & 0x0f) }

  /// How many records the header announces for a section.
  package func count(of section: ParsedMessage.Section) -> Int {
    switch section {
    case .answer: answerCount
    case .authority: authorityCount
    case .additional: additionalCount
    }
  }
}
