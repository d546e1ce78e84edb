import DNSWire
import PluginChain
import RecordStore
import Synchronization

/// The kept replies of one `cache`, shared by all workers: stripes by the name's hash, each behind
/// a lock of its own that is held for a lookup and a copy. There is no lock for the whole.
package final class CacheStore: Sendable {
  /// How long to keep, and what to do then.
  package let policy: CachePolicy
  /// The room of positive answers.
  package let success: CacheBudget
  /// The room of denials and failures.
  package let denial: CacheBudget

  /// Stripes at most.
  static let stripeCountMax = 256
  /// Entries that a stripe has at least on average, so that small capacities are not torn apart:
  /// what to evict is chosen inside of a stripe.
  private static let entriesPerStripe = 32

  private let stripes = InlineArray<256, Mutex<CacheStripe>> { _ in Mutex(CacheStripe()) }
  private let stripeCount: Int
  let hashKey: UInt64

  /// An empty store; its hashes are keyed with a random number.
  package init(_ policy: CachePolicy) {
    self.policy = policy
    success = CacheBudget(capacity: policy.success.capacity)
    denial = CacheBudget(capacity: policy.denial.capacity)
    var count = Self.stripeCountMax
    for capacity in [policy.success.capacity, policy.denial.capacity] where capacity > 0 {
      while count > 1, capacity / count < Self.entriesPerStripe { count /= 2 }
    }
    stripeCount = count
    var random = SystemRandomNumberGenerator()
    hashKey = random.next()
  }

  /// The key of an exchange's question.
  package func key(_ exchange: borrowing Exchange) -> CacheKey {
    let length = min(exchange.name.octetCount, 256)
    let name = exchange.name.octets.span.extracting(0..<length)
    return CacheKey(exchange, hash: NameHash.hash(name, key: hashKey))
  }

  /// Octets of the largest entry of a kind: an eighth of the share of a stripe, if as many stripes
  /// as the capacity is good for have equal shares.
  package func entryOctetCountMax(_ kind: CacheKind) -> Int {
    let budget = budget(kind)
    let shareCount = max(
      1, min(Self.stripeCountMax, budget.entryCountMax / Self.entriesPerStripe))
    return budget.octetCountMax / shareCount / 8
  }

  /// The room of a kind.
  package func budget(_ kind: CacheKind) -> CacheBudget {
    kind == .success ? success : denial
  }

  /// Does `body` with the stripe of a key, under its lock.
  func withStripe<Result>(
    of key: CacheKey, _ body: (inout CacheStripe) -> Result
  ) -> Result {
    stripes[stripe(key)].withLock { body(&$0) }
  }

  private func stripe(_ key: CacheKey) -> Int {
    Int(truncatingIfNeeded: key.hash >> 40) & (stripeCount &- 1)
  }

  // MARK: - Answering

  /// Looks the exchange's question up, and writes the reply when it may be given at once.
  package func answer(_ exchange: inout Exchange, _ key: CacheKey) -> CacheFinding {
    stripes[stripe(key)].withLock { $0.answer(&exchange, key, self) }
  }

  /// There is no answer from below: writes what is kept, fresh or stale, over what the reply holds.
  /// For a refresh nothing is written (`.expired`); either way nobody asks again for a while. With
  /// `isDenied` there is a denial, over which only a positive answer goes.
  package func answerInstead(
    _ exchange: inout Exchange, _ key: CacheKey, isDenied: Bool = false
  ) -> CacheFinding {
    stripes[stripe(key)].withLock {
      $0.answerInstead(&exchange, key, isDenied: isDenied, self)
    }
  }

  // MARK: - Keeping

  /// What became of a reply.
  package struct Kept: Sendable {
    /// It is kept.
    package let isIn: Bool
    /// Entries that it pushed out.
    package let evictionCount: Int
  }

  /// Keeps the exchange's reply for `nanoseconds`, its TTL fields set to the same in seconds. With
  /// `isOnlyNews` it is not kept, but what it makes untrue goes out.
  package func keep(
    _ exchange: inout Exchange, _ digest: ReplyDigest, _ kind: CacheEntry.Kind,
    _ questionKey: CacheKey, nanoseconds: UInt64, isOnlyNews: Bool
  ) -> Kept {
    // An NXDOMAIN behind an alias is the target's: the name itself exists, for the type CNAME.
    let isForAllTypes = kind == .nameError && exchange.reply.answerCount == 0
    let key = isForAllTypes ? questionKey.forAllTypes : questionKey
    var entry: CacheEntry?
    if !isOnlyNews, budget(kind.kept).entryCountMax > 0 {
      entry = CacheEntry(
        exchange, digest, kind, key, nanoseconds: nanoseconds,
        octetCountMax: entryOctetCountMax(kind.kept))
    }
    if kind != .failure { entry?.copyTTLs(to: &exchange.reply) }
    let own = stripe(key)
    stripes[own].withLock { stripe in
      let name = exchange.name.octets.span.extracting(0..<min(exchange.name.octetCount, 256))
      stripe.outdate(name, questionKey, kind, isForAllTypes: isForAllTypes, self)
    }
    guard let entry else { return Kept(isIn: false, evictionCount: 0) }
    return keep(entry, exchange, key, own)
  }

  /// Puts `entry` into stripe `own`. Where that has nothing to evict any more, the stripes after it
  /// make the room: a capacity counts over all of them.
  private func keep(
    _ entry: CacheEntry, _ exchange: borrowing Exchange, _ key: CacheKey, _ own: Int
  ) -> Kept {
    let isRefresh = exchange.isRefresh
    let length = min(exchange.name.octetCount, 256)
    let name = exchange.name.octets
    var evictionCount = 0
    for step in 0..<stripeCount {
      if step > 0 {
        let isEvicted = stripes[(own &+ step) & (stripeCount &- 1)].withLock {
          $0.evict(entry.kind, now: entry.storedAt, self)
        }
        guard isEvicted else { continue }
        evictionCount &+= 1
      }
      let result = stripes[own].withLock { stripe in
        stripe.keep(
          entry, name.span.extracting(0..<length), key, isRefresh: isRefresh, self)
      }
      evictionCount &+= result.evictionCount
      if result.isIn { return Kept(isIn: true, evictionCount: evictionCount) }
    }
    return Kept(isIn: false, evictionCount: evictionCount)
  }
}

extension CacheEntry {
  /// Sets the TTL fields of the reply that it was made of to its own.
  fileprivate func copyTTLs(to reply: inout ReplyWriter) {
    for index in 0..<recordCount {
      let offset = reply.recordsOffset &+ ttlOffset(index) &- recordsStart
      reply.patch16(UInt16(truncatingIfNeeded: ttl >> 16), at: offset)
      reply.patch16(UInt16(truncatingIfNeeded: ttl), at: offset &+ 2)
    }
  }
}
