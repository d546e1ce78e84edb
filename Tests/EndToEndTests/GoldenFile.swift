import TestSupport

/// Recorded answers of one set of options; the format is told in Tests/Fixtures/golden/README.md.
struct GoldenFile: Sendable {
  /// How a question went out.
  enum Transport: String, Sendable {
    case udp, tcp, edns
  }

  /// One question and its recorded answer.
  struct Entry: Sendable {
    let name: String
    let type: Query.Kind
    let transport: Transport
    let answer: GoldenAnswer
  }

  /// A line that does not follow the format.
  struct FormatError: Error, Equatable, CustomStringConvertible {
    let lineNumber: Int
    let reason: String

    var description: String { "line \(lineNumber): \(reason)" }
  }

  private(set) var zones: [String] = []
  private(set) var entries: [Entry] = []
  private var ttl = "0"
  private var soas: [String: String] = [:]
  private var sets: [String: String] = [:]

  /// Reads the text of a file.
  init(_ text: String) throws(FormatError) {
    for (index, line) in text.split(separator: "\n").enumerated() {
      do {
        try read(String(line))
      } catch {
        throw FormatError(lineNumber: index + 1, reason: error.reason)
      }
    }
  }

  private struct LineError: Error {
    let reason: String
  }

  private mutating func read(_ line: String) throws(LineError) {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    guard words.count == 2, let keyword = words.first, let rest = words.last else {
      throw LineError(reason: "one word only")
    }
    switch keyword {
    case "zones": zones = rest.split(separator: " ").map(String.init)
    case "ttl": ttl = rest
    case "soa", "set":
      let parts = rest.split(separator: " ", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw LineError(reason: "no key") }
      if keyword == "soa" { soas[parts[0]] = parts[1] } else { sets[parts[0]] = parts[1] }
    default: try readQuestions(keyword, rest)
    }
  }

  private mutating func readQuestions(_ name: String, _ rest: String) throws(LineError) {
    guard name.hasSuffix(".") else { throw LineError(reason: "not a name: \(name)") }
    let sections = rest.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    var words = (sections.first ?? "").split(separator: " ").map(String.init)
    let types = (words.first ?? "").split(separator: ",").map(String.init)
    var transport = Transport.udp
    words.removeFirst(min(1, words.count))
    if words.first == "via" {
      guard let named = words.dropFirst().first.flatMap(Transport.init(rawValue:)) else {
        throw LineError(reason: "unknown transport")
      }
      transport = named
      words.removeFirst(2)
    }
    let answer = try answer(words, Array(sections.dropFirst()), name: name, transport)
    for type in types {
      guard let kind = Query.Kind(mnemonic: type) else {
        throw LineError(reason: "unknown type \(type)")
      }
      entries.append(Entry(name: name, type: kind, transport: transport, answer: answer))
    }
  }

  private func answer(
    _ words: [String], _ sections: [String], name: String, _ transport: Transport
  ) throws(LineError) -> GoldenAnswer {
    guard let outcome = words.first else { throw LineError(reason: "no outcome") }
    let hasEDNS = transport == .edns
    switch outcome {
    case "refused", "failed":
      return GoldenAnswer(
        responseCode: outcome == "refused" ? "REFUSED" : "SERVFAIL", flags: ["RD"],
        hasEDNS: hasEDNS)
    case "nx", "nodata":
      guard let soa = words.dropFirst().first.flatMap({ soas[$0] }) else {
        throw LineError(reason: "unknown SOA")
      }
      return GoldenAnswer(
        responseCode: outcome == "nx" ? "NXDOMAIN" : "NOERROR", flags: ["AA", "RD"],
        authority: [soa], hasEDNS: hasEDNS)
    case "ok", "denied":
      var records: [Set<String>] = []
      for index in 0..<3 {
        let text = index < sections.count ? sections[index] : ""
        records.append(try self.records(text, name: name))
      }
      return GoldenAnswer(
        responseCode: outcome == "ok" ? "NOERROR" : "NXDOMAIN",
        flags: words.contains("tc") ? ["AA", "RD", "TC"] : ["AA", "RD"],
        answer: records[0], authority: records[1], additional: records[2], hasEDNS: hasEDNS)
    default:
      throw LineError(reason: "unknown outcome \(outcome)")
    }
  }

  private func records(_ section: String, name: String) throws(LineError) -> Set<String> {
    var text = section.trimmed
    if text.hasPrefix("=") {
      guard let shared = sets[String(text.dropFirst())] else {
        throw LineError(reason: "unknown set \(text)")
      }
      text = shared
    }
    var records: Set<String> = []
    for part in text.split(separator: ";") {
      let words = part.split(separator: " ", maxSplits: 2).map(String.init)
      guard words.count == 3 else { throw LineError(reason: "not a record: \(part)") }
      let owner = words[0] == "@" ? name : words[0]
      let hasTTL = UInt32(words[1]) != nil
      let rest = hasTTL ? "\(words[1]) \(words[2])" : "\(ttl) \(words[1]) \(words[2])"
      records.insert("\(owner) \(rest)".replacing("\\059", with: ";"))
    }
    return records
  }
}

extension String {
  /// Without spaces at both ends.
  var trimmed: String {
    let start = drop { $0 == " " }
    guard let end = start.lastIndex(where: { $0 != " " }) else { return "" }
    return String(start[...end])
  }
}
