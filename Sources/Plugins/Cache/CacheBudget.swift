import Synchronization

/// What one kind of entries may take over all stripes: reserved before an entry goes in, released
/// when it goes out, so that the bounds hold at every moment.
package final class CacheBudget: Sendable {
  /// Entries at most.
  package let entryCountMax: Int
  /// Octets at most, entries' overhead included.
  package let octetCountMax: Int
  private let entries = Atomic<Int>(0)
  private let octets = Atomic<Int>(0)

  /// Octets granted for each entry of the capacity.
  package static let octetsPerEntry = 1024
  /// A smaller capacity gets the octets of this many entries.
  package static let entryCountFloor = 32

  /// A budget for `capacity` entries; 0 keeps nothing.
  package init(capacity: Int) {
    entryCountMax = max(0, capacity)
    octetCountMax =
      entryCountMax == 0
      ? 0 : max(entryCountMax, Self.entryCountFloor) &* Self.octetsPerEntry
  }

  /// Entries there are.
  package var entryCount: Int { entries.load(ordering: .relaxed) }
  /// Octets they take.
  package var octetCount: Int { octets.load(ordering: .relaxed) }

  /// Takes room for one entry of `size` octets; `false`, and nothing taken, when there is none.
  func reserve(_ size: Int) -> Bool {
    guard entries.wrappingAdd(1, ordering: .relaxed).newValue <= entryCountMax else {
      entries.wrappingSubtract(1, ordering: .relaxed)
      return false
    }
    guard octets.wrappingAdd(size, ordering: .relaxed).newValue <= octetCountMax else {
      octets.wrappingSubtract(size, ordering: .relaxed)
      entries.wrappingSubtract(1, ordering: .relaxed)
      return false
    }
    return true
  }

  /// Gives the room of one entry of `size` octets back.
  func release(_ size: Int) {
    octets.wrappingSubtract(size, ordering: .relaxed)
    entries.wrappingSubtract(1, ordering: .relaxed)
  }
}
