import DNSWire
import RecordStore

/// All objects that are kept, each as one block of octets, found by kind and key.
///
/// A block starts with its `PackedKey`; what follows is the kind's own (`PackedService`,
/// `PackedSlice`, ...). The table is open addressing over references: the key is not stored twice.
struct PackedObjects {
  private var heap: BlockHeap
  private var slots: [UInt32] = Array(repeating: 0, count: 16)
  /// Blocks in the table, and those of each kind.
  private var count = 0
  private var counts = Array(repeating: 0, count: PackedKind.allCases.count)
  /// Octets of the blocks of each kind.
  private var octetCounts = Array(repeating: 0, count: PackedKind.allCases.count)
  /// What changes while a copy is made.
  private var copyLog: CopyLog?
  /// The key of the table's hash, by chance.
  let hashKey: UInt64

  /// An empty table; `nil` when no address space can be had.
  init?() {
    guard let heap = BlockHeap() else { return nil }
    self.heap = heap
    var random = SystemRandomNumberGenerator()
    hashKey = random.next()
  }

  /// Octets of all blocks and of the table.
  var octetCount: Int { heap.usedOctetCount + slots.count * 4 }

  /// Objects of a kind.
  func count(of kind: PackedKind) -> Int { counts[Int(kind.rawValue)] }

  /// Octets of the blocks of a kind.
  func octetCount(of kind: PackedKind) -> Int { octetCounts[Int(kind.rawValue)] }

  /// The keyed hash of a block's key.
  func hash(_ reference: UInt32, key: UInt64) -> UInt64 {
    let length = PackedKey.length(heap.octet(reference, 1), heap.octet(reference, 2))
    return heap.hash(reference, length: length, key: key)
  }

  private func slot(_ reference: UInt32) -> Int {
    Int(truncatingIfNeeded: hash(reference, key: hashKey)) & (slots.count - 1)
  }

  /// The slot of the block with this key, or the free one where it would go.
  private func find(_ key: PackedKey) -> Int {
    let mask = slots.count - 1
    var index = Int(truncatingIfNeeded: NameHash.hash(key.octets.span, key: hashKey)) & mask
    while slots[index] != 0, !heap.hasPrefix(slots[index], key.octets) {
      index = (index + 1) & mask
    }
    return index
  }

  /// The block of `key`; `nil` when there is none.
  subscript(key: PackedKey) -> [UInt8]? {
    let reference = slots[find(key)]
    return reference == 0 ? nil : heap.octets(reference)
  }

  /// Whether the block of `key` is `octets`; with `nil`, whether there is none.
  func holds(_ key: PackedKey, _ octets: [UInt8]?) -> Bool {
    let reference = slots[find(key)]
    guard reference != 0, let octets else { return reference == 0 && octets == nil }
    return heap.count(reference) == octets.count && heap.hasPrefix(reference, octets)
  }

  /// Sets the block of `key`, which it must start with; `nil` takes it away. Returns what was
  /// there. When the heap is full nothing changes.
  @discardableResult
  mutating func set(_ key: PackedKey, _ octets: [UInt8]?) throws(StoreError) -> [UInt8]? {
    let index = find(key)
    let old = slots[index]
    let before = old == 0 ? nil : heap.octets(old)
    copyLog?.note(key, freed: old)
    guard let octets else {
      if old != 0 { remove(at: index) }
      return before
    }
    // Freed first: a block of the same size takes the same place.
    if old != 0 { free(old) }
    guard let new = insert(octets) else {
      if let before { slots[index] = insert(before) ?? 0 }
      throw .full
    }
    slots[index] = new
    if old == 0 {
      count += 1
      counts[Int(heap.octet(new, 0))] += 1
      if count * 4 > slots.count * 3 { grow() }
    }
    return before
  }

  /// The keys of a kind, in no useful order.
  func forEachKey(_ kind: PackedKind, _ body: (ObjectKey) -> Void) {
    for reference in slots where reference != 0 && heap.octet(reference, 0) == kind.rawValue {
      body(key(reference))
    }
  }

  /// The blocks of a kind, in no useful order. One that is taken away may be another's soon.
  func references(of kind: PackedKind) -> [UInt32] {
    slots.filter { $0 != 0 && heap.octet($0, 0) == kind.rawValue }
  }

