import Corefile
import DNSWire
import PluginChain

extension Template {
  private static let ruleCountMax = 1_000
  /// Values of one directive's `match`, `answer`, `additional` and `authority`, each.
  private static let valueCountMax = 100
  /// Records times zones of one directive: their failures are counted apart.
  private static let counterCountMax = 2_000
  private static let optionNames = [
    "match", "answer", "additional", "authority", "rcode", "ederror", "fallthrough", "upstream",
    "var", "expr",
  ]

  /// `template CLASS TYPE [ZONE...] { ... }`, any number of times; docs/plugins/template.md lists
  /// the options.
  package static let definition = PluginDefinition(repeatable: "template") {
    (directives, block, setup) throws(Diagnostic) in
    guard directives.count <= ruleCountMax else {
      throw directives[ruleCountMax].error("found more than \(ruleCountMax) templates")
    }
    var rules: [TemplateRule] = []
    var allZones: [DomainName] = []
    for directive in directives {
      let zones = try zones(directive, block)
      allZones += zones
      rules.append(try rule(directive, zones, block, &setup))
    }
    block.factories.append { [rules, allZones] in Template(rules, zones: allZones, next: $0) }
  }

  private static func zones(
    _ directive: Directive, _ block: BlockSetup
  ) throws(Diagnostic) -> [DomainName] {
    var zones: [DomainName] = []
    for token in directive.arguments.dropFirst(2) {
      zones += try token.zones().compactMap { DomainName(text: $0) }
    }
    return zones.isEmpty ? block.zones : zones
  }

  private static func rule(
    _ directive: Directive, _ zones: [DomainName], _ block: BlockSetup,
    _ setup: inout ServerSetup
  ) throws(Diagnostic) -> TemplateRule {
    try directive.requireArguments(2...)
    let classWord = directive.arguments[0]
    let className = try classWord.keyword(among: ["IN", "ANY", "CH", "HS", "CS", "NONE"])
    let isInternet = className == "IN" || className == "ANY"
    if !isInternet {
      setup.diagnostics.append(
        Diagnostic(
          .warning, at: classWord.position,
          "templates are asked in class IN alone: this one has no effect"))
    }
    let type = try type(directive.arguments[1])
    let options = try options(directive)
    let records = zip(TemplateRule.sections, options.records).flatMap { section, records in
      records.map { (section: section.name, template: $0.text) }
    }
    guard zones.count * records.count <= counterCountMax else {
      throw directive.error(
        "found \(records.count) records for \(zones.count) zones, expected at most "
          + "\(counterCountMax) if multiplied")
    }
    let workerCount = setup.workerCount
    let key = block.key(directive, zones.map(\.description))
    let counters = setup.kept.value(key) {
      TemplateCounters(
        workerCount: workerCount, zoneCount: zones.count, recordCount: records.count)
    }
    setup.metrics += counters.families(server: block.serverLabel, zones: zones, records: records)
    return TemplateRule(
      type: type, isInternet: isInternet, zones: zones, options: options, counters: counters)
  }

  private static func type(_ word: Token) throws(Diagnostic) -> RRType {
    if let type = RecordTypeNames.type(word.text) { return type }
    let near = nearestWord(to: word.text, among: RecordTypeNames.all)
    throw word.error(
      "found \(quotedForMessage(word.text)), expected a type of records in capitals, or ANY"
        + (near.map { "; did you mean \(quotedForMessage($0))?" } ?? ""))
  }

  // MARK: - Options

  private static func options(_ directive: Directive) throws(Diagnostic) -> TemplateRule.Options {
    var options = TemplateRule.Options()
    for option in directive.options ?? [] {
      switch option.name.text {
      case "match":
        try option.requireArguments(1...)
        for word in option.arguments { options.patterns.append(try word.pattern()) }
        try checkCount(options.patterns.count, option)
      case "answer", "additional", "authority":
        try option.requireArguments(1...)
        let place = TemplateRule.sections.firstIndex { $0.name == option.name.text } ?? 0
        for word in option.arguments { options.records[place].append(try record(word)) }
        try checkCount(options.records[place].count, option)
      case "rcode": options.code = try code(try option.onlyArgument())
      case "ederror": options.extendedError = try extendedError(option)
      case "fallthrough": options.through = try ZoneSet(parsing: option.arguments)
      // What it said is the default since CoreDNS 1.4.
      case "upstream": break
      case "var", "expr":
        throw option.error(
          "\(option.name.text) needs expressions, which are not built yet: without it answers "
            + "could be wrong; match can often say the same")
      default: throw directive.unknownOption(option, known: optionNames)
      }
      try option.requireNoOptions()
    }
    return options
  }

  private static func checkCount(_ count: Int, _ option: Directive) throws(Diagnostic) {
    guard count <= valueCountMax else {
      throw option.error("found more than \(valueCountMax) values of \(option.name.text)")
    }
  }

  private static func record(_ word: Token) throws(Diagnostic) -> RecordTemplate {
    do throws(RecordTemplate.Failure) {
      return try RecordTemplate(word.text)
    } catch {
      let found = "found \(quotedForMessage(word.text)), expected"
      switch error {
      case .text(let problem): throw word.error("\(found) a Go template: \(problem)")
      case .record(let problem): throw word.error("\(found) a record: \(problem)")
      case .template(let failure): throw word.error("\(found) a Go template: \(failure)")
      }
    }
  }

  private static func code(_ word: Token) throws(Diagnostic) -> ResponseCode {
    let codes = RecordTypeNames.responseCodes
    guard let code = codes[word.text] else {
      let near = nearestWord(to: word.text, among: codes.keys.sorted())
      throw word.error(
        "found \(quotedForMessage(word.text)), expected a code such as NXDOMAIN or REFUSED"
          + (near.map { "; did you mean \(quotedForMessage($0))?" } ?? ""))
    }
    return ResponseCode(rawValue: code)
  }

  // MARK: - Extended errors

  /// The longest reason, in octets.
  private static let reasonOctetCountMax = 255

  /// `ederror CODE [REASON]` as an option of OPT (RFC 8914 §2).
  private static func extendedError(_ option: Directive) throws(Diagnostic) -> [UInt8] {
    try option.requireArguments(1...2)
    guard let word = option.arguments.first else { return [] }
    let code = try word.integer(in: 0...0xFFFF)
    let reason = option.arguments.count > 1 ? Array(option.arguments[1].text.utf8) : []
    guard reason.count <= reasonOctetCountMax else {
      throw option.arguments[1].error(
        "found \(reason.count) octets, expected a reason of at most \(reasonOctetCountMax)")
    }
    return encoded(UInt16(truncatingIfNeeded: code), reason)
  }

  private static func encoded(_ code: UInt16, _ reason: [UInt8]) -> [UInt8] {
    let length = UInt16(truncatingIfNeeded: reason.count + 2)
    return [15, length, code].flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] } + reason
  }
}
