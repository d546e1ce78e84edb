import DNSWire
import PluginChain

/// What was found for a question.
package enum CacheFinding: Sendable, Equatable {
  /// Nothing of use.
  case miss
  /// The reply is written; `wantsRefresh`: soon it will have expired.
  case hit(CacheKind, wantsRefresh: Bool)
  /// The reply is written from an entry that has expired.
  case stale(CacheKind, wantsRefresh: Bool)
  /// There is an entry that has expired; nothing is written, the question is to be asked first.
  case expired
}

/// The two kinds of entries, each with a capacity of its own; the raw value is CoreDNS's word.
package enum CacheKind: String, Sendable, CaseIterable {
  /// Positive answers.
  case success
  /// NXDOMAIN, NODATA and failures.
  case denial
}

/// The entries of the names with equal upper bits of their hash: all types of a name stand in one
/// stripe, under one lock.
///
/// Existence belongs to the name (RFC 2308 §5, RFC 8020): an NXDOMAIN stands without a type and
/// goes before whatever else there is of that name, all of which is older; a newer answer of any
/// type takes it out.
struct CacheStripe: ~Copyable {
  private var success = CacheShelf()
  private var denial = CacheShelf()

  /// An entry of this stripe.
  private struct Place {
    let kind: CacheKind
    let index: Int
  }

  // MARK: - Answering

  /// Looks the question up and writes the reply, if there is one that may be given at once.
  mutating func answer(
    _ exchange: inout Exchange, _ key: CacheKey, _ store: CacheStore
  ) -> CacheFinding {
    let now = exchange.now
    guard let place = choose(exchange.name, key, now, store) else { return .miss }
    return update(place) { entry in
      entry.isReferenced = true
      if entry.isFresh(now) {
        let wantsRefresh =
          store.policy.prefetchCount > 0 && entry.isWorthRefresh(now, store.policy)
        entry.show(ttl: store.policy.keepsTTL ? entry.ttl : entry.secondsLeft(now))
        entry.write(to: &exchange)
        return .hit(place.kind, wantsRefresh: wantsRefresh)
      }
      let policy = store.policy
      let isDue = now >= entry.retryAt
      if isDue, policy.staleMode == .verify { return .expired }
      if isDue { entry.retryAt = now &+ CachePolicy.refreshNanosecondsMax }
      entry.writeStale(to: &exchange, policy)
      return .stale(place.kind, wantsRefresh: isDue)
    }
  }

  /// A copy of the entry that a question would get, fresh or stale, with nothing noted.
  mutating func peek(
    _ name: borrowing QueryName, _ key: CacheKey, _ now: UInt64, _ store: CacheStore
  ) -> CacheEntry? {
    guard let place = choose(name, key, now, store) else { return nil }
    return place.kind == .success ? success.entries[place.index] : denial.entries[place.index]
  }

  /// Below there was no answer: writes what is kept, if anything is, and notes that asking again
  /// can wait. A refresh only notes that.
  mutating func answerInstead(
    _ exchange: inout Exchange, _ key: CacheKey, isDenied: Bool, _ store: CacheStore
  ) -> CacheFinding {
    let now = exchange.now
    let policy = store.policy
    guard let place = choose(exchange.name, key, now, store), !isDenied || place.kind == .success
    else { return .miss }
    return update(place) { entry in
      if entry.kind == .failure { return .miss }
      entry.retryAt = now &+ policy.recheckNanoseconds
      if exchange.isRefresh { return .expired }
      if entry.isFresh(now) {
        entry.show(ttl: policy.keepsTTL ? entry.ttl : entry.secondsLeft(now))
        entry.write(to: &exchange)
        return .hit(place.kind, wantsRefresh: false)
      }
      entry.writeStale(to: &exchange, policy)
      return .stale(place.kind, wantsRefresh: false)
    }
  }

  private mutating func update(
    _ place: Place, _ change: (inout CacheEntry) -> CacheFinding
  ) -> CacheFinding {
    switch place.kind {
    case .success: success.update(place.index, change)
    case .denial: denial.update(place.index, change)
    }
  }