  /// All of a block.
  func octets(_ reference: UInt32) -> [UInt8] { heap.octets(reference) }

  /// The key of a block.
  func key(_ reference: UInt32) -> ObjectKey {
    let length = PackedKey.length(heap.octet(reference, 1), heap.octet(reference, 2))
    return PackedKey.objectKey(Array(heap.octets(reference).prefix(length)))
  }

  // MARK: - Copying

  /// Begins a copy of everything that is made piece by piece: the blocks of all objects.
  mutating func beginCopy() -> [UInt32] {
    copyLog = CopyLog()
    return slots.filter { $0 != 0 && heap.octet($0, 0) != PackedKind.sliceList.rawValue }
  }

  /// Ends it.
  mutating func endCopy() { copyLog = nil }

  /// Whether too much has changed since the copy began.
  var hasCopyOverflowed: Bool { copyLog?.hasOverflowed ?? true }

  /// Whether a block that was there when the copy began may be another's by now.
  func isFreed(_ reference: UInt32) -> Bool { copyLog?.isFreed(reference) ?? true }

  /// An object that changed since the copy began and was not taken since.
  mutating func takeChanged() -> PackedKey? { copyLog?.takeChanged() }

  // MARK: - Slots

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: 0, count: old.count * 2)
    for reference in old where reference != 0 {
      var index = slot(reference)
      while slots[index] != 0 { index = (index + 1) & (slots.count - 1) }
      slots[index] = reference
    }
  }

  private mutating func remove(at index: Int) {
    counts[Int(heap.octet(slots[index], 0))] -= 1
    free(slots[index])
    removeSlot(index)
  }

  private mutating func insert(_ octets: [UInt8]) -> UInt32? {
    guard let reference = heap.insert(octets) else { return nil }
    octetCounts[Int(heap.octet(reference, 0))] += octets.count
    return reference
  }

  private mutating func free(_ reference: UInt32) {
    octetCounts[Int(heap.octet(reference, 0))] -= heap.count(reference)
    heap.remove(reference)
  }

  /// Frees a slot, and moves up what only stood behind it because it was taken.
  private mutating func removeSlot(_ index: Int) {
    let mask = slots.count - 1
    var hole = index
    var next = (hole + 1) & mask
    slots[hole] = 0
    count -= 1
    while slots[next] != 0 {
      let home = slot(slots[next])
      if (next - home) & mask >= (next - hole) & mask {
        slots[hole] = slots[next]
        slots[next] = 0
        hole = next
      }
      next = (next + 1) & mask
    }
  }
}

/// What a block of `PackedObjects` is.
enum PackedKind: UInt8, CaseIterable {
  case service
  case slice
  case namespace
  case pod
  /// The names of the slices of one Service.
  case sliceList
  /// No block: a ServiceImport is kept as a Service.
  case serviceImport
}

/// Kind, namespace and name as octets: `u8 kind, u16 octets of the whole, namespace, 0, name`.
struct PackedKey: Hashable {
  let octets: [UInt8]

  /// Names that are too long for any object (317 octets) are cut; no object has them.
  init(_ kind: PackedKind, _ key: ObjectKey) {
    var octets: [UInt8] = [kind.rawValue, 0, 0]
    octets += key.namespace.utf8
    octets.append(0)
    octets += key.name.utf8
    if octets.count > Int(UInt16.max) { octets.removeSubrange(Int(UInt16.max)...) }
    octets[1] = UInt8(truncatingIfNeeded: octets.count)
    octets[2] = UInt8(truncatingIfNeeded: octets.count >> 8)
    self.octets = octets
  }

  /// The key that a block starts with.
  static func objectKey(_ octets: [UInt8]) -> ObjectKey {
    let text = octets.dropFirst(3)
    let namespace = text.prefix { $0 != 0 }
    return ObjectKey(
      namespace: String(decoding: namespace, as: UTF8.self),
      name: String(decoding: text.dropFirst(namespace.count + 1), as: UTF8.self))
  }

  static func length(_ low: UInt8, _ high: UInt8) -> Int { Int(low) | Int(high) << 8 }
}
