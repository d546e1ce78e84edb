import DNSWire

/// The entries of one kind in one stripe: a dense array, and buckets that chain them by tag.
///
/// All work is bounded: chains stay short because the tag is keyed and buckets grow with entries;
/// one insertion looks at no more than `scanCountMax` entries for each one that it evicts, and
/// evicts at most `evictionCountMax`.
struct CacheShelf: ~Copyable {
  /// Entries looked at to find one to evict.
  static let scanCountMax = 64
  /// Entries evicted for one that comes in.
  static let evictionCountMax = 64
  /// Entries checked at each insertion for being of no use any more.
  private static let sweepCount = 2

  private(set) var entries: [CacheEntry] = []
  private var buckets: [UInt32] = []
  private var hand = 0

  // MARK: - Looking up

  /// The place of the entry for `key` and the name of `name`'s octets; `nil` when there is none.
  func find(_ key: CacheKey, _ name: borrowing Span<UInt8>) -> Int? {
    guard !buckets.isEmpty else { return nil }
    let tag = key.tag
    let heads = buckets.span
    let list = entries.span
    var link = heads[bucket(tag)]
    while link != 0 {
      let index = Int(link &- 1)
      if list[index].tag == tag, list[index].matches(key, name) { return index }
      link = list[index].next
    }
    return nil
  }

  /// Changes the entry at `index`.
  mutating func update<Result>(
    _ index: Int, _ change: (inout CacheEntry) -> Result
  ) -> Result {
    change(&entries[index])
  }

  private func bucket(_ tag: UInt32) -> Int {
    Int(tag) & (buckets.count &- 1)
  }

  // MARK: - Coming in

  /// Puts `entry` in, evicting others for its room as long as that helps. Returns how many were
  /// evicted, and whether the entry is in.
  mutating func insert(
    _ entry: consuming CacheEntry, _ budget: CacheBudget, _ policy: CachePolicy
  ) -> (isIn: Bool, evictionCount: Int) {
    let now = entry.storedAt
    sweep(now, budget, policy)
    var evictionCount = 0
    while !budget.reserve(entry.octetCount) {
      guard evictionCount < Self.evictionCountMax, evict(now, budget, policy) else {
        return (false, evictionCount)
      }
      evictionCount &+= 1
    }
    if entries.count >= buckets.count { growBuckets() }
    entries.append(entry)
    link(entries.count &- 1)
    return (true, evictionCount)
  }

  private mutating func growBuckets() {
    buckets = [UInt32](repeating: 0, count: max(8, buckets.count &* 2))
    for index in entries.indices { link(index) }
  }

  private mutating func link(_ index: Int) {
    let head = bucket(entries[index].tag)
    entries[index].next = buckets[head]
    buckets[head] = UInt32(truncatingIfNeeded: index &+ 1)
  }

  // MARK: - Going out

  /// Takes the entry at `index` out; the last one comes to its place.
  mutating func remove(_ index: Int, _ budget: CacheBudget) {
    guard entries.indices.contains(index) else { return }
    unlink(index)
    budget.release(entries[index].octetCount)
    let last = entries.count &- 1
    if index != last {
      unlink(last)
      entries.swapAt(index, last)
    }
    entries.removeLast()
    if index != last { link(index) }
  }

  private mutating func unlink(_ index: Int) {
    let head = bucket(entries[index].tag)
    let own = UInt32(truncatingIfNeeded: index &+ 1)
    if buckets[head] == own {
      buckets[head] = entries[index].next
      return
    }
    var link = buckets[head]
    while link != 0 {
      let before = Int(link &- 1)
      link = entries[before].next
      if link == own { entries[before].next = entries[index].next }
    }
  }

  /// Takes one entry out to make room; `false` when there is none.
  mutating func evict(_ now: UInt64, _ budget: CacheBudget, _ policy: CachePolicy) -> Bool {
    guard !entries.isEmpty else { return false }
    remove(victim(now, policy), budget)
    return true
  }

  /// The entry to evict: one that has expired when the next `scanCountMax` hold any (the longest
  /// ago first), else the first one that was not asked for since the hand last came by.
  private mutating func victim(_ now: UInt64, _ policy: CachePolicy) -> Int {
    var oldest: Int?
    let count = min(entries.count, Self.scanCountMax)
    for step in 0..<count {
      let index = (hand &+ step) % entries.count
      guard !entries[index].isFresh(now) else { continue }
      if entries[index].expiresAt < oldest.map({ entries[$0].expiresAt }) ?? .max { oldest = index }
    }
    if let oldest { return oldest }
    for _ in 0..<count {
      hand = (hand &+ 1) % entries.count
      if !entries[hand].isReferenced { break }
      entries[hand].isReferenced = false
    }
    return hand % entries.count
  }

  /// Takes a few entries out that are of no use any more, wherever the hand is.
  private mutating func sweep(_ now: UInt64, _ budget: CacheBudget, _ policy: CachePolicy) {
    for _ in 0..<Self.sweepCount where !entries.isEmpty {
      hand = (hand &+ 1) % entries.count
      if entries[hand].isDead(now, policy) { remove(hand, budget) }
    }
  }
}
