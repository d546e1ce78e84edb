import DNSWire
import ZoneText

/// RDATA in presentation format.
enum RecordData {
  /// A field of RDATA.
  private enum Field {
    case name, number8, number16, number32, seconds, addressV4, addressV6, string
    /// All that is left, as strings (RFC 1035 §3.3.14); one at least.
    case strings
    /// One word without a length before it.
    case text
  }

  private static let octetCountMax = 65_535
  private static let stringOctetCountMax = 255

  private static func fields(_ type: RRType) -> [Field]? {
    switch type.rawValue {
    case 1: [.addressV4]
    // NS, MD, MF, CNAME, MB, MG, MR, PTR, DNAME.
    case 2, 3, 4, 5, 7, 8, 9, 12, 39: [.name]
    case 6: [.name, .name, .number32, .seconds, .seconds, .seconds, .seconds]
    case 13: [.string, .string]
    // MINFO, RP.
    case 14, 17: [.name, .name]
    // MX, AFSDB, RT, KX.
    case 15, 18, 21, 36: [.number16, .name]
    // TXT, SPF.
    case 16, 99: [.strings]
    case 28: [.addressV6]
    case 33: [.number16, .number16, .number16, .name]
    case 35: [.number16, .number16, .string, .string, .string, .name]
    case 256: [.number16, .number16, .text]
    case 257: [.number8, .string, .text]
    default: nil
    }
  }

  /// The RDATA that the words stand for.
  static func read(_ words: [RecordWord], _ type: RRType) throws(RecordProblem) -> [UInt8] {
    switch type.rawValue {
    // Not WKS, which libldns reads with functions that are not safe with threads; nor OPT, TSIG and
    // the types that only questions have.
    case 0, 11, 41, 128, 249...255: throw RecordProblem("no record can have this type")
    default: break
    }
    let data: [UInt8]
    if let first = words.first, first.isGenericSign {
      let hasName = fields(type)?.contains { if case .name = $0 { true } else { false } }
      guard hasName != true else { throw RecordProblem("data with names has to be written out") }
      data = try generic(words)
      guard type != .a || data.count == 4, type != .aaaa || data.count == 16 else {
        throw RecordProblem("the data has not the length of an address")
      }
    } else if let fields = fields(type) {
      data = try read(words, fields)
    } else {
      data = try foreign(words, type)
    }
    guard data.count <= octetCountMax else { throw RecordProblem("the data is too long") }
    return data
  }

  private static func read(
    _ words: [RecordWord], _ fields: [Field]
  ) throws(RecordProblem) -> [UInt8] {
    var rest = words[...]
    var data: [UInt8] = []
    for field in fields {
      guard let word = rest.popFirst() else { throw RecordProblem("the data is not complete") }
      switch field {
      case .name: data += try name(word).wire
      case .number8: data.append(UInt8(truncatingIfNeeded: try number(word, max: 0xFF)))
      case .number16: data += octets(try number(word, max: 0xFFFF), 2)
      case .number32: data += octets(try number(word, max: .max), 4)
      case .seconds:
        guard let seconds = word.keyword.flatMap(RecordReader.seconds) else {
          throw RecordProblem("a number of seconds is wrong")
        }
        data += octets(seconds, 4)
      case .addressV4, .addressV6:
        let family = IPAddress.Family.self
        let wanted = field == .addressV4 ? family.v4 : family.v6
        guard word.keyword != nil, let address = IPAddress(utf8: word.octets),
          address.family == wanted
        else { throw RecordProblem("the address is none of the type's") }
        data += address.octets
      case .string: data += try string(word.octets)
      case .strings:
        for word in [word] + rest {
          // As CoreDNS: what is too long for one string goes into several.
          var left = word.octets[...]
          repeat {
            data += try string(Array(left.prefix(stringOctetCountMax)))
            left = left.dropFirst(stringOctetCountMax)
          } while !left.isEmpty
        }
        rest = []
      case .text: data += word.octets
      }
    }
    guard rest.isEmpty else { throw RecordProblem("there is more than the data") }
    return data
  }

  // MARK: - Fields

