import DNSWire
import Synchronization

extension RecordStore {
  /// Starts reading as reader `reader` (a worker's number; one thread at a time): the snapshot that
  /// holds until `leave(reader:)`. Never waits.
  package func enter(reader: Int) -> Snapshot {
    quiescence.enter(reader)
    let block = published.load(ordering: .sequentiallyConsistent)
    return Snapshot(view: arena.view, key: key, offset: Int(block) &* Arena.unitOctetCount)
  }

  /// Ends reading; the snapshot must not be used any more.
  package func leave(reader: Int) {
    quiescence.leave(reader)
  }
}

/// One consistent state of the store, valid between `enter` and `leave`.
package struct Snapshot {
  let view: ArenaView
  let key: UInt64
  let offset: Int

  /// The SOA serial (RFC 1982).
  package var serial: UInt32 { view.load32(offset) }
  private var flags: SnapshotFlags { SnapshotFlags(rawValue: view.load32(offset &+ 4)) }
  /// Whether the first full picture was loaded.
  package var isReady: Bool { flags.contains(.isReady) }
  /// Whether the names of pods are in it, where they are wanted at all.
  package var arePodsReady: Bool { flags.contains(.arePodsReady) }
  /// Whether the answers are from before the start, and may have changed since.
  package var isStale: Bool { flags.contains(.isStale) }

  func root(_ zone: Int) -> UInt32 { view.load32(offset &+ 8 &+ zone &* 4) }

  /// The name `name` of zone number `zone`: folded labels in wire form relative to the zone, no
  /// root octet. `nil` when it does not exist (NXDOMAIN): one look-up, found or not.
  package func find(_ name: borrowing Span<UInt8>, zone: Int) -> NameReader? {
    let leaf = TrieReader(view: view, key: key).find(name, root: root(zone))
    return leaf == 0 ? nil : NameReader(leaf: LeafReader(view, reference: leaf))
  }

  /// Calls `body` with every name of `zone` and its sets, in no useful order; allocates.
  package func forEachName(zone: Int, _ body: (_ name: [UInt8], _ sets: [RRset]) -> Void) {
    TrieReader(view: view, key: key).forEachLeaf(root(zone)) { reference in
      let leaf = LeafReader(view, reference: reference)
      body(leaf.name, leaf.sets())
    }
  }
}

/// What a snapshot says of itself.
struct SnapshotFlags: OptionSet {
  let rawValue: UInt32

  static let isReady = SnapshotFlags(rawValue: 1)
  static let arePodsReady = SnapshotFlags(rawValue: 2)
  static let isStale = SnapshotFlags(rawValue: 4)
}

/// A name that exists: its sets, none for an empty non-terminal.
package struct NameReader {
  let leaf: LeafReader

  /// Tells names of one snapshot apart.
  package var identity: Int { leaf.offset }

  /// The set of `type`; `nil` is NODATA.
  package func set(_ type: RRType) -> RRsetReader? { leaf.set(type) }

  /// The set with the least content: the one answer to ANY (RFC 8482 §4.1).
  package func smallestSet() -> RRsetReader? { leaf.smallestSet() }
}
