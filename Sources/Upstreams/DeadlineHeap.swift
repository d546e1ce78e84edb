/// Something with at most one deadline in a `DeadlineHeap`.
class TimedEntry {
  /// When it is due, in nanoseconds; meaningful while it is in a heap.
  fileprivate(set) final var dueAt = UInt64.max
  /// Its place in the heap; -1 when it is in none.
  fileprivate final var position = -1

  /// The deadline has passed; the entry is out of the heap.
  func due(_ engine: UpstreamEngine, now: UInt64) {}
}

/// Deadlines in order: a binary heap whose entries know their places, so that one moves or goes in
/// O(log n) and nothing outdated is ever kept.
struct DeadlineHeap {
  private var entries: [TimedEntry] = []

  /// Entries with a deadline.
  var count: Int { entries.count }
  /// The first deadline; `.max` for none.
  var next: UInt64 { entries.first?.dueAt ?? .max }

  /// Gives `entry` this deadline instead of the one it had; `.max` for none.
  mutating func set(_ entry: TimedEntry, _ time: UInt64) {
    guard time != .max else { return remove(entry) }
    if entry.position >= 0 {
      guard time != entry.dueAt else { return }
    } else {
      entry.position = entries.count
      entries.append(entry)
    }
    entry.dueAt = time
    siftDown(siftUp(entry.position))
  }

  /// Takes the deadline of `entry` away.
  mutating func remove(_ entry: TimedEntry) {
    let position = entry.position
    guard entries.indices.contains(position), let last = entries.popLast() else { return }
    entry.position = -1
    guard last !== entry else { return }
    place(last, position)
    siftDown(siftUp(position))
  }

  /// Takes out one entry that is due.
  mutating func popDue(now: UInt64) -> TimedEntry? {
    guard let first = entries.first, first.dueAt <= now else { return nil }
    remove(first)
    return first
  }

  // MARK: - Order

  private mutating func place(_ entry: TimedEntry, _ position: Int) {
    entries[position] = entry
    entry.position = position
  }

  private mutating func siftUp(_ start: Int) -> Int {
    var position = start
    let entry = entries[start]
    while position > 0 {
      let parent = (position - 1) / 2
      guard entry.dueAt < entries[parent].dueAt else { break }
      place(entries[parent], position)
      position = parent
    }
    place(entry, position)
    return position
  }

  private mutating func siftDown(_ start: Int) {
    var position = start
    let entry = entries[start]
    while true {
      var child = 2 * position + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1].dueAt < entries[child].dueAt { child += 1 }
      guard entries[child].dueAt < entry.dueAt else { break }
      place(entries[child], position)
      position = child
    }
    place(entry, position)
  }
}