  /// A name; relative ones are below the root.
  static func name(_ word: RecordWord) throws(RecordProblem) -> DomainName {
    guard !word.isQuoted, !word.units.isEmpty else { throw RecordProblem("a name is missing") }
    let dot = UInt16(UInt8(ascii: "."))
    if word.units == [UInt16(UInt8(ascii: "@"))] { return .root }
    var labels: [[UInt8]] = [[]]
    for unit in word.units {
      if unit & ~MarkedText.foreign == dot {
        labels.append([])
      } else {
        labels[labels.count - 1].append(UInt8(truncatingIfNeeded: unit))
      }
    }
    if labels.last?.isEmpty == true { labels.removeLast() }
    if labels == [[]] { return .root }
    guard let name = DomainName(labels: labels) else {
      throw RecordProblem("a name has an empty or a long label, or is too long")
    }
    return name
  }

  private static func number(_ word: RecordWord, max: UInt32) throws(RecordProblem) -> UInt32 {
    guard let text = word.keyword, text.utf8.allSatisfy({ (48...57).contains($0) }),
      let value = UInt32(text), value <= max
    else { throw RecordProblem("a number is wrong, or above \(max)") }
    return value
  }

  private static func string(_ octets: [UInt8]) throws(RecordProblem) -> [UInt8] {
    guard octets.count <= stringOctetCountMax else {
      throw RecordProblem("a string is longer than \(stringOctetCountMax) octets")
    }
    return [UInt8(truncatingIfNeeded: octets.count)] + octets
  }

  private static func octets(_ value: UInt32, _ count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> UInt32($0 * 8)) }
  }

  // MARK: - Other types

  /// `\# LENGTH HEXADECIMAL...` (RFC 3597 §5).
  private static func generic(_ words: [RecordWord]) throws(RecordProblem) -> [UInt8] {
    guard words.count > 1 else { throw RecordProblem("the data has no length") }
    let count = try number(words[1], max: UInt32(octetCountMax))
    let digits = words.dropFirst(2).flatMap(\.octets)
    var data: [UInt8] = []
    for index in stride(from: 0, to: digits.count - 1, by: 2) {
      let pair = String(decoding: digits[index...(index + 1)], as: UTF8.self)
      guard !pair.hasPrefix("+"), !pair.hasPrefix("-"), let octet = UInt8(pair, radix: 16) else {
        throw RecordProblem("the data has an octet that is not hexadecimal")
      }
      data.append(octet)
    }
    guard digits.count == 2 * Int(count) else {
      throw RecordProblem("the data has another length than it says")
    }
    return data
  }

  /// Types for which libldns gets octets of a query: DS, SSHFP, TLSA, SMIMEA, SVCB, HTTPS.
  private static let openTypes: Set<UInt16> = [43, 44, 52, 53, 64, 65]

  /// What libldns makes of the words. It is C and reads text of the Corefile's; of the query's it
  /// gets nothing that is syntax to it, and for a few types alone: the client chooses `.Type`.
  private static func foreign(
    _ words: [RecordWord], _ type: RRType
  ) throws(RecordProblem) -> [UInt8] {
    var text = ". 0 IN \(RecordTypeNames.name(of: type))"
    for word in words {
      for unit in word.units where unit & MarkedText.foreign != 0 {
        guard openTypes.contains(type.rawValue), isHarmless(UInt8(truncatingIfNeeded: unit)),
          unit & RecordWord.escaped == 0
        else {
          throw RecordProblem("a name from a query has a character that this type cannot have")
        }
      }
      text += word.isQuoted ? " \"" : " "
      for unit in word.units { text += presentation(unit) }
      if word.isQuoted { text += "\"" }
    }
    do throws(LDNSError) {
      let wire = try PresentationRecord(text: text).wire()
      // The root, type, class, TTL and length: eleven octets.
      return Array(wire.dropFirst(11))
    } catch {
      throw RecordProblem("libldns: \(error.description)")
    }
  }

  private static func isHarmless(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "/"):
      true
    default: false
    }
  }

  private static func presentation(_ unit: UInt16) -> String {
    let octet = UInt8(truncatingIfNeeded: unit)
    if unit & RecordWord.escaped == 0, (0x20..<0x7F).contains(octet) {
      return String(UnicodeScalar(octet))
    }
    let digits = String(octet)
    return "\\" + String(repeating: "0", count: 3 - digits.utf8.count) + digits
  }
}
