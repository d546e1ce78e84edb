import DNSWire
import Server
import ZoneText

/// What comes back for one query, in words.
struct Verdict {
  /// `NOERROR`, `NODATA`, another code, or what happens instead of a reply.
  var code = ""
  /// The plugin that answered; empty when the server itself did.
  var plugin = ""
  /// The records, a line each, section by section.
  var answer: [String] = []
  var authority: [String] = []
  var additional: [String] = []
  /// The Extended DNS Error (RFC 8914), `14: text`; empty without one.
  var error = ""

  /// Not the name itself is asked for elsewhere, but the target of its alias.
  var isAlias = false

  /// Whether a resolver would stop here on its search path.
  var isFinal: Bool { code == "NOERROR" || code == "FORWARDED" }

  /// Reads what came of a query.
  init(_ result: SingleQuery.Result) {
    switch result {
    case .silence: code = "no reply"
    case .waiting(let plugin, let isOfAlias):
      self.plugin = plugin
      code = "FORWARDED"
      isAlias = isOfAlias
    case .reply(let octets, let plugin):
      self.plugin = plugin
      read(octets)
    }
  }

  /// A query with RD and EDNS, so that errors say why.
  static func query(_ name: DomainName, _ type: RRType, id: UInt16 = 1) -> [UInt8] {
    let (high, low) = (UInt8(type.rawValue >> 8), UInt8(truncatingIfNeeded: type.rawValue))
    let number = [UInt8(id >> 8), UInt8(truncatingIfNeeded: id)]
    let header: [UInt8] = number + [1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
    // OPT (RFC 6891 §6.1.2): root, type 41, 65,535 octets, version 0, no options.
    return header + name.wire + [high, low, 0, 1, 0, 0, 41, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0]
  }

  private mutating func read(_ octets: [UInt8]) {
    guard let header = Header(octets.span), let judge = try? MessageJudge(octets) else {
      code = "a reply that cannot be read"
      return
    }
    let texts = judge.records.map { wire in
      (try? PresentationRecord(wire: wire).text).flatMap { $0 }
        ?? "a record of \(wire.count) octets"
    }
    let answerCount = min(judge.counts[1], texts.count)
    let authorityCount = min(judge.counts[2], texts.count - answerCount)
    answer = Array(texts.prefix(answerCount))
    authority = Array(texts.dropFirst(answerCount).prefix(authorityCount))
    additional = Array(texts.dropFirst(answerCount + authorityCount))
    code = ResponseCode(rawValue: header.flags & 0xF).description
    if code == "NOERROR", answer.isEmpty { code = "NODATA" }
    readError(octets.span)
  }

  /// The first Extended DNS Error of the OPT record (RFC 8914 §2).
  private mutating func readError(_ octets: Span<UInt8>) {
    guard var reader = MessageReader(octets) else { return }
    while let (_, record) = reader.next(octets) {
      guard record.type == .opt else { continue }
      guard let option = ExtendedErrorOption(octets, in: record.dataRange) else { return }
      error = "\(option.code): \(printableText(option.text.map { octets[$0] }))"
      return
    }
  }
}
