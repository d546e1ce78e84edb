import DNSWire

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
  var stems = StemTable()
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

  mutating func retire(leaf: UInt32) {
    let reader = LeafReader(view, reference: leaf)
    retired.append((leaf, reader.octetCount))
    if let compact = reader.compact { releaseStem(compact.stem) }
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
    let bitmap = view.load32(offset)
    return try copying(node, bitmap: bitmap, at: index, child, skipping: 1)
  }

  /// A copy of `node` with `child` at `index`, in the place of `skipping` children.
  private mutating func copying(
    _ node: UInt32, bitmap: UInt32, at index: Int, _ child: UInt32, skipping: Int
  ) throws(StoreError) -> UInt32 {
    let count = bitmap.nonzeroBitCount
    guard let copy = allocator.allocate(octets: TrieLayout.octetCount(children: count)) else {
      throw .full
    }
    let source = Int(node) * Arena.unitOctetCount + TrieLayout.headerOctetCount
    let start = Int(copy) * Arena.unitOctetCount
    let target = start + TrieLayout.headerOctetCount
    arena.store32(bitmap, at: start)
    arena.store32(transaction, at: start + 4)
    arena.copy(from: source, to: target, length: index * 4)
    arena.store32(child, at: target + index * 4)
    arena.copy(
      from: source + (index + skipping) * 4, to: target + (index + 1) * 4,
      length: (count - index - 1) * 4)
    drop(node)
    return copy << 1
  }

  // MARK: - Edits

  /// Drops a whole tree.
  mutating func retireAll(_ root: UInt32) {
    var pending = [root]
    while let child = pending.popLast() {
      if child == 0 { continue }
      if child & 1 == 1 {
        retire(leaf: child >> 1)
        continue
      }
      pending += children(child >> 1).list
      drop(child >> 1)
    }
  }

  /// The tree `child` with `leaf`, named as `path`, in it, replacing the leaf of the same name.
  mutating func inserting(
    _ leaf: UInt32, _ path: TriePath, into child: UInt32, depth: Int = 0
  ) throws(StoreError) -> UInt32 {
    if child == 0 { return leaf << 1 | 1 }
    if child & 1 == 1 {
      let other = child >> 1
      let reader = LeafReader(view, reference: other)
      if reader.isNamed(path.name.span) {
        retire(leaf: other)
        return leaf << 1 | 1
      }
      return try branch(other, TriePath(reader.name, key: key), leaf, path, depth)
    }
    let node = child >> 1
    let offset = Int(node) * Arena.unitOctetCount
    let bitmap = view.load32(offset)
    let bit = UInt32(1) << path.slot(depth)
    let index = (bitmap & (bit &- 1)).nonzeroBitCount
    if bitmap & bit != 0 {
      let old = view.load32(offset + TrieLayout.headerOctetCount + index * 4)
      let below = try inserting(leaf, path, into: old, depth: depth + 1)
      return try below == old ? child : replacing(node, at: index, with: below)
    }
    return try copying(node, bitmap: bitmap | bit, at: index, leaf << 1 | 1, skipping: 0)
  }

  private mutating func branch(
    _ one: UInt32, _ onePath: TriePath, _ two: UInt32, _ twoPath: TriePath, _ depth: Int
  ) throws(StoreError) -> UInt32 {
    guard depth < TrieLayout.depthMax else { throw .collision }
    let (first, second) = (onePath.slot(depth), twoPath.slot(depth))
    if first == second {
      let below = try branch(one, onePath, two, twoPath, depth + 1)
      return try makeNode(bitmap: 1 << first, [below])
    }
    let list = first < second ? [one << 1 | 1, two << 1 | 1] : [two << 1 | 1, one << 1 | 1]
    return try makeNode(bitmap: 1 << first | 1 << second, list)
  }

  /// The tree `child` without `leaf`, which must be in it.
  mutating func removing(
    _ leaf: UInt32, _ path: TriePath, from child: UInt32, depth: Int = 0
  ) throws(StoreError) -> UInt32 {
    if child & 1 == 1 {
      guard child >> 1 == leaf else { return child }
      retire(leaf: leaf)
      return 0
    }
    guard child != 0, depth < TrieLayout.depthMax else { return child }
    let node = child >> 1
    var (bitmap, list) = children(node)
    let bit = UInt32(1) << path.slot(depth)
    guard bitmap & bit != 0 else { return child }
    let index = (bitmap & (bit &- 1)).nonzeroBitCount
    let below = try removing(leaf, path, from: list[index], depth: depth + 1)
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
