import DNSWire

/// A kept reply. What varies in length is one array: the folded question name, the offset of each
/// record's TTL, and the records octet by octet as they stood behind the question. The question of
/// a hit is as long as that of the reply, so compression pointers stay true.
package struct CacheEntry: Sendable {
  /// What the reply said.
  package enum Kind: UInt8, Sendable {
    /// NOERROR with an answer.
    case answer
    /// NOERROR without one.
    case noData
    /// NXDOMAIN.
    case nameError
    /// SERVFAIL.
    case failure

    /// Whose capacity it takes.
    var kept: CacheKind { self == .answer ? .success : .denial }
  }

  /// `name`, `recordCount` offsets of two octets, records.
  var octets: [UInt8]
  /// When it was kept, in nanoseconds of the monotonic clock.
  let storedAt: UInt64
  /// When its time is over; for a while after that it may be used as a stale answer.
  let expiresAt: UInt64
  /// Nobody asks below before this time: a refresh is on its way, or has failed just now.
  var retryAt: UInt64 = 0
  /// When it was last asked for, counted for `prefetch` only.
  var hitAt: UInt64 = 0
  /// Questions in a row, counted for `prefetch` only.
  var hitCount: UInt32 = 0
  /// `CacheKey.tag`.
  let tag: UInt32
  /// The next entry of the bucket, plus one; 0 ends it.
  var next: UInt32 = 0
  /// The seconds it is kept.
  let ttl: UInt32
  /// The seconds that stand in the TTL fields of `octets` now.
  var shownTTL: UInt32
  /// QTYPE; 0 answers every type.
  let type: UInt16
  /// RCODE.
  let responseCode: UInt16
  /// Records by section.
  let answerCount, authorityCount, additionalCount: UInt16
  /// The records that may start with any of them: the first one's number, and how many.
  let runFirst, runCount: UInt16
  /// Where the target of the last alias stands, from the start of the records; 0 is nowhere.
  let aliasTarget: UInt16
  /// INFO-CODE that came with a failure.
  let errorCode: UInt16?
  /// Octets of the name.
  let nameCount: UInt8
  /// DO and CD of the key.
  let bits: UInt8
  /// What the reply said.
  let kind: Kind
  /// AA, RA and AD.
  let isAuthoritative, recursionAvailable, isAuthentic: Bool
  /// It was asked for since eviction last came by.
  var isReferenced = false

  // MARK: - Size

  /// Octets that an entry takes beside its array's contents: itself, the array's header and the
  /// allocator's, and two bucket heads.
  package static let overheadOctetCount = MemoryLayout<CacheEntry>.stride + 32 + 16 + 8

  /// Octets that it takes.
  var octetCount: Int { Self.overheadOctetCount &+ octets.count }

  // MARK: - Records

  /// Records of all sections.
  var recordCount: Int { Int(answerCount) &+ Int(authorityCount) &+ Int(additionalCount) }
  /// Where records start in `octets`.
  var recordsStart: Int { Int(nameCount) &+ 2 &* recordCount }

  /// Where the TTL of record `index` stands in `octets`.
  func ttlOffset(_ index: Int) -> Int {
    recordsStart &+ Int(octets.span.word16(Int(nameCount) &+ 2 &* index))
  }

  /// Where record `index` ends in `octets`, and the next one starts.
  func recordEnd(_ index: Int) -> Int {
    guard index >= 0 else { return recordsStart }
    let ttl = ttlOffset(index)
    return ttl &+ 6 &+ Int(octets.span.word16(ttl &+ 4))
  }

  /// Whether it answers `key` and the name of `name`'s octets.
  func matches(_ key: CacheKey, _ name: borrowing Span<UInt8>) -> Bool {
    guard type == key.type, bits == key.bits, Int(nameCount) == name.count else { return false }
    let own = octets.span
    var index = 0
    while index &+ 8 <= name.count {
      guard Self.word64(own, index) == Self.word64(name, index) else { return false }
      index &+= 8
    }
    while index < name.count {
      guard own[index] == name[index] else { return false }
      index &+= 1
    }
    return true
  }

  /// Eight octets from `index`, in any order; one load where the compiler sees it.
  private static func word64(_ octets: borrowing Span<UInt8>, _ index: Int) -> UInt64 {
    let word = octets.extracting(index..<(index &+ 8))
    var value = UInt64(word[0]) | UInt64(word[1]) << 8 | UInt64(word[2]) << 16
    value |= UInt64(word[3]) << 24 | UInt64(word[4]) << 32 | UInt64(word[5]) << 40
    return value | UInt64(word[6]) << 48 | UInt64(word[7]) << 56
  }

  /// Writes `seconds` into all TTL fields, unless they stand there.
  mutating func show(ttl seconds: UInt32) {
    guard shownTTL != seconds else { return }
    shownTTL = seconds
    let count = recordCount
    for index in 0..<count {
      let offset = ttlOffset(index)
      var field = octets.mutableSpan
      for place in 0..<4 {
        field[offset &+ place] = UInt8(truncatingIfNeeded: seconds >> UInt32(24 &- 8 &* place))
      }
    }
  }

  // MARK: - Time

  /// Whether its time is not over at `now`.
  func isFresh(_ now: UInt64) -> Bool { now < expiresAt }

  /// Whether it may be used as a stale answer at `now`.
  func isStale(_ now: UInt64, _ policy: CachePolicy) -> Bool {
    kind != .failure && now >= expiresAt && now &- expiresAt < policy.staleNanoseconds
  }

  /// Whether it is of no use any more.
  func isDead(_ now: UInt64, _ policy: CachePolicy) -> Bool {
    !isFresh(now) && !isStale(now, policy)
  }

  /// Seconds left at `now`, rounded up: 1 in the last second.
  func secondsLeft(_ now: UInt64) -> UInt32 {
    guard isFresh(now) else { return 0 }
    let left = (expiresAt &- now &+ 999_999_999) / 1_000_000_000
    return UInt32(truncatingIfNeeded: min(left, UInt64(ttl)))
  }
}
