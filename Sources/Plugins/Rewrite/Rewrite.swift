import DNSWire
import PluginChain

/// `rewrite`: has another question asked below than the client's, and changes what comes back.
///
/// On the way down the rules are tried in order. What they change is noted (`OriginalQuestion`); on
/// the way up, when the targets of aliases have been added, the reply is written anew behind the
/// client's own question. A query that no rule is for is left alone, without an allocation.
final class Rewrite: Handler, @unchecked Sendable {
  /// What came of one rule.
  private enum Effect {
    /// It had nothing to do.
    case none
    /// It did its part.
    case done
    /// It made a name that is none.
    case invalid
  }

  /// What is noted while the rules are tried.
  private struct Notes {
    /// Something was done.
    var isUsed = false
    /// The client's question; empty until a rule was for it.
    var question: [UInt8] = []
    var edns: EDNS?
    var queryOptions: [UInt8] = []
    var changes: [OriginalQuestion.Change] = []
    var echoes: [UInt8] = []

    /// Notes the client's question, once.
    mutating func begin(_ exchange: inout Exchange) {
      guard question.isEmpty else { return }
      question = exchange.reply.question
      edns = exchange.edns
      queryOptions = exchange.queryOptions
    }

    var original: OriginalQuestion {
      OriginalQuestion(
        octets: question, edns: edns, queryOptions: queryOptions, changes: changes,
        echoedOptions: echoes)
    }
  }

  /// The rules, in the order of the Corefile.
  let rules: [RewriteRule]
  private let table: RewriteTable

  /// A handler with these rules.
  init(rules: [RewriteRule], next: Handler?) {
    self.rules = rules
    table = RewriteTable(rules)
    super.init(next: next)
  }

  override var seesReplies: Bool { true }

  override var settles: Bool { true }

  override var answersChaos: Bool {
    rules.contains { $0.classCode == RRClass.chaos.rawValue }
  }

  // MARK: - Down

  override func query(_ exchange: inout Exchange) -> Outcome {
    var text = NameText()
    if table.readsNames { text.write(exchange.name) }
    var notes = Notes()
    var start = 0
    while let number = table.first(from: start, exchange.type, exchange.classCode, &text) {
      start = number + 1
      switch apply(rules[number], number: number, &exchange, &text, &notes) {
      case .none: continue
      case .done: notes.isUsed = true
      case .invalid: return refuse(&exchange, notes.original)
      }
      if rules[number].stops { break }
    }
    if notes.isUsed { exchange.original = notes.original }
    // Only class IN is answered below.
    guard exchange.classCode == .internet else {
      exchange.fail(.refused, .notSupported, "class is not IN")
      if let original = exchange.original { giveBack(&exchange, original) }
      return answered(&exchange)
    }
    return passOn(&exchange)
  }

  /// Does what a rule says that is for this question.
  private func apply(
    _ rule: RewriteRule, number: Int, _ exchange: inout Exchange, _ text: inout NameText,
    _ notes: inout Notes
  ) -> Effect {
    notes.begin(&exchange)
    switch rule.action {
    case .name(let rewriting, _):
      guard let before = exchange.name.domainName else { return .none }
      switch rewriting.rewrite(&text) {
      case .unmatched: return .none
      case .invalid: return .invalid
      case .name(let after):
        exchange.askInstead(after)
        text.write(exchange.name)
        notes.changes.append(.init(rule: number, names: (before, after)))
      }
    case .question(let type, let classCode):
      exchange.askInstead(type ?? exchange.type, classCode ?? exchange.classCode)
    case .option(let rewriting):
      return rewriting.apply(&exchange, echoes: &notes.echoes) ? .done : .none
    case .ttl, .code, .alias:
      notes.changes.append(.init(rule: number))
    }
    return .done
  }

  /// SERVFAIL, as CoreDNS, for a name that a rule made invalid.
  private func refuse(_ exchange: inout Exchange, _ original: OriginalQuestion) -> Outcome {
    exchange.fail(.serverFailure, .other, "rewriting makes an invalid name of this name")
    giveBack(&exchange, original)
    return answered(&exchange)
  }

  /// Puts the client's question back into an exchange whose reply has no records.
  private func giveBack(_ exchange: inout Exchange, _ original: OriginalQuestion) {
    exchange.original = nil
    let octets = original.octets
    exchange.reply.replaceQuestion(octets.span)
    exchange.restoreQuestion(original)
  }

  // MARK: - Up

  override func settle(_ exchange: inout Exchange) {
    guard let original = exchange.original, !exchange.isRefresh else { return }
    redirectAlias(&exchange, original)
    // Nobody but the alias above will see this reply: it must be one to the alias's target.
    if exchange.isSubQuery { restore(&exchange, original) }
  }

  override func reply(_ exchange: inout Exchange) {
    if let original = exchange.original { restore(&exchange, original) }
  }
}
