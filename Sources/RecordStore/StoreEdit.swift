import DNSWire

/// A running edit: changes to names, made on a working copy that readers do not see.
///
/// Names are relative to a zone: folded labels in wire form, no root octet; empty is the apex.
/// Names above a name come and go by themselves, so that empty non-terminals exist exactly as long
/// as something is below them (RFC 8020, RFC 4592 §2.2.2).
package struct StoreEdit {
  var writer: Writer
  /// Something is to be published.
  private(set) var hasChanges = false
  /// An answer changed: the serial must move.
  private(set) var answersMoved = false
  /// Child counts as they were, to be put back when the edit fails.
  private var countsBefore: [(leaf: UInt32, count: UInt32)] = []

  init(writer: Writer) {
    self.writer = writer
  }

  private var view: ArenaView { writer.trie.arena.view }

  private func find(_ name: [UInt8], zone: Int) -> LeafReader? {
    let reference = reference(name, zone: zone)
    return reference == 0 ? nil : LeafReader(view, reference: reference)
  }

  private func reference(_ name: [UInt8], zone: Int) -> UInt32 {
    TrieReader(view: view, key: writer.trie.key).find(name.span, root: writer.roots[zone])
  }

  /// Whether the store has answers: the first full picture was loaded.
  package var isReady: Bool {
    get { writer.flags.contains(.isReady) }
    set { setFlag(.isReady, newValue) }
  }

  /// Whether the names of pods are among the answers.
  package var arePodsReady: Bool {
    get { writer.flags.contains(.arePodsReady) }
    set { setFlag(.arePodsReady, newValue) }
  }

  /// Whether the answers are from before the start, and may have changed since.
  package var isStale: Bool {
    get { writer.flags.contains(.isStale) }
    set { setFlag(.isStale, newValue) }
  }

  private mutating func setFlag(_ flag: SnapshotFlags, _ isOn: Bool) {
    let before = writer.flags
    if isOn { writer.flags.insert(flag) } else { writer.flags.remove(flag) }
    hasChanges = hasChanges || writer.flags != before
  }

  /// Gives `name` exactly these sets; equal ones are no change. An empty list declares a name that
  /// exists and has nothing.
  package mutating func set(_ name: [UInt8], zone: Int, _ sets: [RRset]) throws(StoreError) {
    guard writer.roots.indices.contains(zone), name.count < WireLimits.nameOctetCountMax else {
      return
    }
    let old = find(name, zone: zone)
    if let old, holds(old, name, sets) { return }
    if old == nil { try addChild(toParentOf: name, zone: zone) }
    try replace(
      name, zone: zone, sets, isDeclared: sets.isEmpty, childCount: old?.childCount ?? 0)
  }

  /// Whether a leaf is what `sets` would be written as: two lists that mean the same are equal.
  private func holds(_ leaf: LeafReader, _ name: [UInt8], _ sets: [RRset]) -> Bool {
    let octets: [UInt8]
    if leaf.compact != nil {
      guard let compact = CompactLeaf(name: name, sets: sets, origin: writer.origin) else {
        return false
      }
      octets = compact.octets(stem: writer.trie.findStem(compact.stem))
    } else {
      let encoder = LeafEncoder(
        name: name, sets: sets, isDeclared: sets.isEmpty, childCount: leaf.childCount)
      octets = encoder.octets
    }
    return octets.count == leaf.octetCount && view.equals(octets.span, at: leaf.offset)
  }

  /// Takes all of `name`'s sets away; the name itself goes when nothing is below it.
  package mutating func remove(_ name: [UInt8], zone: Int) throws(StoreError) {
    guard writer.roots.indices.contains(zone) else { return }
    let leaf = reference(name, zone: zone)
    if leaf == 0 { return }
    let old = LeafReader(view, reference: leaf)
    let childCount = old.childCount
    if childCount > 0 {
      if !old.hasSets, !old.isDeclared { return }
      return try replace(name, zone: zone, [], isDeclared: false, childCount: childCount)
    }
    try delete(leaf, name, zone: zone)
  }

  /// Takes all names of all zones away.
  package mutating func removeAll() {
    for zone in writer.roots.indices where writer.roots[zone] != 0 {
      writer.trie.retireAll(writer.roots[zone])
      writer.roots[zone] = 0
      noteMove()
    }
  }

  /// Whether `name` exists as this edit sees it.
  package func contains(_ name: [UInt8], zone: Int) -> Bool {
    writer.roots.indices.contains(zone) && reference(name, zone: zone) != 0
  }

  /// The sets of `name` as this edit sees them; empty when it does not exist.
  package func sets(_ name: [UInt8], zone: Int) -> [RRset] {
    guard writer.roots.indices.contains(zone) else { return [] }
    return find(name, zone: zone)?.sets() ?? []
  }

  // MARK: - Leaves

  private mutating func replace(
    _ name: [UInt8], zone: Int, _ sets: [RRset], isDeclared: Bool, childCount: UInt32
  ) throws(StoreError) {
    let encoded: [UInt8]
    if childCount == 0, !isDeclared,
      let compact = CompactLeaf(name: name, sets: sets, origin: writer.origin)
    {
      encoded = compact.octets(stem: try writer.trie.acquireStem(compact.stem))
    } else {
      encoded =
        LeafEncoder(name: name, sets: sets, isDeclared: isDeclared, childCount: childCount).octets
    }
    guard let leaf = writer.trie.allocator.allocate(octets: encoded.count) else { throw .full }
    writer.trie.arena.store(encoded, at: Int(leaf) * Arena.unitOctetCount)
    writer.roots[zone] = try writer.trie.inserting(
      leaf, TriePath(name, key: writer.trie.key), into: writer.roots[zone])
    noteMove()
  }

  private mutating func delete(_ leaf: UInt32, _ name: [UInt8], zone: Int) throws(StoreError) {
    writer.roots[zone] = try writer.trie.removing(
      leaf, TriePath(name, key: writer.trie.key), from: writer.roots[zone])
    noteMove()
    guard let parent = Self.parent(name) else { return }
    let above = reference(parent, zone: zone)
    if above == 0 { return }
    let reader = LeafReader(view, reference: above)
    let rest = reader.childCount &- 1
    if rest == 0, !reader.hasSets, !reader.isDeclared {
      try delete(above, parent, zone: zone)
    } else {
      setChildCount(above, rest)
    }
  }

  private mutating func noteMove() {
    hasChanges = true
    answersMoved = true
  }

  /// Counts a new name at its parent, which comes into being as an empty non-terminal if need be.
  private mutating func addChild(toParentOf name: [UInt8], zone: Int) throws(StoreError) {
    guard let parent = Self.parent(name) else { return }
    let above = reference(parent, zone: zone)
    if above != 0 {
      let reader = LeafReader(view, reference: above)
      guard reader.compact != nil else { return setChildCount(above, reader.childCount &+ 1) }
      return try replace(parent, zone: zone, reader.sets(), isDeclared: false, childCount: 1)
    }
    try addChild(toParentOf: parent, zone: zone)
    try replace(parent, zone: zone, [], isDeclared: false, childCount: 1)
  }

  /// Readers never load this field, so it may change in a published leaf.
  private mutating func setChildCount(_ leaf: UInt32, _ count: UInt32) {
    countsBefore.append((leaf, LeafReader(view, reference: leaf).childCount))
    writer.trie.arena.store32(count, at: Int(leaf) * Arena.unitOctetCount + 4)
  }

  /// Undoes `setChildCount`, for a failed edit.
  func restoreChildCounts() {
    for (leaf, count) in countsBefore.reversed() {
      writer.trie.arena.store32(count, at: Int(leaf) * Arena.unitOctetCount + 4)
    }
  }

  /// `name` without its first label; `nil` for the apex.
  static func parent(_ name: [UInt8]) -> [UInt8]? {
    guard let length = name.first, Int(length) < name.count else { return nil }
    return Array(name.dropFirst(Int(length) + 1))
  }
}
