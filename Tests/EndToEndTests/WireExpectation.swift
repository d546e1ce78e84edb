import TestSupport

/// What a reply must be like: words that must all hold.
///
/// | word | meaning |
/// |---|---|
/// | `drop`, `close` | no reply; with `or` before it, the other words hold if there is one |
/// | `rcode=A\|B` | the extended response code is one of these |
/// | `qr= aa= tc= rd= ra= z= ad= cd=` | header bits, `0` or `1` |
/// | `opcode=`, `qd=`, `an=`, `ns=`, `ar=`, `len=` | numbers; also with `>=` and `<=` |
/// | `opt=`, `ver=`, `do=`, `mbz=`, `ednssize=` | the OPT record and its fields |
/// | `opts=1,2`, `noopts=1,2` | option codes that must, must not be there |
/// | `qecho` | the question section is that of the query, octet for octet |
///
/// A reply must also be well-formed, have QR=1 and the query's ID.
struct WireExpectation: Equatable, Sendable {
  /// A word that is not in the table.
  struct UnknownWord: Error, Equatable {
    let word: String
  }

  /// How a number is compared.
  enum Relation: String, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case equal = "="
  }

  /// One word.
  enum Word: Equatable {
    case responseCode([String])
    case number(field: String, Relation, [Int])
    case options(Set<UInt16>, present: Bool)
    case questionEcho
  }

  /// Whether there may be no reply.
  let allowsSilence: Bool
  /// Whether there may be a reply.
  let allowsReply: Bool
  /// What must hold for a reply.
  let words: [Word]

  private static let fields: Set<String> = [
    "qr", "aa", "tc", "rd", "ra", "z", "ad", "cd", "opcode", "qd", "an", "ns", "ar", "len", "opt",
    "ver", "do", "mbz", "ednssize",
  ]

  /// Reads the words.
  init(_ text: String) throws(UnknownWord) {
    let all = text.split(separator: " ").map(String.init)
    allowsSilence = all.contains("drop") || all.contains("close")
    allowsReply = !allowsSilence || all.contains("or")
    var words: [Word] = []
    for word in all where !["drop", "close", "or"].contains(word) {
      words.append(try Self.parse(word))
    }
    self.words = words
  }

  private static func parse(_ word: String) throws(UnknownWord) -> Word {
    if word == "qecho" { return .questionEcho }
    for relation in Relation.allCases {
      guard let range = word.firstRange(of: relation.rawValue) else { continue }
      let field = String(word[..<range.lowerBound])
      let values = word[range.upperBound...]
      switch field {
      case "rcode": return .responseCode(values.split(separator: "|").map(String.init))
      case "opts", "noopts":
        let codes = values.split(separator: ",").compactMap { UInt16($0) }
        return .options(Set(codes), present: field == "opts")
      default:
        let numbers = values.split(separator: "|").compactMap { Int($0) }
        guard fields.contains(field), !numbers.isEmpty else { throw UnknownWord(word: word) }
        return .number(field: field, relation, numbers)
      }
    }
    throw UnknownWord(word: word)
  }

  /// What is wrong with a reply (nil: there was none); empty when all holds.
  func complaints(query: [UInt8], reply: [UInt8]?) -> [String] {
    guard let reply else { return allowsSilence ? [] : ["no reply"] }
    guard allowsReply else { return ["a reply"] }
    let message: ParsedMessage
    do {
      message = try ParsedMessage(reply)
    } catch {
      return ["malformed reply: \(error)"]
    }
    var complaints: [String] = []
    if !message.header.has(.qr) { complaints.append("QR=0") }
    if Array(reply.prefix(2)) != Array(query.prefix(2)) { complaints.append("another ID") }
    for word in words {
      if let complaint = Self.complaint(word, message, query: query) {
        complaints.append(complaint)
      }
    }
    return complaints
  }

  private static func complaint(
    _ word: Word, _ message: ParsedMessage, query: [UInt8]
  ) -> String? {
    switch word {
    case .responseCode(let names):
      let got = ResponseCodeName.text(message.responseCode)
      return names.contains(got) ? nil : "rcode \(got), not \(names)"
    case .questionEcho:
      let echoed = message.questionBytes
      let isEcho = echoed.count >= 5 && Array(query.dropFirst(12).prefix(echoed.count)) == echoed
      return isEcho ? nil : "question not echoed"
    case .options(let codes, let present):
      let got = Set((message.edns?.options ?? []).map(\.code))
      let holds = present ? codes.isSubset(of: got) : codes.isDisjoint(with: got)
      return holds ? nil : "options \(got.sorted())"
    case .number(let field, let relation, let numbers):
      guard let got = number(field, message) else { return "no \(field)" }
      let holds = numbers.contains { number in
        switch relation {
        case .equal: got == number
        case .atLeast: got >= number
        case .atMost: got <= number
        }
      }
      return holds ? nil : "\(field) is \(got), not \(relation.rawValue)\(numbers)"
    }
  }

  private static func number(_ field: String, _ message: ParsedMessage) -> Int? {
    let header = message.header
    let flag = MessageHeader.Flag.allCases.first { "\($0)" == field }
    if let flag { return header.has(flag) ? 1 : 0 }
    return switch field {
    case "opcode": Int(header.opcode)
    case "qd": header.questionCount
    case "an": header.answerCount
    case "ns": header.authorityCount
    case "ar": header.additionalCount
    case "len": message.byteCount
    case "opt": message.edns == nil ? 0 : 1
    case "ver": message.edns.map { Int($0.version) }
    case "do": message.edns.map { $0.dnssecOK ? 1 : 0 }
    case "mbz": message.edns.map { Int($0.reservedFlags) }
    case "ednssize": message.edns.map { Int($0.payloadSize) }
    default: nil
    }
  }
}
