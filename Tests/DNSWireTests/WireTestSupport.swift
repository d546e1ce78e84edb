import DNSWire
import Testing

// MARK: - Octets

/// A 16-bit number in network order.
func octets16(_ value: Int) -> [UInt8] {
  [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
}

/// A label of `count` times the same octet, with its length in front.
func label(_ count: Int, _ octet: UInt8 = UInt8(ascii: "a")) -> [UInt8] {
  [UInt8(truncatingIfNeeded: count)] + Array(repeating: octet, count: count)
}

/// The wire form of an absolute name without escapes, for literals in tests.
func wire(_ text: String) -> [UInt8] {
  text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
}

/// Labels of together `count` octets (length octets included), without a root.
func labels(octetCount count: Int) -> [UInt8] {
  var result: [UInt8] = []
  while result.count < count {
    let rest = count - result.count
    // Never leave a single octet over: it could not be a label.
    let size = rest == 65 ? 63 : min(rest, 64)
    result += label(size - 1)
  }
  return result
}

// MARK: - Messages

/// A header of twelve octets.
func header(
  id: Int = 0x1234, flags: Int = 0, _ questions: Int = 1, _ answers: Int = 0,
  _ authority: Int = 0, _ additional: Int = 0
) -> [UInt8] {
  [id, flags, questions, answers, authority, additional].flatMap(octets16)
}

/// A question of class IN.
func question(_ name: String = "a.example", type: Int = 1) -> [UInt8] {
  wire(name) + octets16(type) + [0, 1]
}

/// A record as it stands on the wire, `length` standing in for the true RDLENGTH.
func record(
  owner: [UInt8] = [0], type: Int, classCode: Int = 1, ttl: [UInt8] = [0, 0, 0, 60],
  length: Int? = nil, _ data: [UInt8] = []
) -> [UInt8] {
  owner + octets16(type) + octets16(classCode) + ttl + octets16(length ?? data.count) + data
}

/// An OPT record.
func optRecord(
  owner: [UInt8] = [0], size: Int = 1232, version: UInt8 = 0, flags: Int = 0, length: Int? = nil,
  options: [UInt8] = []
) -> [UInt8] {
  record(
    owner: owner, type: 41, classCode: size, ttl: [0, version] + octets16(flags), length: length,
    options)
}

// MARK: - Functions that take spans, over arrays

func readHeader(_ octets: [UInt8]) -> Header? { Header(octets.span) }

func readName(_ octets: [UInt8], at start: Int = 0) -> DomainName? {
  readName(octets.span, at: start)
}

func skipName(_ octets: [UInt8], at start: Int = 0) -> Int? { skipName(octets.span, at: start) }

func readRecord(_ octets: [UInt8], at start: Int = 0) -> RecordHeader? {
  RecordHeader(octets.span, at: start)
}

/// The tail of a query with one question, whose QTYPE decides; without the place of options.
func tail(of message: [UInt8]) -> QueryTail? {
  switch fullTail(of: message) {
  case .wellFormed(let edns): .wellFormed(edns?.withoutPlace)
  case .malformed(let edns): .malformed(edns?.withoutPlace)
  case nil: nil
  }
}

extension EDNS {
  fileprivate var withoutPlace: EDNS {
    var copy = self
    copy.optionsRange = 0..<0
    return copy
  }
}

/// The tail of a query with one question, whose QTYPE decides.
func fullTail(of message: [UInt8]) -> QueryTail? {
  guard let header = Header(message.span), let end = skipName(message.span, at: 12) else {
    return nil
  }
  let type = RRType(rawValue: message.span.word16(end))
  return readQueryTail(message.span, at: end + 4, header: header, type: type)
}

/// What `QueryName.parse` made of `octets`.
struct ParsedQueryName: Equatable {
  var end: Int
  var folded: [UInt8]
  var labelOffsets: [Int]
}

func parseQueryName(_ octets: [UInt8], at start: Int = 0) -> ParsedQueryName? {
  var name = QueryName()
  guard let end = name.parse(octets.span, at: start) else { return nil }
  return ParsedQueryName(
    end: end, folded: (0..<name.octetCount).map { name.octets[$0] },
    labelOffsets: (0..<name.labelCount).map { Int(name.labelOffsets[$0]) })
}

/// Which of `zones` holds the query name that stands in `octets`.
func match(_ octets: [UInt8], in zones: [DomainName]) -> ZoneIndex.Match? {
  var name = QueryName()
  guard name.parse(octets.span, at: 0) != nil else { return nil }
  return ZoneIndex(zones).match(name)
}

/// All records of a message, and whether the reader came to the end of what the header counts.
func readAll(
  _ message: [UInt8]
) -> (records: [(section: MessageReader.Section, record: RecordHeader)], isAtEnd: Bool)? {
  guard var reader = MessageReader(message.span) else { return nil }
  var records: [(section: MessageReader.Section, record: RecordHeader)] = []
  while let next = reader.next(message.span) { records.append(next) }
  return (records, reader.isAtEnd)
}

// MARK: - Replies

/// What a writer left in its buffer.
struct Composed {
  /// The reply.
  var octets: [UInt8]
  /// No octet before or after the buffer changed.
  var areCanariesIntact: Bool
  /// The header, when there is a whole one.
  var header: Header? { readHeader(octets) }
}

/// Lends `capacity` octets that lie between canaries; whether those are intact afterwards.
@unsafe private func withCanaries(
  capacity: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Void
) -> Bool {
  let canaryCount = 64
  let canary: UInt8 = 0xA5
  var memory = [UInt8](repeating: canary, count: capacity + 2 * canaryCount)
  unsafe memory.withUnsafeMutableBufferPointer { buffer in
    // SAFETY: `capacity` octets from there lie in the array, which the closure holds alone.
    if let start = buffer.baseAddress { unsafe body(start + canaryCount) }
  }
  let around = memory.prefix(canaryCount) + memory.suffix(canaryCount)
  return around.allSatisfy { $0 == canary }
}

extension ReplyWriter {
  fileprivate var octets: [UInt8] { withOctets { span in (0..<span.count).map { span[$0] } } }
}

/// Runs `body` on a writer over `capacity` octets that lie between canaries.
func compose(capacity: Int = 512, _ body: (inout ReplyWriter) -> Void) -> Composed {
  var octets: [UInt8] = []
  let areIntact = unsafe withCanaries(capacity: max(0, capacity)) { start in
    var writer = unsafe ReplyWriter(base: start, capacity: capacity)
    body(&writer)
    octets = writer.octets
  }
  return Composed(octets: octets, areCanariesIntact: areIntact)
}

/// Writes to one buffer, moves the writer to another of `movedCapacity` octets, overwrites the
/// first and goes on in the second: what that holds then.
func composeMoved(
  movedCapacity: Int, _ body: (inout ReplyWriter) -> Void,
  then goOn: (inout ReplyWriter) -> Void
) -> Composed {
  var moved = Composed(octets: [], areCanariesIntact: false)
  let first = compose { writer in
    body(&writer)
    let areIntact = unsafe withCanaries(capacity: movedCapacity) { start in
      var target = unsafe writer.moved(to: start, capacity: movedCapacity)
      writer.reset(sizeMax: 512, hasOPT: false)
      for _ in 0..<500 { writer.append8(0xEE) }
      goOn(&target)
      moved.octets = target.octets
    }
    moved.areCanariesIntact = areIntact
  }
  moved.areCanariesIntact = moved.areCanariesIntact && first.areCanariesIntact
  return moved
}

/// A query's header with everything set that a reply may copy, or must not.
func queryHeader(id: UInt16 = 0x1234, flags: UInt16 = 0) -> Header {
  var header = Header()
  header.id = id
  header.flags = flags
  header.questionCount = 1
  return header
}

extension ReplyWriter {
  /// Writes one A record owned by the question's name; whether it fit.
  mutating func writeAddress(_ section: Section = .answer, last: UInt8 = 1) -> Bool {
    beginRecord()
    appendQuestionOwned(.a, ttl: 30, dataLength: 4)
    append32(0x0A00_0000 | UInt32(last))
    return endRecord(section)
  }

  /// Writes one A record, which must fit, or must not.
  mutating func expectAddress(
    _ section: Section = .answer, last: UInt8 = 1, fits: Bool = true,
    at location: SourceLocation = #_sourceLocation
  ) {
    let didFit = writeAddress(section, last: last)
    #expect(didFit == fits, sourceLocation: location)
  }

  /// Ends the reply to a query without flags.
  mutating func finish(
    edns: EDNS? = nil, error: (code: ExtendedError, text: StaticString)? = nil
  ) {
    finish(query: queryHeader(), edns: edns, payloadSize: 1232, error: error)
  }
}

/// What a query's OPT usually says.
let usualEDNS = EDNS(requestorPayloadSize: 1232, version: 0, dnssecOK: false)
