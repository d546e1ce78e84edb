/// The keys that came most often, with fixed memory: a Space-Saving sketch.
///
/// It keeps `capacity` keys. A key that is not kept takes the place of one with the least count and
/// goes on from that count, which is then its error. So a count is never too low; it is too high by
/// its error at most; and any key that came more often than `floor` is kept (Metwally, Agrawal and
/// El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams", 2005).
///
/// Adding takes no memory once the sketch is full, and a bounded number of steps on average: a key
/// is found by its hash, the one to replace by a hand that goes round once for every rise of the
/// least count.
package struct SpaceSaving: Sendable {
  /// A key and how often it came.
  package struct Entry: Sendable, Equatable {
    /// Its octets.
    package let key: [UInt8]
    /// How often, at most.
    package let count: UInt64
    /// By how much that may be too high.
    package let error: UInt64
  }

  private struct Slot {
    var hash: UInt64
    var count: UInt64
    var error: UInt64
    var octetCount: UInt16
    /// The next slot of the bucket, plus one; 0 ends it.
    var next: UInt16
  }

  /// Keys that are kept.
  package let capacity: Int
  /// Octets of a key; the rest of a longer one does not count.
  package let keyOctetCountMax: Int
  private let seed: UInt64
  private var slots: [Slot] = []
  /// The keys of the slots, `keyOctetCountMax` octets each.
  private var keys: [UInt8] = []
  /// The first slot of each bucket, plus one; 0 when it is empty.
  private var buckets: [UInt16]
  private var hand = 0
  private var least: UInt64 = 0
  /// Keys added, those that are not kept included.
  package private(set) var total: UInt64 = 0

  /// The most keys that one sketch keeps.
  package static let capacityMax = 4096

  /// An empty sketch. `seed` keys its hashes.
  package init(capacity: Int, keyOctetCountMax: Int, seed: UInt64) {
    self.capacity = min(max(1, capacity), Self.capacityMax)
    self.keyOctetCountMax = min(max(1, keyOctetCountMax), 256)
    self.seed = seed
    var bucketCount = 1
    while bucketCount < 2 * self.capacity { bucketCount *= 2 }
    buckets = Array(repeating: 0, count: bucketCount)
    // Address space alone: pages are used when keys come.
    slots.reserveCapacity(self.capacity)
    keys.reserveCapacity(self.capacity * self.keyOctetCountMax)
  }

  /// How often a key that is not kept may have come.
  package var floor: UInt64 {
    slots.count < capacity ? 0 : slots.reduce(.max) { min($0, $1.count) }
  }

  /// The keys kept, in no order.
  package var entries: [Entry] {
    slots.indices.map { index in
      let slot = slots[index]
      let start = index &* keyOctetCountMax
      return Entry(
        key: Array(keys[start..<start &+ Int(slot.octetCount)]), count: slot.count,
        error: slot.error)
    }
  }

  /// Counts `key` once.
  package mutating func add(_ key: borrowing Span<UInt8>) {
    total &+= 1
    let count = min(key.count, keyOctetCountMax)
    let hash = hash(key, count)
    if let index = find(key, count, hash) {
      slots[index].count &+= 1
      return
    }
    var slot = Slot(
      hash: hash, count: 1, error: 0, octetCount: UInt16(truncatingIfNeeded: count), next: 0)
    if slots.count < capacity {
      slots.append(slot)
      for index in 0..<keyOctetCountMax { keys.append(index < count ? key[index] : 0) }
      link(slots.count &- 1)
      return
    }
    let index = victim()
    unlink(index)
    slot.error = slots[index].count
    slot.count = slot.error &+ 1
    slots[index] = slot
    let start = index &* keyOctetCountMax
    for place in 0..<count { keys[start &+ place] = key[place] }
    link(index)
  }

  /// Forgets everything; the memory stays.
  package mutating func removeAll() {
    slots.removeAll(keepingCapacity: true)
    keys.removeAll(keepingCapacity: true)
    for index in buckets.indices { buckets[index] = 0 }
    (hand, least, total) = (0, 0, 0)
  }

  // MARK: - Finding

  private func find(_ key: borrowing Span<UInt8>, _ count: Int, _ hash: UInt64) -> Int? {
    var link = buckets[bucket(hash)]
    while link != 0 {
      let index = Int(link) &- 1
      if slots[index].hash == hash, matches(index, key, count) { return index }
      link = slots[index].next
    }
    return nil
  }

  private func matches(_ index: Int, _ key: borrowing Span<UInt8>, _ count: Int) -> Bool {
    guard Int(slots[index].octetCount) == count else { return false }
    let start = index &* keyOctetCountMax
    for place in 0..<count where keys[start &+ place] != key[place] { return false }
    return true
  }

  /// FNV-1a over the octets, from a start that nobody outside knows; chains are bounded by the
  /// capacity whatever it gives.
  private func hash(_ key: borrowing Span<UInt8>, _ count: Int) -> UInt64 {
    var hash = seed ^ 0xCBF2_9CE4_8422_2325
    for index in 0..<count { hash = (hash ^ UInt64(key[index])) &* 0x100_0000_01B3 }
    return hash ^ hash >> 29
  }

  private func bucket(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash >> 7) & (buckets.count &- 1)
  }

  // MARK: - Replacing

  /// The place of a key with the least count. The hand passes each place once before that rises.
  private mutating func victim() -> Int {
    while true {
      while hand < slots.count {
        if slots[hand].count == least { return hand }
        hand &+= 1
      }
      hand = 0
      least = floor
    }
  }

  private mutating func link(_ index: Int) {
    let bucket = bucket(slots[index].hash)
    slots[index].next = buckets[bucket]
    buckets[bucket] = UInt16(truncatingIfNeeded: index &+ 1)
  }

  private mutating func unlink(_ index: Int) {
    let bucket = bucket(slots[index].hash)
    let own = UInt16(truncatingIfNeeded: index &+ 1)
    if buckets[bucket] == own {
      buckets[bucket] = slots[index].next
      return
    }
    var link = buckets[bucket]
    while link != 0 {
      let before = Int(link) &- 1
      link = slots[before].next
      if link == own { slots[before].next = slots[index].next }
    }
  }
}
