import DNSWire
import PluginChain

/// `cache`: keeps what upstreams answered.
///
/// It stands right above the plugins that ask other servers: what is answered from memory never
/// comes by, on either way (docs/decisions/0009). A reply is kept when its handler says that it may
/// be (`Exchange.isKeepable`) and it is an answer, a denial with its SOA, or SERVFAIL.
package final class Cache: Handler, @unchecked Sendable {
  private let store: CacheStore
  private let configuration: CacheConfiguration
  private let counters: CacheCounters

  /// The longest time to keep an alias whose target the upstream left out, in seconds: the rest of
  /// the answer may be there with the next question.
  static let openAliasTTLMax: UInt32 = 5

  /// A handler over a store that all workers share.
  package init(
    _ configuration: CacheConfiguration, store: CacheStore, counters: CacheCounters,
    next: Handler?
  ) {
    self.configuration = configuration
    self.store = store
    self.counters = counters
    super.init(next: next)
  }

  package override var seesReplies: Bool { true }

  package override var keepsAnswers: Bool { true }

  // MARK: - Down

  package override func query(_ exchange: inout Exchange) -> Outcome {
    guard !exchange.isRefresh, isOurs(exchange) else { return passOn(&exchange) }
    if exchange.isRehearsal {
      return store.rehearse(&exchange, store.key(exchange))
        ? answered(&exchange) : passOn(&exchange)
    }
    let worker = exchange.worker
    counters.add(.request, worker: worker)
    let finding = store.answer(&exchange, store.key(exchange))
    switch finding {
    case .miss: break
    case .expired:
      let patience = configuration.policy.verifyNanoseconds
      if patience > 0 {
        exchange.hurryAt = exchange.now &+ patience
        exchange.hurryHeight = height
      }
    case .hit(_, let wantsRefresh), .stale(_, let wantsRefresh):
      if wantsRefresh {
        exchange.refreshHeight = height
        counters.add(.prefetch, worker: worker)
      }
      count(finding, worker)
      return answered(&exchange)
    }
    counters.add(.miss, worker: worker)
    return passOn(&exchange)
  }

  private func isOurs(_ exchange: borrowing Exchange) -> Bool {
    guard CacheKey.isKept(exchange.type) else { return false }
    return configuration.zones?.covers(exchange.name) ?? true
  }

  package override func facts(about question: Question) -> [String] {
    var name = QueryName()
    guard name.parse(question.name.wire.span, at: 0) != nil, CacheKey.isKept(question.type),
      configuration.zones?.covers(name) ?? true
    else { return [] }
    return store.facts(about: name, question.type, now: question.now)
  }

  private func count(_ finding: CacheFinding, _ worker: Int) {
    switch finding {
    case .hit(let kind, _):
      counters.add(kind == .success ? .successHit : .denialHit, worker: worker)
    case .stale(let kind, _):
      counters.add(kind == .success ? .successHit : .denialHit, worker: worker)
      counters.add(.stale, worker: worker)
    case .miss, .expired: break
    }
  }

  // MARK: - Up

  package override func reply(_ exchange: inout Exchange) {
    guard !exchange.isRehearsal, isOurs(exchange) else { return }
    let code = exchange.reply.responseCode
    guard code == .noError || code == .nameError else {
      // RFC 8767 §4: only these two are answers; anything else failed to refresh what there is.
      if !answerInstead(&exchange) { keepFailure(&exchange) }
      return
    }
    guard exchange.isKeepable, !exchange.reply.isTruncated,
      let digest = ReplyDigest(exchange), let kind = Self.kind(digest, exchange)
    else { return }
    let policy = configuration.policy
    let isDisabled = configuration.isDisabled(kind == .answer ? .success : .denial, exchange.name)
    let ttl = Self.ttl(digest, kind, policy)
    if ttl > 0 {
      keep(
        &exchange, digest, kind, nanoseconds: UInt64(ttl) &* 1_000_000_000,
        isOnlyNews: isDisabled)
    }
    // `prefer_positive`: the client gets what there was, although it is denied now.
    if policy.prefersPositive, kind != .answer { _ = answerInstead(&exchange, isDenied: true) }
  }

  package override func hurry(_ exchange: inout Exchange) -> Bool {
    answerInstead(&exchange)
  }

  /// Answers from what is kept, over what the reply holds, which `isDenied` when it is a denial;
  /// whether there was anything.
  private func answerInstead(_ exchange: inout Exchange, isDenied: Bool = false) -> Bool {
    let finding = store.answerInstead(&exchange, store.key(exchange), isDenied: isDenied)
    count(finding, exchange.worker)
    switch finding {
    case .miss: return false
    case .expired: return true
    case .hit, .stale:
      exchange.isKeepable = false
      if !exchange.replyOptions.isEmpty { exchange.replyOptions = [] }
      return true
    }
  }

  /// What a reply says; `nil` when it is none to keep: a referral, or a denial without SOA
  /// (RFC 2308 §5).
  private static func kind(
    _ digest: ReplyDigest, _ exchange: borrowing Exchange
  ) -> CacheEntry.Kind? {
    if exchange.reply.responseCode == .nameError {
      return digest.negativeTTL == nil ? nil : .nameError
    }
    if digest.hasAnswer { return .answer }
    if digest.negativeTTL != nil { return .noData }
    return exchange.aliasTarget == 0 ? nil : .answer
  }

  /// The seconds to keep a reply; 0 is not at all.
  private static func ttl(
    _ digest: ReplyDigest, _ kind: CacheEntry.Kind, _ policy: CachePolicy
  ) -> UInt32 {
    switch kind {
    case .answer:
      let ttl = policy.success.clamped(digest.ttl)
      return digest.hasAnswer ? ttl : min(ttl, Self.openAliasTTLMax)
    case .noData, .nameError:
      return policy.denial.clamped(min(digest.ttl, digest.negativeTTL ?? 0))
    case .failure: return 0
    }
  }

  /// Keeps SERVFAIL for a while (RFC 9520 §3.2). Only for questions with RD: without it a failure
  /// says nothing about what others would get.
  private func keepFailure(_ exchange: inout Exchange) {
    let policy = configuration.policy
    guard exchange.isKeepable, exchange.reply.responseCode == .serverFailure,
      policy.failureNanoseconds > 0,
      exchange.header.flags & HeaderFlag.recursionDesired != 0,
      !configuration.isDisabled(.denial, exchange.name), let digest = ReplyDigest(exchange)
    else { return }
    keep(
      &exchange, digest, .failure, nanoseconds: policy.failureNanoseconds, isOnlyNews: false)
  }

  private func keep(
    _ exchange: inout Exchange, _ digest: ReplyDigest, _ kind: CacheEntry.Kind,
    nanoseconds: UInt64, isOnlyNews: Bool
  ) {
    let key = store.key(exchange)
    let kept = store.keep(
      &exchange, digest, kind, key, nanoseconds: nanoseconds, isOnlyNews: isOnlyNews)
    let worker = exchange.worker
    if kept.evictionCount > 0 {
      counters.add(
        kind == .answer ? .successEviction : .denialEviction, worker: worker, kept.evictionCount)
    }
    if !kept.isIn, !isOnlyNews { counters.add(.drop, worker: worker) }
  }
}
