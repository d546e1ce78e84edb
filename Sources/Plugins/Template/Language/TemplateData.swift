import DNSWire

/// What a template can know of a query.
package struct TemplateData: Sendable {
  /// `.Zone`: the zone of the directive that holds the name.
  package var zone = MarkedText()
  /// `.Name`: the name asked for, in lower case.
  package var name = MarkedText()
  /// `.Regex`: the expression that matched.
  package var regex = MarkedText(".*")
  /// `.Match`: the whole match, then its groups.
  package var match: [MarkedText] = []
  /// Names of groups, by their number.
  package var groupNames: [(name: String, group: Int)] = []
  /// `.Class`.
  package var classCode = RRClass.internet
  /// `.Type`: the type asked for; the directive's when that is ANY.
  package var type = RRType.a
  /// The type asked for.
  package var questionType = RRType.a
  /// The name asked for, with the client's case.
  package var questionName = MarkedText()
  /// The query's header.
  package var header = Header()
  /// `.Remote`: who asks.
  package var client = IPAddress(v4: 0)

  /// Nothing yet.
  package init() {}

  /// The fields, in the order of CoreDNS's manual.
  static let fieldNames = [
    "Zone", "Name", "Class", "Type", "Match", "Group", "Message", "Question", "Remote", "Var",
    "Meta", "Regex",
  ]

  /// A field of the data; `nil` when there is none.
  func field(_ name: String) -> TemplateValue? {
    switch name {
    case "Zone": .text(zone)
    case "Name": .text(self.name)
    case "Regex": .text(regex)
    case "Match": .list(match.map { .text($0) })
    case "Group": .map(groups)
    case "Class": .text(MarkedText(classCode.description))
    case "Type": .text(MarkedText(RecordTypeNames.name(of: type)))
    case "Message": .message
    case "Question": .question
    case "Remote": .text(MarkedText(client.description))
    // Variables are made by `var`, which a set-up refuses.
    case "Var": .map([])
    default: nil
    }
  }

  /// A group by its name or number, without making the map; `nil` when there is none.
  func group(_ key: String) -> MarkedText? {
    if let named = groupNames.last(where: { $0.name == key }) {
      return match.indices.contains(named.group) ? match[named.group] : nil
    }
    guard let number = Int(key), String(number) == key, match.indices.contains(number) else {
      return nil
    }
    return match[number]
  }

  private var groups: [(key: MarkedText, value: TemplateValue)] {
    var values: [MarkedText: MarkedText] = [:]
    for (number, text) in match.enumerated() { values[MarkedText(String(number))] = text }
    for (name, group) in groupNames where match.indices.contains(group) {
      values[MarkedText(name)] = match[group]
    }
    return values.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) }
  }

  // MARK: - Message and question

  /// A field of the message, as a query has it.
  func messageField(_ name: String) -> TemplateValue? {
    func flag(_ bit: UInt16) -> TemplateValue { .bool(header.flags & bit != 0) }
    return switch name {
    case "Id": .uint(UInt64(header.id))
    case "Response": flag(HeaderFlag.response)
    case "Opcode": .int(Int64(header.opcode))
    case "Rcode": .int(Int64(header.flags & 0xF))
    case "Authoritative": flag(HeaderFlag.authoritativeAnswer)
    case "Truncated": flag(HeaderFlag.truncated)
    case "RecursionDesired": flag(HeaderFlag.recursionDesired)
    case "RecursionAvailable": flag(HeaderFlag.recursionAvailable)
    case "AuthenticatedData": flag(HeaderFlag.authenticData)
    case "CheckingDisabled": flag(HeaderFlag.checkingDisabled)
    case "Question": .list([.question])
    default: nil
    }
  }

  /// A field of the question.
  func questionField(_ name: String) -> TemplateValue? {
    switch name {
    case "Name": .text(questionName)
    case "Qtype": .uint(UInt64(questionType.rawValue))
    case "Qclass": .uint(UInt64(classCode.rawValue))
    default: nil
    }
  }
}
