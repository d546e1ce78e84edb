import DNSWire
import RecordStore

/// The names that a list has named so far: 64-bit keyed hashes of them, for the time of the list.
///
/// Two names with one hash would hide that one of them is gone, until the next list, which has
/// another key; with a million names that is once in 37 million lists.
package struct SeenKeys: Hashable, Sendable {
  /// The kind of the objects.
  package let kind: ObjectKind
  /// The key of the hashes.
  let hashKey: UInt64
  /// Distinct names.
  package private(set) var count = 0
  /// Open addressing; 0 is free.
  private var slots: [UInt64] = Array(repeating: 0, count: 64)

  /// No names of a kind; `hashKey` is by chance.
  package init(kind: ObjectKind, hashKey: UInt64) {
    self.kind = kind
    self.hashKey = hashKey
  }

  /// Octets of the table.
  package var octetCount: Int { slots.count * 8 }

  /// Notes a name; whether it is a new one.
  @discardableResult
  package mutating func insert(_ key: ObjectKey) -> Bool {
    if count * 4 >= slots.count * 3 { grow() }
    let hash = hash(key)
    let index = find(hash)
    if slots[index] == hash { return false }
    slots[index] = hash
    count += 1
    return true
  }

  /// Whether a name was seen.
  package func contains(_ key: ObjectKey) -> Bool { contains(hash: hash(key)) }

  /// Whether a name with this hash was seen.
  func contains(hash: UInt64) -> Bool { slots[find(Self.stored(hash))] != 0 }

  private func hash(_ key: ObjectKey) -> UInt64 {
    Self.stored(NameHash.hash(PackedKey(kind.packed, key).octets.span, key: hashKey))
  }

  private static func stored(_ hash: UInt64) -> UInt64 { hash == 0 ? 1 : hash }

  /// The slot of a hash, or the free one where it would go.
  private func find(_ hash: UInt64) -> Int {
    let mask = slots.count - 1
    var index = Int(truncatingIfNeeded: hash) & mask
    while slots[index] != 0, slots[index] != hash { index = (index + 1) & mask }
    return index
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: 0, count: old.count * 2)
    for hash in old where hash != 0 { slots[find(hash)] = hash }
  }
}
