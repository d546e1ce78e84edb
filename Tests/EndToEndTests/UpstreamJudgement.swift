import TestSupport

/// What is wrong with a reply that came through a forwarder; empty when all is well.
struct UpstreamJudgement {
  let query: [UInt8]
  let mode: UpstreamMode
  let variant: UpstreamVariant

  /// The complaints about a reply; nil is none.
  func complaints(_ reply: [UInt8]?) -> [String] {
    guard let reply else { return ["no reply in 5 s"] }
    let asked: ParsedMessage
    let message: ParsedMessage
    do {
      asked = try ParsedMessage(query)
      message = try ParsedMessage(reply)
    } catch {
      return ["malformed: \(error)"]
    }
    return formal(asked, message) + secret(message) + order(asked, message) + outcome(message)
      + ages(message)
  }

  // MARK: - Form

  private func formal(_ asked: ParsedMessage, _ message: ParsedMessage) -> [String] {
    let header = message.header
    var complaints: [String] = []
    func expect(_ holds: Bool, _ complaint: String) {
      if !holds { complaints.append(complaint) }
    }
    expect(header.id == asked.header.id && header.has(.qr), "not a reply to the query")
    expect(message.questionBytes == asked.questionBytes, "the question is not the client's")
    expect(header.opcode == 0, "opcode \(header.opcode)")
    expect(!header.has(.z), "Z is set")
    expect(!header.has(.ad), "AD is set though nobody asked for it")
    expect(header.has(.rd), "RD is not the client's")
    expect(!header.has(.cd), "CD is not the client's")
    expect(!(variant.isStream && header.has(.tc) && mode.expectsWhole), "TC over TCP")
    expect((message.edns == nil) == (asked.edns == nil), "OPT unlike the query's")
    if let edns = message.edns {
      expect(edns.version == 0, "version \(edns.version) of EDNS")
      expect(edns.reservedFlags == 0 && !edns.dnssecOK, "flags of EDNS")
      let hopByHop: Set<UInt16> = [8, 10, 11, 12]
      expect(hopByHop.isDisjoint(with: edns.options.map(\.code)), "an option of another hop")
    }
    let limit = variant.isStream ? 65_535 : variant.hasEDNS ? 1232 : 512
    expect(message.byteCount <= limit, "\(message.byteCount) octets, at most \(limit)")
    expect(![1, 4].contains(message.responseCode), "code \(message.responseCode) to a good query")
    return complaints
  }

  /// Nothing that an attacker slipped in may be seen, in any section.
  private func secret(_ message: ParsedMessage) -> [String] {
    let evil = "\\# 4 " + Octets.address4(RecordDraft.evilAddress).map(hexadecimal).joined()
    let shown = message.records.filter {
      $0.data == RecordDraft.evilAddress || $0.data == evil || [250, 24].contains($0.type)
    }
    return shown.map { "shows \($0.text)" }
  }

  private func hexadecimal(_ octet: UInt8) -> String {
    (octet < 16 ? "0" : "") + String(octet, radix: 16)
  }

  /// Every record of the answer belongs to the question or to an alias told before it.
  private func order(_ asked: ParsedMessage, _ message: ParsedMessage) -> [String] {
    guard let question = asked.questions.first else { return ["no question"] }
    var names: Set = [question.name.lowercased()]
    var complaints: [String] = []
    let branchType: UInt16 = 39
    for record in message.records(in: .answer) where record.type != branchType {
      if !names.contains(record.owner.lowercased()) { complaints.append("strays: \(record.text)") }
      if record.type == 5 { names.insert(record.data.lowercased()) }
    }
    return complaints
  }

  /// Answers keep the TTL they came with, or less; denials have it from their SOA once the cache
  /// has seen them (RFC 2308 section 5).
  private func ages(_ message: ParsedMessage) -> [String] {
    let answer = message.records(in: .answer)
    let isDenial = answer.isEmpty && variant == .cached
    let counted = isDenial ? message.records(in: .authority) : answer
    return counted.filter { $0.ttl > mode.ttlMax }.map { "TTL of \($0.text)" }
  }

  // MARK: - Outcome

  private func outcome(_ message: ParsedMessage) -> [String] {
    let code = message.responseCode
    let answer = message.records(in: .answer)
    let isFailure = code == 2 && answer.isEmpty
    let isShort = message.header.has(.tc) && !variant.isStream && code == 0
    let holds =
      switch mode.outcome {
      case .answer: message.isGood || isShort
      case .answerOrFailure: message.isGood || isShort || isFailure
      case .records: code == 0 && !answer.isEmpty || isShort
      case .code(let codes): codes.contains(code) && answer.isEmpty
      case .failureOfStream: isFailure || isShort
      case .denial: code == 3
      case .noData: code == 0 && answer.isEmpty
      case .noDataOrFailure: (code == 0 || code == 2) && answer.isEmpty
      case .anything: true
      }
    let texts = answer.prefix(3).map(\.text)
    let cut = message.header.has(.tc) ? " with TC" : ""
    return holds ? [] : ["want \(mode.outcome), got code \(code)\(cut) and \(texts)"]
  }
}

extension UpstreamMode {
  /// Whether a client that came by TCP must get everything.
  fileprivate var expectsWhole: Bool {
    switch outcome {
    case .answer, .records: true
    default: false
    }
  }
}
