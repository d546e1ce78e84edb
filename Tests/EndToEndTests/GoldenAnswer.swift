import TestSupport

/// What an answer says, reduced to what is compared: order and the SOA serial do not count.
struct GoldenAnswer: Equatable, Sendable {
  /// The mnemonic of the response code.
  var responseCode: String
  /// AA, TC, RD, RA, AD, CD as far as they are set.
  var flags: Set<String>
  /// The records of each section, as text.
  var answer: Set<String>
  var authority: Set<String>
  var additional: Set<String>
  /// Whether there is an OPT record.
  var hasEDNS: Bool
  /// `name IN TYPE` of each question; nil for a recorded answer, which always repeats it.
  var questions: [String]?

  /// Reduces a message that came from the server.
  init(_ message: ParsedMessage) {
    responseCode = ResponseCodeName.text(message.responseCode)
    let compared: [(MessageHeader.Flag, String)] = [
      (.aa, "AA"), (.tc, "TC"), (.rd, "RD"), (.ra, "RA"), (.ad, "AD"), (.cd, "CD"),
    ]
    flags = Set(compared.filter { message.header.has($0.0) }.map(\.1))
    answer = Self.texts(message, .answer)
    authority = Self.texts(message, .authority)
    additional = Self.texts(message, .additional)
    hasEDNS = message.edns != nil
    questions = message.questions.map {
      let questionClass = $0.questionClass == 1 ? "IN" : "CLASS\($0.questionClass)"
      return "\($0.name) \(questionClass) \(RecordText.mnemonic($0.type))"
    }
  }

  /// A recorded answer.
  init(
    responseCode: String, flags: Set<String>, answer: Set<String> = [],
    authority: Set<String> = [], additional: Set<String> = [], hasEDNS: Bool
  ) {
    self.responseCode = responseCode
    self.flags = flags
    self.answer = answer
    self.authority = authority
    self.additional = additional
    self.hasEDNS = hasEDNS
  }

  private static func texts(
    _ message: ParsedMessage, _ section: ParsedMessage.Section
  ) -> Set<String> {
    Set(message.records(in: section).map(text))
  }

  /// One record, with what differs from machine to machine and run to run masked.
  static func text(_ record: ParsedMessage.Record) -> String {
    let start = "\(record.owner) \(record.ttl) \(RecordText.mnemonic(record.type)) "
    var words = record.data.split(separator: " ").map(String.init)
    switch record.type {
    case 6 where words.count == 7:
      words[2] = "SERIAL"
      return start + words.joined(separator: " ")
    case 1, 28:
      let isServer = record.owner.lowercased().hasPrefix("ns.dns.")
      return start + (isServer ? "ADDRESS-OF-THIS-MACHINE" : record.data)
    default:
      return start + record.data
    }
  }
}

/// Mnemonics of response codes (RFC 6895 section 2.3).
enum ResponseCodeName {
  private static let names: [UInt16: String] = [
    0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED",
    6: "YXDOMAIN", 7: "YXRRSET", 8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE", 11: "DSOTYPENI",
    16: "BADVERS", 17: "BADKEY", 18: "BADTIME", 22: "BADTRUNC", 23: "BADCOOKIE",
  ]

  static func text(_ code: UInt16) -> String {
    names[code] ?? String(code)
  }
}
