import Corefile
import DNSWire
import Patterns
import PluginChain

/// One `template` directive.
final class TemplateRule: Sendable {
  /// The sections of a reply, in their order.
  static let sections: [(name: String, section: ReplyWriter.Section)] = [
    ("answer", .answer), ("authority", .authority), ("additional", .additional),
  ]

  /// What a directive says about a query.
  enum Verdict {
    /// Zone or type are others: the next one.
    case other
    /// No expression matches, and such names fall through: the next one.
    case fallsThrough
    /// No expression matches: SERVFAIL.
    case fails
    /// The directive decides: the number of its zone, and of the expression that matched.
    case decides(zone: Int, pattern: Int)
  }

  /// What the options of a directive say.
  struct Options: Sendable {
    /// `match`; none matches everything.
    var patterns: [Pattern] = []
    /// `answer`, `authority` and `additional`, by the places of `sections`.
    var records: [[RecordTemplate]] = [[], [], []]
    /// `rcode`.
    var code = ResponseCode.noError
    /// `ederror`, as an encoded option of OPT; empty without.
    var extendedError: [UInt8] = []
    /// `fallthrough`'s zones.
    var through = ZoneSet.none
  }

  /// TYPE; ANY is every type.
  private let type: RRType
  /// Whether class IN fits.
  private let isInternet: Bool
  /// The zones as templates show them.
  private let zones: [MarkedText]
  private let index: ZoneIndex
  private let options: Options
  /// Addresses or mail exchangers alone, read at load: their order means nothing.
  private let rotates: Bool
  private let counters: TemplateCounters

  /// A directive for names of `zones`.
  init(
    type: RRType, isInternet: Bool, zones: [DomainName], options: Options,
    counters: TemplateCounters
  ) {
    self.type = type
    self.isInternet = isInternet
    self.zones = zones.map { MarkedText($0.description) }
    index = ZoneIndex(zones)
    self.options = options
    self.counters = counters
    let types = Set(options.records[0].map(\.type))
    rotates = types.count == 1 && [.a, .aaaa, .mx].contains(types.first)
  }

  /// What this directive says about a query.
  func verdict(_ exchange: inout Exchange) -> Verdict {
    guard isInternet, type == .any || exchange.type == .any || exchange.type == type,
      let zone = index.match(exchange.name)?.number
    else { return .other }
    if options.patterns.isEmpty { return .decides(zone: zone, pattern: -1) }
    let name = PresentedName(exchange.name)
    for number in options.patterns.indices where name.matches(options.patterns[number]) {
      return .decides(zone: zone, pattern: number)
    }
    return options.through.covers(exchange.name) ? .fallsThrough : .fails
  }

  // MARK: - Replies

  /// Writes the reply.
  func answer(_ exchange: inout Exchange, zone: Int, pattern: Int) {
    if !exchange.isRehearsal {
      counters.addMatch(zone: zone, type: effectiveType(exchange.type), worker: exchange.worker)
    }
    // A code above 15 needs OPT (RFC 6891 §6.1.3).
    guard options.code != .serverFailure, options.code.rawValue < 16 || exchange.edns != nil else {
      exchange.fail(.serverFailure)
      if options.extendedError.isEmpty {
        exchange.extendedError = (.other, "a template has rcode SERVFAIL")
      }
      exchange.replyOptions = options.extendedError
      return
    }
    exchange.reply.isAuthoritative = true
    exchange.reply.responseCode = options.code
    var data: TemplateData?
    var number = 0
    for section in Self.sections.indices {
      let records = options.records[section]
      let first = rotates && section == 0 ? Int(exchange.rotation) % records.count : 0
      for place in records.indices {
        let record = records[(place + first) % records.count]
        do throws(RecordTemplate.Failure) {
          switch record.source {
          case .constant(let record): append(record, section, &exchange)
          case .ownedByQuestion(let record):
            append(record, section, &exchange, isOwnedByQuestion: true)
          case .made(let template):
            let known = data ?? self.data(&exchange, zone: zone, pattern: pattern)
            data = known
            if let made = try RecordTemplate.make(template, known) {
              append(made, section, &exchange)
            }
          }
        } catch {
          return fail(&exchange, error, record: number + place, zone: zone)
        }
      }
      number += records.count
    }
    if !options.extendedError.isEmpty {
      exchange.replyOptions = options.extendedError
    } else if options.code == .nameError {
      // The name may well exist; whoever runs this server does not want it looked up (RFC 8914
      // §4.16). CoreDNS says nothing there.
      exchange.extendedError = (.blocked, "denied by the plugin template")
    }
  }

