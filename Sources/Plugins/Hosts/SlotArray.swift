/// A hash table of entry numbers with open addressing: four octets a slot, of which eight bits are
/// of the hash, so that nearly all probes of other names end without a look at them.
struct SlotArray: Sendable {
  /// Where a look-up goes on.
  struct Probe {
    fileprivate var slot: Int
    fileprivate let tag: UInt32
    fileprivate var rest: Int
  }

  /// The number of an entry plus one in the low 24 bits, the tag above; 0 is free. A power of two.
  private var slots: [UInt32]
  /// Slots in use.
  private(set) var count = 0

  private static let indexMask: UInt32 = 0xFF_FFFF
  private static let slotCountMin = 16

  /// An empty table.
  init() { slots = Array(repeating: 0, count: Self.slotCountMin) }

  private init(slotCount: Int) { slots = Array(repeating: 0, count: slotCount) }

  /// Octets of all slots.
  var octetCount: Int { slots.count * 4 }

  /// Whether one more needs a larger table: three of four slots are in use.
  var isFull: Bool { (count + 1) * 4 > slots.count * 3 }

  /// Starts a look-up.
  func probe(_ hash: UInt64) -> Probe {
    Probe(
      slot: Int(truncatingIfNeeded: hash) & (slots.count &- 1),
      tag: UInt32(truncatingIfNeeded: hash >> 56) << 24, rest: slots.count)
  }

  /// The next entry that may be the one; `nil` when there is none. `position(_:)` is where it was.
  func next(_ probe: inout Probe) -> Int? {
    while probe.rest > 0 {
      let slot = slots[probe.slot]
      if slot == 0 { return nil }
      probe.slot = (probe.slot &+ 1) & (slots.count &- 1)
      probe.rest &-= 1
      if slot & ~Self.indexMask == probe.tag { return Int(slot & Self.indexMask) &- 1 }
    }
    return nil
  }

  /// Lets the slot that `next` has just returned lead to another entry.
  mutating func replace(_ probe: Probe, with entry: Int) {
    let slot = (probe.slot &- 1) & (slots.count &- 1)
    slots[slot] = probe.tag | UInt32(truncatingIfNeeded: entry &+ 1) & Self.indexMask
  }

  /// Adds an entry; there must be a free slot (`isFull`).
  mutating func add(_ entry: Int, hash: UInt64) {
    let probe = probe(hash)
    var slot = probe.slot
    for _ in 0..<slots.count {
      if slots[slot] == 0 {
        slots[slot] = probe.tag | UInt32(truncatingIfNeeded: entry &+ 1) & Self.indexMask
        count += 1
        return
      }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
  }

  /// Becomes twice as large; `hash` is asked for that of each entry.
  mutating func grow(_ hash: (Int) -> UInt64) {
    var larger = SlotArray(slotCount: slots.count * 2)
    for slot in slots where slot != 0 {
      let entry = Int(slot & Self.indexMask) &- 1
      larger.add(entry, hash: hash(entry))
    }
    self = larger
  }
}
