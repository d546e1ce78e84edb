/// What happens to the objects while a copy of them is made piece by piece.
///
/// A copy lists all blocks first and copies them some at a time. A block that is freed in between
/// may be another's by then: it is left out, and the object is copied as it is at the end.
struct CopyLog {
  /// Changes that are noted, at most: beyond that the copy is given up.
  static let changeCountMax = 200_000

  private var freed: Set<UInt32> = []
  private var changed: Set<PackedKey> = []
  /// Whether there was more than is noted.
  private(set) var hasOverflowed = false

  /// Notes that the block of `key` is another from now on; `reference` is the old one, or 0.
  mutating func note(_ key: PackedKey, freed reference: UInt32) {
    // Lists are made anew from the slices.
    if hasOverflowed || key.octets.first == PackedKind.sliceList.rawValue { return }
    if reference != 0 { freed.insert(reference) }
    changed.insert(key)
    guard max(freed.count, changed.count) > Self.changeCountMax else { return }
    freed = []
    changed = []
    hasOverflowed = true
  }

  /// Whether a block has been freed since the copy began.
  func isFreed(_ reference: UInt32) -> Bool { freed.contains(reference) }

  /// A key whose object has changed; it is noted no more.
  mutating func takeChanged() -> PackedKey? { changed.popFirst() }
}
