import DNSWire
import PluginChain

extension Rewrite {
  /// Makes the reply one to the client's question, and the question the exchange's again.
  func restore(_ exchange: inout Exchange, _ original: OriginalQuestion) {
    exchange.original = nil
    let asked = exchange.reply.question
    let changes = ReplyChanges(
      rules, original, asked: exchange.isSubQuery ? DomainName(wire: Array(asked.dropLast(4))) : nil
    )
    changes.applyCodes(to: &exchange, hasOPT: original.edns != nil)
    if changes.hasNames || asked.dropLast(4) != original.octets.dropLast(4) {
      let hadAlias = exchange.aliasTarget != 0
      let target = rewriteReply(&exchange.reply, question: original.octets, changes)
      if hadAlias { exchange.aliasTarget = target }
      exchange.reply.isAuthentic = false
    } else {
      exchange.reply.patchQuestion(original.type, original.classCode)
      if changes.hasTTLs { exchange.reply.patchTTLs { changes.ttl($0) } }
    }
    exchange.restoreQuestion(original)
    guard original.edns != nil else {
      // A code above 15 needs OPT (RFC 6891 §6.1.3).
      if exchange.reply.responseCode.rawValue > 15 { exchange.fail(.serverFailure) }
      if !exchange.replyOptions.isEmpty { exchange.replyOptions = [] }
      return
    }
    for code in EncodedOptions.codes(in: original.echoedOptions)
    where EncodedOptions.range(of: code, in: exchange.replyOptions) == nil {
      guard let range = EncodedOptions.range(of: code, in: original.echoedOptions) else { continue }
      exchange.replyOptions += original.echoedOptions[range]
    }
  }

  /// Lets the first alias that a rule is for lead elsewhere; the server then looks its new target
  /// up as any other.
  func redirectAlias(_ exchange: inout Exchange, _ original: OriginalQuestion) {
    guard exchange.reply.answerCount > 0 else { return }
    let rewritings = original.changes.reversed().compactMap { change -> NameRewriting? in
      guard case .alias(let rewriting) = rules[change.rule].action else { return nil }
      return rewriting
    }
    guard !rewritings.isEmpty else { return }
    var scratch = NameText()
    for alias in exchange.reply.aliases() {
      for rewriting in rewritings {
        guard case .name(let target) = rewriting.rewrite(alias.target, &scratch),
          target != alias.target
        else { continue }
        return redirect(&exchange, alias, to: target)
      }
    }
  }

  private func redirect(_ exchange: inout Exchange, _ alias: ReplyAlias, to target: DomainName) {
    let place = exchange.reply.redirect(alias, to: target)
    // What was said of the old target is not said of the new one.
    exchange.reply.responseCode = .noError
    exchange.reply.isAuthentic = false
    // Who asks for the alias itself has it; ANY is any part of what there is.
    let isFollowed = exchange.type != .cname && exchange.type != .any
    exchange.aliasTarget = isFollowed ? place ?? 0 : 0
    exchange.aliasIsOurs = true
  }
}

/// What the rules that were for a query do to the reply, the last rule first.
struct ReplyChanges: RecordChange {
  private enum Step {
    /// A name and those below it become another and those below that.
    case revert(DomainName, to: DomainName)
    case rewrite(AnswerRewriting.Rule)
  }

  private var steps: [Step] = []
  private var ranges: [ClosedRange<UInt32>] = []
  private var codes: [(from: ResponseCode, to: ResponseCode)] = []
  /// The name that was asked in the end and what it becomes whatever the rules say.
  private var forced: (from: DomainName, to: DomainName)?

  /// What `rules` made of `original`. With `asked` records of that name become the client's in any
  /// case.
  init(_ rules: [RewriteRule], _ original: OriginalQuestion, asked: DomainName?) {
    for change in original.changes.reversed() where rules.indices.contains(change.rule) {
      switch rules[change.rule].action {
      case .name(_, let answers):
        steps += answers.rules.reversed().map { .rewrite($0) }
        if answers.reverts, let names = change.names {
          steps.append(.revert(names.after, to: names.before))
        }
      case .ttl(let range): ranges.append(range)
      case .code(let from, let to): codes.append((from, to))
      case .question, .alias, .option: break
      }
    }
    if let asked { forced = (asked, original.name) }
  }

  /// Names in records may change.
  var hasNames: Bool { !steps.isEmpty }
  /// TTLs may change.
  var hasTTLs: Bool { !ranges.isEmpty }

  /// Rewrites the response code. A code that needs OPT is only given to those who have it.
  func applyCodes(to exchange: inout Exchange, hasOPT: Bool) {
    for (from, to) in codes
    where exchange.reply.responseCode == from && (hasOPT || to.rawValue <= 0x0F) {
      exchange.reply.responseCode = to
    }
  }

  // MARK: - RecordChange

  func owner(_ name: DomainName) -> DomainName? {
    let new = changed(name, isOwner: true)
    guard let forced, (new ?? name) == forced.from else { return new }
    return forced.to
  }

  func target(_ name: DomainName) -> DomainName? {
    changed(name, isOwner: false)
  }

  func ttl(_ seconds: UInt32) -> UInt32 {
    ranges.reduce(seconds) { min(max($0, $1.lowerBound), $1.upperBound) }
  }

  /// The name after all steps; `nil` when none changed it. A step that would make something else
  /// than a name is passed over.
  private func changed(_ name: DomainName, isOwner: Bool) -> DomainName? {
    var current = name
    var isChanged = false
    var scratch = NameText()
    for step in steps {
      switch step {
      case .revert(let from, let to):
        guard let below = current.relativeWire(to: from),
          let new = DomainName(wire: below + to.wire)
        else { continue }
        current = new
      case .rewrite(let rule):
        guard rule.isForOwners == isOwner,
          case .name(let new) = rule.rewriting.rewrite(current, &scratch)
        else { continue }
        current = new
      }
      isChanged = true
    }
    return isChanged ? current : nil
  }
}
