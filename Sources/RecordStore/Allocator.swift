/// Hands out blocks of an arena, the writer's side only: free lists by size, then fresh space.
///
/// Sizes up to 128 units (512 octets) have a list each; larger ones are rounded up to a quarter
/// between powers of two, so that a freed block fits the next of its kind. Nothing is returned to
/// the system: a relist reuses what it freed.
struct Allocator {
  private let arena: Arena
  /// The first block of each free list; 0 is none. A free block starts with the next one's number.
  private var freeLists: [UInt32] = Array(repeating: 0, count: 256)
  /// The first unit never handed out. Unit 0 stays unused: reference 0 means nothing.
  private var freshUnit = 1
  private let unitCountMax: Int
  /// Blocks that came off free lists since `commit()`: the lists run through them no more.
  private var taken: [(list: UInt16, block: UInt32)] = []
  /// Octets in blocks that are in use.
  private(set) var usedOctetCount = 0

  init(arena: Arena) {
    self.arena = arena
    // References lose one bit to the leaf mark in the trie.
    unitCountMax = min(arena.view.octetCount / Arena.unitOctetCount, Int(UInt32.max >> 1))
  }

  private static let exactUnitCount = 128

  /// The list that blocks of `units` belong to, and the units such a block really has.
  static func sizeClass(_ units: Int) -> (list: Int, units: Int) {
    if units <= exactUnitCount { return (max(units, 1), max(units, 1)) }
    let magnitude = Int.bitWidth - 1 - (units - 1).leadingZeroBitCount
    let quarter = 1 << (magnitude - 2)
    let steps = (units - (1 << magnitude) + quarter - 1) / quarter
    return (exactUnitCount + (magnitude - 7) * 4 + steps, (1 << magnitude) + steps * quarter)
  }

  /// A block of at least `octets`; `nil` when the arena is full.
  mutating func allocate(octets: Int) -> UInt32? {
    let (list, units) = Self.sizeClass((octets + Arena.unitOctetCount - 1) / Arena.unitOctetCount)
    guard list < freeLists.count else { return nil }
    let head = freeLists[list]
    if head != 0 {
      freeLists[list] = arena.view.load32(Int(head) * Arena.unitOctetCount)
      taken.append((UInt16(truncatingIfNeeded: list), head))
      usedOctetCount += units * Arena.unitOctetCount
      return head
    }
    guard freshUnit + units <= unitCountMax else { return nil }
    let block = UInt32(truncatingIfNeeded: freshUnit)
    freshUnit += units
    usedOctetCount += units * Arena.unitOctetCount
    return block
  }

  /// Takes back a block of `octets` that no reader can reach any more.
  mutating func free(_ block: UInt32, octets: Int) {
    let (list, units) = Self.sizeClass((octets + Arena.unitOctetCount - 1) / Arena.unitOctetCount)
    guard block != 0, list < freeLists.count else { return }
    arena.store32(freeLists[list], at: Int(block) * Arena.unitOctetCount)
    freeLists[list] = block
    usedOctetCount -= units * Arena.unitOctetCount
  }

  // MARK: - Edits

  /// Ends an edit that was published: nothing before it can be undone.
  mutating func commit() {
    taken.removeAll()
  }

  /// Undoes a failed edit, for which `failed`, a copy of this allocator, handed out blocks and took
  /// back none but those: what was free before it is free again.
  mutating func undo(_ failed: Allocator) {
    var blocks = Array(repeating: Set<UInt32>(), count: freeLists.count)
    // Others were fresh when the edit took them, even those it freed and took again.
    for item in failed.taken where Int(item.block) < freshUnit {
      blocks[Int(item.list)].insert(item.block)
    }
    for (list, head) in failed.freeLists.enumerated() {
      var block = head
      while block != 0 {
        if Int(block) < freshUnit { blocks[list].insert(block) }
        block = arena.view.load32(Int(block) * Arena.unitOctetCount)
      }
      freeLists[list] = 0
      for block in blocks[list] {
        arena.store32(freeLists[list], at: Int(block) * Arena.unitOctetCount)
        freeLists[list] = block
      }
    }
  }
}
