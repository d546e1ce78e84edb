import DNSWire
import Synchronization

/// Names and their records: one writer at a time, readers without locks or reference counts.
///
/// The store serves a fixed list of zones. What is published is a snapshot: the serial and one trie
/// a zone. A reader takes the current snapshot once and sees nothing but it for the whole of its
/// query (`Snapshot`); the writer makes the next one from it, publishes it with one store, and
/// frees what it replaced when no reader can see it any more.
///
/// Errors: an edit that cannot be made whole (`StoreError`) changes nothing.
package final class RecordStore: Sendable {
  /// The zones, in the order given; their number is an index everywhere in the store.
  package let zones: [DomainName]
  let arena: Arena
  let key: UInt64
  let quiescence = Quiescence()
  /// The reference of the published snapshot: `u32 serial, u32 flags, u32 root...`.
  let published: Atomic<UInt32>
  private let writer: Mutex<Writer>

  /// An empty store for `zones`, not ready; `nil` when no address space can be had.
  /// `serial` seeds the SOA serial, usually the time in seconds.
  package init?(
    zones: [DomainName], serial: UInt32, arenaOctetCount: Int = Arena.defaultOctetCount
  ) {
    guard let arena = Arena(octetCount: arenaOctetCount) else { return nil }
    self.zones = zones
    self.arena = arena
    var random = SystemRandomNumberGenerator()
    key = random.next()
    var writer = Writer(arena: arena, key: key, zoneCount: zones.count, serial: serial)
    guard writer.placeOrigin(zones.first?.wire ?? [0]), let first = try? writer.makeSnapshot()
    else { return nil }
    published = Atomic(first)
    self.writer = Mutex(writer)
  }

  /// Applies `body`'s edits as one: readers see all of them or none. Returns whether any answer
  /// changed; only then does the serial move, to at least `now` (seconds) and always upwards in
  /// RFC 1982's sense. The serial does not move for an edit with `keepsSerial`: one of several that
  /// nobody reads before the last.
  @discardableResult
  package func edit(
    now: UInt32, keepsSerial: Bool = false, _ body: (inout StoreEdit) throws(StoreError) -> Void
  ) throws(StoreError) -> Bool {
    let outcome = writer.withLock { writer -> Result<Bool, StoreError> in
      var edit = StoreEdit(writer: writer)
      // The edit's table is the only one while it runs: nothing is copied.
      writer.trie.stems = StemTable()
      writer.waiting = []
      do throws(StoreError) {
        try body(&edit)
        guard edit.hasChanges else {
          writer = edit.writer
          return .success(false)
        }
        if edit.answersMoved, !keepsSerial { edit.writer.advanceSerial(now: now) }
        let next = try edit.writer.makeSnapshot()
        let previous = published.exchange(next, ordering: .sequentiallyConsistent)
        edit.writer.retireSnapshot(previous)
        edit.writer.trie.allocator.commit()
        edit.writer.trie.stems.commit()
        edit.writer.reclaim(quiescence)
        writer = edit.writer
        return .success(edit.answersMoved)
      } catch {
        writer.abandon(edit)
        return .failure(error)
      }
    }
    return try outcome.get()
  }

  /// Frees what readers have let go of since the last edit.
  package func reclaim() {
    writer.withLock { $0.reclaim(quiescence) }
  }

  /// Octets of the arena in use.
  package var usedOctetCount: Int { writer.withLock { $0.trie.allocator.usedOctetCount } }
}

/// The writer's state between edits.
struct Writer {
  var trie: TrieWriter
  /// The trie of each zone.
  var roots: [UInt32]
  var serial: UInt32
  /// Zone 0's name.
  private(set) var origin: [UInt8] = []
  var flags = SnapshotFlags()
  /// Blocks waiting for readers: the epoch after which they are free, the block, its octets.
  var waiting: [(epoch: UInt64, block: UInt32, octets: Int)] = []

  init(arena: Arena, key: UInt64, zoneCount: Int, serial: UInt32) {
    trie = TrieWriter(arena: arena, key: key)
    roots = Array(repeating: 0, count: zoneCount)
    self.serial = serial
  }

  /// Stores zone 0's name where pointers look for it: the first block.
  mutating func placeOrigin(_ wire: [UInt8]) -> Bool {
    let octets = [UInt8(truncatingIfNeeded: wire.count)] + wire
    guard trie.allocator.allocate(octets: octets.count) == OriginReader.reference else {
      return false
    }
    trie.arena.store(octets, at: Int(OriginReader.reference) * Arena.unitOctetCount)
    origin = wire
    return true
  }

  private var snapshotOctetCount: Int { 8 + 4 * roots.count }

  mutating func makeSnapshot() throws(StoreError) -> UInt32 {
    guard let block = trie.allocator.allocate(octets: snapshotOctetCount) else { throw .full }
    let offset = Int(block) * Arena.unitOctetCount
    trie.arena.store32(serial, at: offset)
    trie.arena.store32(flags.rawValue, at: offset + 4)
    for (index, root) in roots.enumerated() { trie.arena.store32(root, at: offset + 8 + index * 4) }
    return block
  }

  /// Drops a failed edit: what is published and counted stays, the blocks it took are free again.
  mutating func abandon(_ edit: StoreEdit) {
    edit.restoreChildCounts()
    waiting = edit.writer.waiting
    trie.stems = edit.writer.trie.stems
    trie.undoStems()
    trie.allocator.undo(edit.writer.trie.allocator)
    trie.transaction = edit.writer.trie.transaction &+ 1
  }

  mutating func retireSnapshot(_ block: UInt32) {
    trie.retired.append((block, snapshotOctetCount))
  }

  mutating func advanceSerial(now: UInt32) {
    // RFC 1982: `now` is ahead when the difference is below half of the space.
    let step = now &- serial
    serial = step > 0 && step < 0x8000_0000 ? now : serial &+ 1
    if serial == 0 { serial = 1 }
  }

  /// Moves what the transaction unpublished behind the readers, and frees what they have passed.
  mutating func reclaim(_ quiescence: Quiescence) {
    if !trie.retired.isEmpty {
      let epoch = quiescence.advance()
      waiting += trie.retired.map { (epoch, $0.block, $0.octets) }
      trie.retired.removeAll()
      trie.transaction &+= 1
    }
    let oldest = quiescence.oldestReader()
    let free = waiting.prefix { $0.epoch < oldest }
    for item in free { trie.allocator.free(item.block, octets: item.octets) }
    // Room for the blocks of a large edit is not kept.
    if free.count == waiting.count { waiting = [] } else { waiting.removeFirst(free.count) }
  }
}
