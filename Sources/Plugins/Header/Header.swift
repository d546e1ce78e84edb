import PluginChain

/// `header`: sets and clears flags of queries on the way down and of replies on the way up.
final class HeaderFlags: Handler, @unchecked Sendable {
  private let queryRules: [HeaderRule]
  private let replyRules: [HeaderRule]

  init(queryRules: [HeaderRule], replyRules: [HeaderRule], next: Handler?) {
    self.queryRules = queryRules
    self.replyRules = replyRules
    super.init(next: next)
  }

  override var seesReplies: Bool { !replyRules.isEmpty }

  override func query(_ exchange: inout Exchange) -> Outcome {
    for rule in queryRules { rule.apply(toQueryOf: &exchange) }
    return passOn(&exchange)
  }

  override func reply(_ exchange: inout Exchange) {
    for rule in replyRules { rule.apply(toReplyOf: &exchange) }
  }
}
