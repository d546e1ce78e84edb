import TestSupport
import Testing

/// One raw query with what must come back; the format is told at the top of wire-rows.txt.
struct WireRow: Sendable, CustomTestStringConvertible {
  /// How the query goes out.
  enum Transport: String, Sendable {
    case udp, tcp
  }

  /// A line that does not follow the format.
  struct FormatError: Error, Equatable {
    let line: String
  }

  let id: String
  let transport: Transport
  let query: [UInt8]
  let expectation: WireExpectation
  /// The rule behind the row.
  let reason: String

  var testDescription: String { "\(id): \(reason)" }

  /// Reads one line.
  init(_ line: String) throws {
    let fields = line.split(separator: ";").map { String($0).trimmed }
    guard fields.count == 5, let transport = Transport(rawValue: fields[1]),
      let query = Self.octets(fields[2])
    else { throw FormatError(line: line) }
    id = fields[0]
    self.transport = transport
    self.query = query
    expectation = try WireExpectation(fields[3])
    reason = fields[4]
  }

  /// All rows of a fixture.
  static func rows(of fixture: String) throws -> [WireRow] {
    try Fixture.text(fixture).split(separator: "\n").map(String.init)
      .filter { !$0.hasPrefix("#") && !$0.isEmpty }
      .map(WireRow.init)
  }

  /// The octets of a message field; nil when a word is not understood.
  static func octets(_ text: String) -> [UInt8]? {
    var octets: [UInt8] = []
    for word in text.split(separator: " ") where word != "-" {
      if word.hasPrefix("name:") {
        octets += Query.wireName(String(word.dropFirst("name:".count)))
        continue
      }
      let parts = word.split(separator: "*", omittingEmptySubsequences: false)
      guard let unit = parts.first.flatMap({ hexadecimal($0) }), parts.count <= 2 else {
        return nil
      }
      let repetitionCountMax = 65_535
      guard let count = parts.count == 2 ? Int(parts[1]) : 1,
        (0...repetitionCountMax).contains(count)
      else { return nil }
      for _ in 0..<count { octets += unit }
    }
    return octets
  }

  private static func hexadecimal(_ text: Substring) -> [UInt8]? {
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map {
      UInt8(truncatingIfNeeded: digits[$0] << 4 | digits[$0 + 1])
    }
  }
}
