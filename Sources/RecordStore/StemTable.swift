import DNSWire

/// Names that many compact leaves end in, each kept once: `u32 users, u8 octets, octets`.
///
/// The table finds a stem by its name: open addressing over references, the writer's side only.
struct StemTable {
  /// References of stems; 0 is free. A power of two in number.
  fileprivate var slots: [UInt32] = []
  fileprivate var count = 0
  /// Stems that the running edit touched, with the users they had.
  fileprivate var log: [(stem: UInt32, userCount: UInt32)] = []

  /// Ends an edit that was published.
  mutating func commit() {
    log.removeAll()
  }
}

/// A stem in an arena.
struct StemReader {
  let view: ArenaView
  let reference: UInt32

  static let headerOctetCount = 5
  private var start: Int { Int(reference) &* Arena.unitOctetCount }
  var userCount: UInt32 { view.load32(start) }
  var length: Int { Int(view.load8(start &+ 4)) }
  var offset: Int { start &+ Self.headerOctetCount }
}

extension TrieWriter {
  private func stem(_ reference: UInt32) -> StemReader {
    StemReader(view: arena.view, reference: reference)
  }

  private func slot(_ reference: UInt32) -> Int {
    let stem = stem(reference)
    let hash = arena.view.hash(at: stem.offset, length: stem.length, key: key)
    return Int(truncatingIfNeeded: hash) & (stems.slots.count - 1)
  }

  /// The stem named `name`; 0 when there is none.
  func findStem(_ name: [UInt8]) -> UInt32 {
    let mask = stems.slots.count - 1
    guard mask > 0 else { return 0 }
    var index = Int(truncatingIfNeeded: NameHash.hash(name.span, key: key)) & mask
    while stems.slots[index] != 0 {
      let stem = stem(stems.slots[index])
      if stem.length == name.count, arena.view.equals(name.span, at: stem.offset) {
        return stem.reference
      }
      index = (index + 1) & mask
    }
    return 0
  }

  /// The stem named `name` with one more user, made if need be.
  mutating func acquireStem(_ name: [UInt8]) throws(StoreError) -> UInt32 {
    let found = findStem(name)
    if found != 0 {
      setUserCount(found, stem(found).userCount &+ 1)
      return found
    }
    guard let block = allocator.allocate(octets: StemReader.headerOctetCount + name.count) else {
      throw .full
    }
    let start = Int(block) * Arena.unitOctetCount
    arena.store32(0, at: start)
    arena.store([UInt8(truncatingIfNeeded: name.count)] + name, at: start + 4)
    setUserCount(block, 1)
    insertStem(block)
    return block
  }

  /// Takes a user from a stem, which goes with its last one.
  mutating func releaseStem(_ reference: UInt32) {
    let old = stem(reference)
    setUserCount(reference, old.userCount &- 1)
    guard old.userCount == 0 else { return }
    removeStem(reference)
    retired.append((reference, StemReader.headerOctetCount + old.length))
  }

  private mutating func setUserCount(_ reference: UInt32, _ count: UInt32) {
    stems.log.append((reference, stem(reference).userCount))
    arena.store32(count, at: Int(reference) * Arena.unitOctetCount)
  }

  /// Puts stems back as they were before a failed edit, whose table this has.
  mutating func undoStems() {
    for (reference, before) in stems.log.reversed() {
      let now = stem(reference).userCount
      arena.store32(before, at: Int(reference) * Arena.unitOctetCount)
      if before == 0, now > 0 { removeStem(reference) }
      if before > 0, now == 0 { insertStem(reference) }
    }
    stems.commit()
  }

  // MARK: - Slots

  private mutating func insertStem(_ reference: UInt32) {
    if stems.count * 4 >= stems.slots.count * 3 {
      let old = stems.slots
      stems.slots = Array(repeating: 0, count: max(16, old.count * 2))
      for reference in old where reference != 0 { place(reference) }
    }
    place(reference)
    stems.count += 1
  }

  private mutating func place(_ reference: UInt32) {
    var index = slot(reference)
    while stems.slots[index] != 0 { index = (index + 1) & (stems.slots.count - 1) }
    stems.slots[index] = reference
  }

  /// Frees the slot, and moves up what only stood behind it because it was taken.
  private mutating func removeStem(_ reference: UInt32) {
    let mask = stems.slots.count - 1
    guard mask > 0 else { return }
    var hole = slot(reference)
    while stems.slots[hole] != reference {
      if stems.slots[hole] == 0 { return }
      hole = (hole + 1) & mask
    }
    stems.count -= 1
    var next = (hole + 1) & mask
    while stems.slots[next] != 0 {
      let home = slot(stems.slots[next])
      // Cyclic distances: an item may move to the hole when its home is not behind the hole.
      if (next - home) & mask >= (next - hole) & mask {
        stems.slots[hole] = stems.slots[next]
        hole = next
      }
      next = (next + 1) & mask
    }
    stems.slots[hole] = 0
  }
}