  private func fail(
    _ exchange: inout Exchange, _ failure: RecordTemplate.Failure, record: Int, zone: Int
  ) {
    let type = effectiveType(exchange.type)
    var kind = TemplateCounters.Kind.templateFailure
    if case .record = failure { kind = .recordFailure }
    if !exchange.isRehearsal {
      counters.addFailure(kind, record: record, zone: zone, type: type, worker: exchange.worker)
    }
    if kind == .recordFailure {
      exchange.fail(.serverFailure, .other, "a template made no record")
    } else {
      exchange.fail(.serverFailure, .other, "a template failed")
    }
  }

  /// For data and metrics: a question for ANY has the directive's type.
  private func effectiveType(_ asked: RRType) -> RRType { asked == .any ? type : asked }

  private func data(_ exchange: inout Exchange, zone: Int, pattern: Int) -> TemplateData {
    var data = TemplateData()
    data.zone = zones[zone]
    let name = PresentedName(exchange.name)
    let octets = name.octets
    data.name = MarkedText(foreign: octets)
    data.match = [data.name]
    if pattern >= 0 {
      let expression = options.patterns[pattern]
      data.regex = MarkedText(expression.text)
      data.groupNames = expression.groupNames
      data.match = (name.groups(expression) ?? []).map { range in
        MarkedText(foreign: range.map { octets[$0] } ?? [])
      }
    }
    data.type = effectiveType(exchange.type)
    data.questionType = exchange.type
    data.header = exchange.header
    data.client = exchange.client.address
    if options.records.contains(where: { $0.contains(where: \.usesQuestion) }) {
      let asked = exchange.reply.withOctets { readName($0, at: WireLimits.headerOctetCount) }
      data.questionName = MarkedText(foreign: asked.map { PresentedName($0).octets } ?? octets)
    }
    return data
  }

  // MARK: - Records

  private func append(
    _ record: ResourceRecord, _ section: Int, _ exchange: inout Exchange,
    isOwnedByQuestion: Bool = false
  ) {
    let offset = isOwnedByQuestion ? 0 : Self.place(of: record.owner, in: exchange.name)
    exchange.reply.beginRecord()
    if let offset {
      exchange.reply.appendPointerOwned(
        WireLimits.headerOctetCount + offset, record.type, ttl: record.ttl,
        dataLength: record.data.count)
    } else {
      exchange.reply.append(record.owner.wire.span)
      exchange.reply.append16(record.type.rawValue)
      exchange.reply.append16(RRClass.internet.rawValue)
      exchange.reply.append32(record.ttl)
      exchange.reply.append16(UInt16(truncatingIfNeeded: record.data.count))
    }
    let dataOffset = exchange.reply.count
    exchange.reply.append(record.data.span)
    guard exchange.reply.endRecord(Self.sections[section].section), section == 0,
      record.type == .cname, exchange.type != .cname, exchange.type != .any,
      options.code == .noError
    else { return }
    // Its target is looked up as a client would; unless the records that follow are the target's.
    exchange.aliasTarget = dataOffset
    exchange.aliasIsOurs = true
  }

  /// Where the owner stands in the name asked for, so that it can be pointed to: the whole of it or
  /// a zone above; `nil` when it is another name, or the root, which is as short as a pointer.
  private static func place(of owner: DomainName, in name: borrowing QueryName) -> Int? {
    let start = name.octetCount - owner.wire.count
    guard start >= 0, owner.wire.count > 1 else { return nil }
    for (index, octet) in owner.wire.enumerated()
    where DomainName.folded(octet) != name.octets[(start + index) & 0xFF] { return nil }
    for label in 0..<name.labelCount where name.offset(ofLabel: label) == start { return start }
    return nil
  }
}
