import DNSWire

/// A hash trie of leaves with path copying: each edit leaves the published tree as it was and makes
/// a new one that shares all but the path to what changed.
///
/// A node is `u32 bitmap, u32 transaction, u32 child...`: one child for each bit set, chosen by
/// five bits of the name's hash a level. A child is `reference << 1 | isLeaf`; 0 is no child. Nodes
/// made in the current transaction are nobody else's and are edited in place.
enum TrieLayout {
  static let headerOctetCount = 8
  static let bitsPerLevel = 5
  /// Levels that one 64-bit hash feeds.
  static let levelsPerHash = 12
  /// Two hashes: names that still collide are refused (with 120 random bits none will).
  static let depthMax = 24

  static func octetCount(children: Int) -> Int { headerOctetCount + 4 * children }
}

/// Finds names in a trie: total over any arena contents, no allocation, bounded by `depthMax`.
struct TrieReader {
  let view: ArenaView
  let key: UInt64

  /// The reference of the leaf named `name` under `root`; 0 when there is none.
  func find(_ name: borrowing Span<UInt8>, root: UInt32) -> UInt32 {
    var child = root
    var bits = NameHash.hash(name, key: key)
    var depth = 0
    while child & 1 == 0 {
      guard child != 0, depth < TrieLayout.depthMax else { return 0 }
      if depth == TrieLayout.levelsPerHash { bits = NameHash.hash(name, key: ~key) }
      let offset = Int(child >> 1) &* Arena.unitOctetCount
      let bitmap = view.load32(offset)
      let bit = UInt32(1) << UInt32(truncatingIfNeeded: bits & 31)
      guard bitmap & bit != 0 else { return 0 }
      let index = (bitmap & (bit &- 1)).nonzeroBitCount
      child = view.load32(offset &+ TrieLayout.headerOctetCount &+ index &* 4)
      bits >>= 5
      depth &+= 1
    }
    let leaf = child >> 1
    let offset = Int(leaf) &* Arena.unitOctetCount
    guard Int(view.load8(offset &+ 2)) == name.count,
      view.equals(name, at: offset &+ LeafLayout.nameOffset)
    else { return 0 }
    return leaf
  }

  /// Calls `body` with every leaf under `root`, in no useful order; for the writer and `dump`.
  func forEachLeaf(_ root: UInt32, _ body: (UInt32) -> Void) {
    var pending = [root]
    while let child = pending.popLast() {
      if child == 0 { continue }
      if child & 1 == 1 {
        body(child >> 1)
        continue
      }
      let offset = Int(child >> 1) * Arena.unitOctetCount
      for index in 0..<view.load32(offset).nonzeroBitCount {
        pending.append(view.load32(offset + TrieLayout.headerOctetCount + index * 4))
      }
    }
  }
}

/// Why the store could not take an edit. What was published stays.
package enum StoreError: Error, Sendable {
  /// The arena has no room left.
  case full
  /// Two names whose hashes agree in all bits.
  case collision
}

/// Edits tries; the writer's side. Blocks that readers may still reach go to `retired`.
struct TrieWriter {
  let arena: Arena
  let key: UInt64
  var allocator: Allocator
  /// The running transaction; nodes that bear its number may be edited in place.
  var transaction: UInt32 = 1
  /// Blocks unpublished by the running transaction: reference and octets.
  var retired: [(block: UInt32, octets: Int)] = []

  init(arena: Arena, key: UInt64) {
    self.arena = arena
    self.key = key
    allocator = Allocator(arena: arena)
  }

  private var view: ArenaView { arena.view }

  /// The five bits that choose the child of the leaf at `leaf` on level `depth`.
  private func slot(_ leaf: UInt32, _ depth: Int) -> UInt32 {
    let reader = LeafReader(view, reference: leaf)
    let level = depth % TrieLayout.levelsPerHash
    let levelKey = depth < TrieLayout.levelsPerHash ? key : ~key
    let start = reader.offset + LeafLayout.nameOffset
    let hash = view.hash(at: start, length: reader.nameLength, key: levelKey)
    return UInt32(truncatingIfNeeded: hash >> UInt64(level * TrieLayout.bitsPerLevel)) & 31
  }

  private func haveSameName(_ left: UInt32, _ right: UInt32) -> Bool {
    LeafReader(view, reference: left).name == LeafReader(view, reference: right).name
  }

  mutating func retire(leaf: UInt32) {
    retired.append((leaf, LeafReader(view, reference: leaf).octetCount))
  }

  // MARK: - Nodes

  private func children(_ node: UInt32) -> (bitmap: UInt32, list: [UInt32]) {
    let offset = Int(node) * Arena.unitOctetCount
    let bitmap = view.load32(offset)
    let list = (0..<bitmap.nonzeroBitCount).map {
      view.load32(offset + TrieLayout.headerOctetCount + $0 * 4)
    }
    return (bitmap, list)
  }

