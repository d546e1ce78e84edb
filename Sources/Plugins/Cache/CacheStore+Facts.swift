import DNSWire
import PluginChain
import RecordStore

extension CacheStore {
  /// Writes the reply that a query would get at once, and leaves everything as it is; `false` when
  /// it would be asked below.
  func rehearse(_ exchange: inout Exchange, _ key: CacheKey) -> Bool {
    let now = exchange.now
    let found = withStripe(of: key) { $0.peek(exchange.name, key, now, self) }
    guard var entry = found else { return false }
    if entry.isFresh(now) {
      entry.show(ttl: policy.keepsTTL ? entry.ttl : entry.secondsLeft(now))
      entry.write(to: &exchange)
      return true
    }
    if policy.staleMode == .verify, now >= entry.retryAt { return false }
    entry.writeStale(to: &exchange, policy)
    return true
  }

  /// What is kept for a question without DO and CD, and what a query would get of it.
  func facts(about name: borrowing QueryName, _ type: RRType, now: UInt64) -> [String] {
    let length = min(name.octetCount, 256)
    let hash = NameHash.hash(name.octets.span.extracting(0..<length), key: hashKey)
    let key = CacheKey(hash: hash, type: type.rawValue, bits: 0)
    guard let entry = withStripe(of: key, { $0.peek(name, key, now, self) }) else {
      return ["no entry for this question"]
    }
    let age = Self.seconds(now &- min(entry.storedAt, now))
    var line = "\(Self.words(entry.kind)), \(entry.recordCount) records, kept \(age) ago"
    if entry.type == 0 { line += ", for all types" }
    return [line, time(of: entry, now)]
  }

  private func time(of entry: CacheEntry, _ now: UInt64) -> String {
    if entry.isFresh(now) { return "\(entry.secondsLeft(now)) s left: answered from it" }
    let past = Self.seconds(now &- entry.expiresAt)
    let rest = entry.expiresAt &+ policy.staleNanoseconds &- now
    let bound = "stale since \(past), to be used for \(Self.seconds(rest)) more"
    if policy.staleMode == .immediate { return bound + ": answered from it, and asked again" }
    return now < entry.retryAt
      ? bound + ": answered from it, asking again has failed just now"
      : bound + ": used when no upstream answers"
  }

  private static func words(_ kind: CacheEntry.Kind) -> String {
    switch kind {
    case .answer: "an answer"
    case .noData: "a denial, NODATA"
    case .nameError: "a denial, NXDOMAIN"
    case .failure: "a failure, SERVFAIL"
    }
  }

  private static func seconds(_ nanoseconds: UInt64) -> String {
    "\(nanoseconds / 1_000_000_000) s"
  }
}
