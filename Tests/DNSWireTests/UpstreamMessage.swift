import DNSWire
import Testing

/// A message as an upstream may send it: `octets` is exactly what the parts say, right or wrong.
struct UpstreamMessage {
  var id = 0x1234
  var flags = 0x8180
  var question = DNSWireTests.question()
  var answer: [[UInt8]] = []
  var authority: [[UInt8]] = []
  var additional: [[UInt8]] = []
  /// Other counts than the true ones: QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT.
  var counts: [Int?] = [nil, nil, nil, nil]

  var octets: [UInt8] {
    let sections = [question.isEmpty ? [] : [question], answer, authority, additional]
    let counted = zip(counts, sections).map { $0 ?? $1.count }
    return header(id: id, flags: flags, counted[0], counted[1], counted[2], counted[3])
      + sections.flatMap { $0.flatMap { $0 } }
  }
}

/// A name that points to the question's.
let questionPointer: [UInt8] = [0xC0, 12]

/// The octets of a TTL.
func ttl(_ seconds: UInt32) -> [UInt8] {
  octets16(Int(seconds >> 16)) + octets16(Int(seconds & 0xFFFF))
}

/// An A record.
func address(_ owner: [UInt8] = questionPointer, last: UInt8 = 1, ttl seconds: UInt32 = 60)
  -> [UInt8]
{
  record(owner: owner, type: 1, ttl: ttl(seconds), [192, 0, 2, last])
}

/// A record whose RDATA is one name, CNAME if not said.
func named(
  _ owner: [UInt8], _ target: [UInt8], type: Int = 5, ttl seconds: UInt32 = 60,
  before: [UInt8] = []
) -> [UInt8] {
  record(owner: owner, type: type, ttl: ttl(seconds), before + target)
}

/// A CNAME record of the question's name.
func named(_ target: [UInt8]) -> [UInt8] { named(questionPointer, target) }

/// A SOA record.
func soa(_ owner: [UInt8], ttl seconds: UInt32 = 60, minimum: UInt32 = 30) -> [UInt8] {
  record(
    owner: owner, type: 6, ttl: ttl(seconds),
    wire("ns.example") + wire("admin.example") + Array(repeating: 0, count: 16) + ttl(minimum))
}

/// A signature that covers records of `type`; its contents are of no interest here.
func signature(_ owner: [UInt8] = questionPointer, of type: Int) -> [UInt8] {
  record(
    owner: owner, type: 46,
    octets16(type) + [8, 2] + ttl(60) + ttl(2_000_000_000) + ttl(1_000_000_000) + [0, 1]
      + wire("example") + [1, 2, 3, 4])
}

// MARK: - Judging and copying

/// The verdict over a message that arrives where the reply to `question` is waited for.
func judge(
  _ message: [UInt8], question asked: [UInt8] = question(), edns: Bool = true
) -> ReplyVerdict {
  judgeReply(message.span, id: 0x1234, question: asked.span, askedWithEDNS: edns)
}

/// What a verdict says about a reply that is ours.
func summary(
  _ message: [UInt8], question asked: [UInt8] = question(), edns: Bool = true
) -> ReplySummary? {
  guard case .ours(let summary) = judge(message, question: asked, edns: edns) else { return nil }
  return summary
}

/// A reply that a message was copied into.
struct CopiedReply {
  var composed: Composed
  var result = CopiedAnswer()
  /// The records as `lines` shows them.
  var lines: [String] { DNSWireTests.lines(composed.octets) }
}

/// Judges a message, copies it into a reply and finishes that. `asked` is the client's question, if
/// its case differs from the message's.
func copy(
  _ message: UpstreamMessage, asked: [UInt8]? = nil, dnssecOK: Bool = false,
  sizeMax: Int = 65_535, then goOn: (inout ReplyWriter, inout CopiedAnswer) -> Void = { _, _ in },
  at location: SourceLocation = #_sourceLocation
) -> CopiedReply {
  var result = CopiedAnswer()
  let octets = message.octets
  let asked = asked ?? message.question
  let composed = compose(capacity: 65_535) { writer in
    writer.reset(sizeMax: sizeMax, hasOPT: false)
    writer.appendQuestion(asked.span)
    guard let summary = summary(octets, question: asked) else {
      Issue.record("not ours", sourceLocation: location)
      return
    }
    result = copyReply(octets.span, summary, into: &writer, dnssecOK: dnssecOK)
    goOn(&writer, &result)
    writer.finish()
  }
  #expect(composed.areCanariesIntact, sourceLocation: location)
  return CopiedReply(composed: composed, result: result)
}

// MARK: - Replies as text

/// The records of a message, a line each: section, owner, TTL, TYPE, RDATA.
func lines(_ message: [UInt8]) -> [String] {
  guard let all = readAll(message), all.isAtEnd else { return ["malformed"] }
  return all.records.map { section, record in
    let owner = readName(message, at: record.ownerOffset)?.description ?? "?"
    let data = dataText(message, record)
    return "\(section) \(owner) \(record.ttl) \(record.type) \(data)"
  }
}

private func dataText(_ message: [UInt8], _ record: RecordHeader) -> String {
  let range = record.dataRange
  let data = message[range]
  func name(_ offset: Int) -> String {
    readName(message, at: range.lowerBound + offset)?.description ?? "?"
  }
  return switch record.type.rawValue {
  case 1: data.map { "\($0)" }.joined(separator: ".")
  case 2, 5, 12, 39: name(0)
  case 6: name(0) + " ..."
  case 15: "\(message.span.word16(range.lowerBound)) " + name(2)
  case 33: name(6)
  case 46: "\(RRType(rawValue: message.span.word16(range.lowerBound)))"
  default: "\(data.count) octets"
  }
}
