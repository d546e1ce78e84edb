import Synchronization

/// Tells the writer when no reader can still see what it has unpublished (epoch-based reclamation).
///
/// A reader announces the epoch it starts in and withdraws when it is done: two stores of its own,
/// no lock, no reference count, never waiting. Something retired in epoch `e` is free once every
/// announced reader started later than `e`.
package final class Quiescence: Sendable {
  /// Readers that can be told apart: the workers, and one for everything else.
  package static let readerCountMax = 128

  /// One reader's announcement on a cache line of its own; 0 while it reads nothing.
  private struct Slot: ~Copyable {
    let epoch = Atomic<UInt64>(0)
    // Keeps neighbors' announcements off this line.
    let padding = InlineArray<7, UInt64>(repeating: 0)
  }

  private let slots = InlineArray<128, Slot> { _ in Slot() }
  private let epoch = Atomic<UInt64>(1)

  /// Starts with no reader.
  package init() {}

  /// Announces reader `reader` (0 ..< `readerCountMax`; one thread at a time may use a number).
  func enter(_ reader: Int) {
    // Acquiring: whoever sees an epoch sees what was published before it began.
    let current = epoch.load(ordering: .acquiring)
    slots[reader & 127].epoch.store(current, ordering: .sequentiallyConsistent)
  }

  /// Withdraws the announcement.
  func leave(_ reader: Int) {
    slots[reader & 127].epoch.store(0, ordering: .releasing)
  }

  /// Ends the current epoch, after what was retired in it has been unpublished: its number.
  func advance() -> UInt64 {
    epoch.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
  }

  /// Everything retired in an epoch below this one is free.
  func oldestReader() -> UInt64 {
    var oldest = UInt64.max
    for index in 0..<Self.readerCountMax {
      let announced = slots[index].epoch.load(ordering: .sequentiallyConsistent)
      if announced != 0 { oldest = min(oldest, announced) }
    }
    return oldest
  }
}
