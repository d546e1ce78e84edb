import DNSWire
import PluginChain

/// A handler that has other names asked below, as `rewrite` does, and turns replies back.
final class Renamer: Handler, @unchecked Sendable {
  private struct Back: RecordChange {
    let asked: DomainName
    let original: DomainName

    func owner(_ name: DomainName) -> DomainName? { name == asked ? original : nil }
    func target(_ name: DomainName) -> DomainName? { nil }
    func ttl(_ seconds: UInt32) -> UInt32 { seconds }
  }

  private let names: [String: String]

  /// Asks for the values in place of the keys.
  init(_ names: [String: String], next: Handler?) {
    self.names = names
    super.init(next: next)
  }

  override var seesReplies: Bool { true }
  override var settles: Bool { true }

  override func query(_ exchange: inout Exchange) -> Outcome {
    if let text = names[exchange.questionText], let name = DomainName(text: text) {
      exchange.original = OriginalQuestion(
        octets: exchange.reply.question, edns: exchange.edns, queryOptions: exchange.queryOptions,
        changes: [])
      exchange.askInstead(name)
    }
    return passOn(&exchange)
  }

  override func settle(_ exchange: inout Exchange) {
    if exchange.isSubQuery, !exchange.isRefresh { restore(&exchange) }
  }

  override func reply(_ exchange: inout Exchange) { restore(&exchange) }

  private func restore(_ exchange: inout Exchange) {
    guard let original = exchange.original else { return }
    exchange.original = nil
    let back = Back(asked: exchange.name.domainName ?? .root, original: original.name)
    let hadAlias = exchange.aliasTarget != 0
    let place = rewriteReply(&exchange.reply, question: original.octets, back)
    if hadAlias { exchange.aliasTarget = place }
    exchange.restoreQuestion(original)
  }
}