  /// The entry that decides: NXDOMAIN, then what is fresh, then what is stale, a failure last; with
  /// `prefer_positive` a positive answer before all.
  private mutating func choose(
    _ name: borrowing QueryName, _ key: CacheKey, _ now: UInt64, _ store: CacheStore
  ) -> Place? {
    let octets = name.octets.span.extracting(0..<min(name.octetCount, 256))
    var answer = success.find(key, octets)
    if store.policy.prefersPositive, let answer,
      !success.entries[answer].isDead(now, store.policy)
    {
      return Place(kind: .success, index: answer)
    }
    if let error = denial.find(key.forAllTypes, octets) {
      // What is left of the name is older than this, whether this has expired or not.
      if !store.policy.prefersPositive, let old = answer {
        success.remove(old, store.success)
        answer = nil
      }
      if !denial.entries[error].isDead(now, store.policy) {
        return Place(kind: .denial, index: error)
      }
    }
    if let answer, success.entries[answer].isFresh(now) {
      return Place(kind: .success, index: answer)
    }
    let policy = store.policy
    let other = denial.find(key, octets)
    if let other, denial.entries[other].kind != .failure, denial.entries[other].isFresh(now) {
      return Place(kind: .denial, index: other)
    }
    if let answer, success.entries[answer].isStale(now, policy) {
      return Place(kind: .success, index: answer)
    }
    if let other, !denial.entries[other].isDead(now, policy) {
      return Place(kind: .denial, index: other)
    }
    return nil
  }

  // MARK: - Keeping

  /// Types that are asked for often, of which an NXDOMAIN takes out what there is. Others of its
  /// name are taken out when they are asked for while it is there.
  private static let commonTypes: InlineArray<10, UInt16> = [1, 28, 65, 33, 16, 5, 12, 15, 2, 6]

  /// Takes out what the newer reply of `kind` makes untrue: of its type, and whether the name
  /// exists, which goes for all of DO and CD.
  mutating func outdate(
    _ name: borrowing Span<UInt8>, _ key: CacheKey, _ kind: CacheEntry.Kind,
    isForAllTypes: Bool, _ store: CacheStore
  ) {
    if kind == .failure { return }
    let isDenial = kind != .answer && !store.policy.prefersPositive
    if isDenial, let old = success.find(key, name) { success.remove(old, store.success) }
    if kind == .answer || isForAllTypes, let old = denial.find(key, name) {
      denial.remove(old, store.denial)
    }
    for bits in 0..<CacheKey.bitsCount {
      guard isForAllTypes else {
        if let old = denial.find(CacheKey(hash: key.hash, type: 0, bits: bits), name) {
          denial.remove(old, store.denial)
        }
        continue
      }
      for place in 0..<Self.commonTypes.count {
        let other = CacheKey(hash: key.hash, type: Self.commonTypes[place], bits: bits)
        if isDenial, let old = success.find(other, name) { success.remove(old, store.success) }
        if let old = denial.find(other, name) { denial.remove(old, store.denial) }
      }
    }
  }

  /// Puts `entry` in the place of the one with the same key. A refreshed entry goes on counting
  /// questions where the old one was.
  mutating func keep(
    _ entry: consuming CacheEntry, _ name: borrowing Span<UInt8>, _ key: CacheKey,
    isRefresh: Bool, _ store: CacheStore
  ) -> (isIn: Bool, evictionCount: Int) {
    var entry = entry
    if entry.kind == .answer {
      if let old = success.find(key, name) {
        if isRefresh {
          let (count, time) = success.update(old) { ($0.hitCount, $0.hitAt) }
          (entry.hitCount, entry.hitAt) = (count, time)
        }
        success.remove(old, store.success)
      }
      return success.insert(entry, store.success, store.policy)
    }
    if let old = denial.find(key, name) { denial.remove(old, store.denial) }
    return denial.insert(entry, store.denial, store.policy)
  }

  /// Takes one entry out for the sake of another stripe's; `false` when there is none.
  mutating func evict(_ kind: CacheEntry.Kind, now: UInt64, _ store: CacheStore) -> Bool {
    switch kind.kept {
    case .success: success.evict(now, store.success, store.policy)
    case .denial: denial.evict(now, store.denial, store.policy)
    }
  }
}

extension CacheEntry {
  /// Counts this question; whether the entry is asked for often and its time nearly over, and no
  /// refresh is on its way. Then one is from now on.
  fileprivate mutating func isWorthRefresh(_ now: UInt64, _ policy: CachePolicy) -> Bool {
    guard kind != .failure else { return false }
    let isInRow = hitCount > 0 && now &- hitAt <= policy.prefetchGapNanoseconds
    hitCount = isInRow ? (hitCount == .max ? .max : hitCount &+ 1) : 1
    hitAt = now
    let part = (UInt64(ttl) &* UInt64(clamping: policy.prefetchPercent) &+ 99) / 100
    guard hitCount >= policy.prefetchCount, UInt64(secondsLeft(now)) <= part, now >= retryAt else {
      return false
    }
    retryAt = now &+ CachePolicy.refreshNanosecondsMax
    return true
  }

  /// Writes the reply as a stale one (RFC 8767 §4), and says so.
  mutating func writeStale(to exchange: inout Exchange, _ policy: CachePolicy) {
    show(ttl: policy.staleTTL)
    write(to: &exchange)
    exchange.extendedError =
      kind == .nameError
      ? (.staleNameError, "this denial is past its TTL")
      : (.staleAnswer, "this answer is past its TTL")
  }
}
