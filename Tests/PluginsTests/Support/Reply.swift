import DNSWire

/// A reply, taken apart: every octet of it is read as a client would.
struct Reply: Sendable {
  /// The octets.
  let octets: [UInt8]
  /// The header.
  let header: Header
  /// The code of the header.
  let code: ResponseCode
  /// The name of the question as it came back.
  let question: String
  /// Records as `name ttl TYPE data`, in their order; OPT is not among them.
  private(set) var answer: [String] = []
  /// The authority section likewise.
  private(set) var authority: [String] = []
  /// The additional section likewise.
  private(set) var additional: [String] = []
  /// The payload size in OPT; `nil` without OPT.
  private(set) var payload: UInt16?
  /// INFO-CODE of the Extended DNS Error in OPT.
  private(set) var extendedError: UInt16?

  /// The names of the flags that are set, in the order of the header: `qr aa tc rd ra cd`.
  var flags: String {
    let names: [(UInt16, String)] = [
      (HeaderFlag.response, "qr"), (HeaderFlag.authoritativeAnswer, "aa"),
      (HeaderFlag.truncated, "tc"), (HeaderFlag.recursionDesired, "rd"),
      (HeaderFlag.recursionAvailable, "ra"), (HeaderFlag.checkingDisabled, "cd"),
    ]
    return names.filter { header.flags & $0.0 != 0 }.map(\.1).joined(separator: " ")
  }

  /// TC.
  var isTruncated: Bool { header.flags & HeaderFlag.truncated != 0 }

  /// The data of all answers of a type, in order.
  func answers(_ type: RRType) -> [String] {
    answer.map { $0.split(separator: " ", maxSplits: 3).map(String.init) }
      .filter { $0.count == 4 && $0[2] == type.description }.map { $0[3] }
  }

  /// Reads a whole message; anything malformed in it fails the test.
  init(_ octets: [UInt8]) throws {
    self.octets = octets
    let message = octets.span
    guard var reader = MessageReader(message),
      let name = readName(message, at: WireLimits.headerOctetCount)
    else { throw Malformed(octets: octets) }
    header = reader.header
    code = ResponseCode(rawValue: header.flags & 0x0F)
    question = name.description
    while let (section, record) = reader.next(message) {
      if record.type == .opt {
        payload = record.classCode
        if record.dataRange.count >= 6, message.word16(record.dataRange.lowerBound) == 15 {
          extendedError = message.word16(record.dataRange.lowerBound + 4)
        }
        continue
      }
      guard let owner = readName(message, at: record.ownerOffset),
        let data = Self.data(message, record)
      else { throw Malformed(octets: octets) }
      let line = "\(owner) \(record.ttl) \(record.type) \(data)"
      switch section {
      case .answer: answer.append(line)
      case .authority: authority.append(line)
      case .additional: additional.append(line)
      }
    }
    guard reader.isAtEnd, reader.offset == octets.count else { throw Malformed(octets: octets) }
  }

  /// A reply that a client could not read, or with octets behind its end.
  struct Malformed: Error {
    let octets: [UInt8]
  }

  private static func data(_ message: borrowing Span<UInt8>, _ record: RecordHeader) -> String? {
    let start = record.dataRange.lowerBound
    func name(_ offset: Int) -> String? { readName(message, at: offset)?.description }
    func numbers(_ count: Int, at offset: Int) -> String {
      (0..<count).map { String(message.word16(offset + 2 * $0)) }.joined(separator: " ")
    }
    switch record.type {
    case .a: return (0..<4).map { String(message[start + $0]) }.joined(separator: ".")
    case .aaaa:
      func half(_ offset: Int) -> UInt64 {
        UInt64(message.word32(offset)) << 32 | UInt64(message.word32(offset + 4))
      }
      return IPAddress(v6High: half(start), low: half(start + 8)).description
    case .cname, .ns, .ptr, RRType(rawValue: 39): return name(start)
    // NAPTR, its strings empty.
    case RRType(rawValue: 35): return name(start + 7).map { numbers(2, at: start) + " " + $0 }
    case .mx: return name(start + 2).map { numbers(1, at: start) + " " + $0 }
    case .srv: return name(start + 6).map { numbers(3, at: start) + " " + $0 }
    case .soa:
      guard let server = name(start), let end = skipName(message, at: start),
        let mailbox = name(end), let rest = skipName(message, at: end)
      else { return nil }
      // The serial is the clock's: left out.
      let times = (1..<5).map { String(message.word32(rest + 4 * $0)) }.joined(separator: " ")
      return "\(server) \(mailbox) \(times)"
    case .hinfo: return (start + 1..<record.end).map { "\(message[$0])" }.joined(separator: " ")
    case .txt: return (start + 1..<record.end).map { String(UnicodeScalar(message[$0])) }.joined()
    default: return nil
    }
  }
}
