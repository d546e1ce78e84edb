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
    return LeafReader(view, reference: leaf).isNamed(name) ? leaf : 0
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

/// A name's way through a trie.
struct TriePath {
  let name: [UInt8]
  private let hashes: (UInt64, UInt64)

  init(_ name: [UInt8], key: UInt64) {
    self.name = name
    hashes = (NameHash.hash(name.span, key: key), NameHash.hash(name.span, key: ~key))
  }

  /// The five bits that choose the child on level `depth`.
  func slot(_ depth: Int) -> UInt32 {
    let hash = depth < TrieLayout.levelsPerHash ? hashes.0 : hashes.1
    let level = depth % TrieLayout.levelsPerHash
    return UInt32(truncatingIfNeeded: hash >> UInt64(level * TrieLayout.bitsPerLevel)) & 31
  }
}