  private mutating func makeNode(bitmap: UInt32, _ list: [UInt32]) throws(StoreError) -> UInt32 {
    let size = TrieLayout.octetCount(children: list.count)
    guard let node = allocator.allocate(octets: size) else { throw .full }
    let offset = Int(node) * Arena.unitOctetCount
    arena.store32(bitmap, at: offset)
    arena.store32(transaction, at: offset + 4)
    for (index, child) in list.enumerated() {
      arena.store32(child, at: offset + TrieLayout.headerOctetCount + index * 4)
    }
    return node << 1
  }

  /// Drops a node from the new tree: at once when only this transaction knew it.
  private mutating func drop(_ node: UInt32) {
    let offset = Int(node) * Arena.unitOctetCount
    let size = TrieLayout.octetCount(children: view.load32(offset).nonzeroBitCount)
    if view.load32(offset + 4) == transaction {
      allocator.free(node, octets: size)
    } else {
      retired.append((node, size))
    }
  }

  /// `node` with child number `index` replaced.
  private mutating func replacing(
    _ node: UInt32, at index: Int, with child: UInt32
  ) throws(StoreError) -> UInt32 {
    let offset = Int(node) * Arena.unitOctetCount
    if view.load32(offset + 4) == transaction {
      arena.store32(child, at: offset + TrieLayout.headerOctetCount + index * 4)
      return node << 1
    }
    var (bitmap, list) = children(node)
    list[index] = child
    let copy = try makeNode(bitmap: bitmap, list)
    bitmap = 0
    drop(node)
    return copy
  }

  // MARK: - Edits

  /// The tree `child` with `leaf` in it, replacing the leaf of the same name.
  mutating func inserting(
    _ leaf: UInt32, into child: UInt32, depth: Int = 0
  ) throws(StoreError) -> UInt32 {
    if child == 0 { return leaf << 1 | 1 }
    if child & 1 == 1 {
      let other = child >> 1
      if haveSameName(other, leaf) {
        retire(leaf: other)
        return leaf << 1 | 1
      }
      return try branch(other, leaf, depth)
    }
    let node = child >> 1
    var (bitmap, list) = children(node)
    let bit = UInt32(1) << slot(leaf, depth)
    let index = (bitmap & (bit &- 1)).nonzeroBitCount
    if bitmap & bit != 0 {
      let below = try inserting(leaf, into: list[index], depth: depth + 1)
      return try below == list[index] ? child : replacing(node, at: index, with: below)
    }
    list.insert(leaf << 1 | 1, at: index)
    bitmap |= bit
    let grown = try makeNode(bitmap: bitmap, list)
    drop(node)
    return grown
  }

  private mutating func branch(
    _ one: UInt32, _ two: UInt32, _ depth: Int
  ) throws(StoreError) -> UInt32 {
    guard depth < TrieLayout.depthMax else { throw .collision }
    let (first, second) = (slot(one, depth), slot(two, depth))
    if first == second {
      let below = try branch(one, two, depth + 1)
      return try makeNode(bitmap: 1 << first, [below])
    }
    let list = first < second ? [one << 1 | 1, two << 1 | 1] : [two << 1 | 1, one << 1 | 1]
    return try makeNode(bitmap: 1 << first | 1 << second, list)
  }

  /// The tree `child` without `leaf`, which must be in it.
  mutating func removing(
    _ leaf: UInt32, from child: UInt32, depth: Int = 0
  ) throws(StoreError) -> UInt32 {
    if child & 1 == 1 {
      guard child >> 1 == leaf else { return child }
      retire(leaf: leaf)
      return 0
    }
    guard child != 0, depth < TrieLayout.depthMax else { return child }
    let node = child >> 1
    var (bitmap, list) = children(node)
    let bit = UInt32(1) << slot(leaf, depth)
    guard bitmap & bit != 0 else { return child }
    let index = (bitmap & (bit &- 1)).nonzeroBitCount
    let below = try removing(leaf, from: list[index], depth: depth + 1)
    if below == list[index] { return child }
    if below == 0 {
      list.remove(at: index)
      bitmap &= ~bit
    } else {
      list[index] = below
    }
    // A node with a single leaf is that leaf: the tree's shape depends on its names alone.
    if list.isEmpty || (list.count == 1 && list[0] & 1 == 1) {
      drop(node)
      return list.first ?? 0
    }
    if below != 0 { return try replacing(node, at: index, with: below) }
    let shrunk = try makeNode(bitmap: bitmap, list)
    drop(node)
    return shrunk
  }
}
