/// A DNS message taken apart by rules of its own, so that the server's codec is not its own judge.
///
/// Strict: names must be whole, pointers must point backwards, records must end where they say, and
/// nothing may follow the last record (RFC 1035 section 4, RFC 6891 section 6.1).
package struct ParsedMessage: Sendable {
  /// A section of records.
  package enum Section: Sendable, CaseIterable {
    case answer, authority, additional
  }

  /// Why the octets are not a message.
  package struct Malformed: Error, Equatable, CustomStringConvertible {
    /// What is wrong.
    package let reason: String
    /// Where, in octets from the start.
    package let offset: Int

    package var description: String { "\(reason) at octet \(offset)" }
  }

  /// The fixed first twelve octets.
  package let header: MessageHeader
  /// The question section, octet for octet.
  package let questionBytes: [UInt8]
  /// The questions, in order.
  package let questions: [Question]
  /// All records but OPT, in order of appearance.
  package let records: [Record]
  /// The OPT pseudo-record; nil without one.
  package let edns: EDNSFields?
  /// The size of the whole message in octets.
  package let byteCount: Int

  /// One question.
  package struct Question: Equatable, Sendable {
    /// Presentation form, absolute.
    package let name: String
    /// QTYPE.
    package let type: UInt16
    /// QCLASS.
    package let questionClass: UInt16

    /// A question as a test expects it.
    package init(name: String, type: UInt16, questionClass: UInt16 = 1) {
      self.name = name
      self.type = type
      self.questionClass = questionClass
    }
  }

  /// One record.
  package struct Record: Equatable, Sendable {
    /// The section it was in.
    package let section: Section
    /// Presentation form, absolute.
    package let owner: String
    /// TYPE.
    package let type: UInt16
    /// CLASS.
    package let recordClass: UInt16
    /// TTL in seconds.
    package let ttl: UInt32
    /// The data in presentation form; `\# n hex` for types not known here (RFC 3597 section 5).
    package let data: String

    /// A record as a test expects it.
    package init(
      section: Section, owner: String, type: UInt16, recordClass: UInt16 = 1, ttl: UInt32,
      data: String
    ) {
      self.section = section
      self.owner = owner
      self.type = type
      self.recordClass = recordClass
      self.ttl = ttl
      self.data = data
    }

    /// `owner ttl TYPE data` as the recorded answers have it.
    package var text: String { "\(owner) \(ttl) \(RecordText.mnemonic(type)) \(data)" }
  }

  /// Takes a message apart.
  package init(_ bytes: [UInt8]) throws(Malformed) {
    var reader = MessageReader(bytes)
    header = try MessageHeader(&reader)
    let questionStart = reader.offset
    var questions: [Question] = []
    for _ in 0..<header.questionCount {
      let name = try reader.name().text
      let type = try reader.word()
      questions.append(Question(name: name, type: type, questionClass: try reader.word()))
    }
    questionBytes = Array(bytes[questionStart..<reader.offset])
    self.questions = questions
    var records: [Record] = []
    var edns: EDNSFields?
    for section in Section.allCases {
      for _ in 0..<header.count(of: section) {
        switch try Self.entry(&reader, section) {
        case .record(let record): records.append(record)
        case .edns(let fields):
          guard edns == nil else { throw reader.malformed("two OPT records") }
          edns = fields
        }
      }
    }
    guard reader.offset == bytes.count else { throw reader.malformed("trailing octets") }
    self.records = records
    self.edns = edns
    byteCount = bytes.count
  }

  private enum Entry {
    case record(Record)
    case edns(EDNSFields)
  }

  private static func entry(
    _ reader: inout MessageReader, _ section: Section
  ) throws(Malformed) -> Entry {
    let owner = try reader.name()
    let type = try reader.word()
    let recordClass = try reader.word()
    let ttl = try reader.doubleWord()
    let count = Int(try reader.word())
    let end = reader.offset + count
    guard end <= reader.bytes.count else { throw reader.malformed("record data runs off") }
    if type == EDNSFields.recordType {
      guard section == .additional else { throw reader.malformed("OPT not in additional") }
      guard owner.text == "." else { throw reader.malformed("OPT owner is not the root") }
      let fields = try EDNSFields(&reader, size: recordClass, ttl: ttl, end: end)
      return .edns(fields)
    }
    let data = try RecordText.data(type, &reader, end: end)
    guard reader.offset == end else { throw reader.malformed("record data has another length") }
    return .record(
      Record(
        section: section, owner: owner.text, type: type, recordClass: recordClass, ttl: ttl,
        data: data))
  }

  /// The records of one section.
  package func records(in section: Section) -> [Record] {
    records.filter { $0.section == section }
  }

  /// The response code with the upper bits of the OPT record (RFC 6891 section 6.1.3).
  package var responseCode: UInt16 {
    UInt16(header.lowResponseCode) | UInt16(edns?.extendedResponseCode ?? 0) << 4
  }
}
