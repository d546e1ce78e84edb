import DNSWire

/// The layout of a leaf: one owner name with all of its RRsets, immutable once published.
///
///     0   u16  RRsets
///     2   u8   octets of the name
///     3   u8   flags: 1 = declared (exists though nothing is at or below it)
///     4   u32  names directly below, for the writer only: readers never load it
///     8   u32  octets of the whole leaf
///     12  the name relative to the zone: folded labels, no root octet; padded to 4
///     then for each RRset, padded to 4:
///         u16 TYPE, u16 records answered, u32 TTL, u32 octets of content, content
///
/// Numbers are little-endian, addresses and names in network order. Content: A and AAAA are packed
/// addresses; SRV and NS are a run of targets (`ServiceTargetLayout`); any other type is a run of
/// `u16 length, RDATA`. A name without RRsets is an empty non-terminal (RFC 4592 §2.2.2).
enum LeafLayout {
  static let nameOffset = 12
  static let setHeaderOctetCount = 12
  static let declaredFlag: UInt8 = 1

  static func padded(_ length: Int) -> Int { (length + 3) & ~3 }
}

/// The fixed part of one target in an SRV set's content:
/// `u32 octets of this target, u16 entries, u16 IPv4, u16 IPv6, u8 name octets, u8 0`, then entries
/// (`u16 weight, u16 port`), IPv4 and IPv6 addresses, the name; padded to 4.
enum ServiceTargetLayout {
  static let headerOctetCount = 12
}

/// Builds leaves.
struct LeafEncoder {
  private(set) var octets: [UInt8] = []

  /// The octets of a leaf; `childCount` is the writer's bookkeeping.
  init(name: [UInt8], sets: [RRset], isDeclared: Bool, childCount: UInt32) {
    append(UInt16(truncatingIfNeeded: sets.count))
    octets.append(UInt8(truncatingIfNeeded: name.count))
    octets.append(isDeclared ? LeafLayout.declaredFlag : 0)
    append(childCount)
    append(UInt32(0))
    octets += name
    pad()
    for set in sets { append(set) }
    storeTotal()
  }

  private mutating func storeTotal() {
    let count = UInt32(truncatingIfNeeded: octets.count)
    for index in 0..<4 { octets[8 + index] = UInt8(truncatingIfNeeded: count >> (8 * index)) }
  }

  private mutating func append(_ value: UInt16) {
    octets.append(UInt8(truncatingIfNeeded: value))
    octets.append(UInt8(truncatingIfNeeded: value >> 8))
  }

  private mutating func append(_ value: UInt32) {
    append(UInt16(truncatingIfNeeded: value))
    append(UInt16(truncatingIfNeeded: value >> 16))
  }

  private mutating func pad() {
    while octets.count % 4 != 0 { octets.append(0) }
  }

  private mutating func append(_ set: RRset) {
    let (content, count) = Self.content(set)
    append(set.type.rawValue)
    append(UInt16(truncatingIfNeeded: count))
    append(set.ttl)
    append(UInt32(truncatingIfNeeded: content.count))
    octets += content
    pad()
  }

  /// The content octets and the number of records answered.
  private static func content(_ set: RRset) -> ([UInt8], Int) {
    switch set.data {
    case .addresses(let list):
      let kept = list.prefix(RRset.recordCountMax)
      return (kept.flatMap(\.octets), kept.count)
    case .targets(let targets):
      var encoder = LeafEncoder()
      var count = 0
      for target in targets where count + target.entries.count <= RRset.recordCountMax {
        encoder.append(target)
        count += target.entries.count
      }
      return (encoder.octets, count)
    case .whole(let list, let visibleCount):
      var encoder = LeafEncoder()
      for data in list.prefix(RRset.recordCountMax) {
        encoder.append(UInt16(truncatingIfNeeded: data.count))
        encoder.octets += data.prefix(Int(UInt16.max))
      }
      return (encoder.octets, min(visibleCount, list.count))
    }
  }

  private init() {}

  private mutating func append(_ target: ServiceTarget) {
    let start = octets.count
    let v4 = target.addresses.filter { $0.family == .v4 }.prefix(Int(UInt16.max))
    let v6 = target.addresses.filter { $0.family == .v6 }.prefix(Int(UInt16.max))
    append(UInt32(0))
    append(UInt16(truncatingIfNeeded: target.entries.count))
    append(UInt16(truncatingIfNeeded: v4.count))
    append(UInt16(truncatingIfNeeded: v6.count))
    octets.append(UInt8(truncatingIfNeeded: target.name.count))
    octets.append(0)
    for entry in target.entries {
      append(entry.weight)
      append(entry.port)
    }
    octets += v4.flatMap(\.octets) + v6.flatMap(\.octets) + target.name
    pad()
    let length = UInt32(truncatingIfNeeded: octets.count - start)
    for index in 0..<4 { octets[start + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
  }
}

/// A leaf in an arena, by the offset of its first octet.
struct LeafReader {
  let view: ArenaView
  let offset: Int

  init(_ view: ArenaView, reference: UInt32) {
    self.view = view
    offset = Int(reference) * Arena.unitOctetCount
  }

  var setCount: Int { Int(view.load16(offset)) }
  var nameLength: Int { Int(view.load8(offset &+ 2)) }
  var isDeclared: Bool { view.load8(offset &+ 3) & LeafLayout.declaredFlag != 0 }
  var childCount: UInt32 { view.load32(offset &+ 4) }
  var octetCount: Int { Int(view.load32(offset &+ 8)) }
  var name: [UInt8] { view.octets(at: offset + LeafLayout.nameOffset, length: nameLength) }

  /// Where the first RRset starts.
  var setsOffset: Int { offset &+ LeafLayout.nameOffset &+ LeafLayout.padded(nameLength) }

  /// The RRsets, decoded; allocates, for the writer and `dump`.
  func sets() -> [RRset] {
    var result: [RRset] = []
    var start = setsOffset
    for _ in 0..<setCount {
      let set = RRsetReader(view: view, offset: start)
      result.append(set.decoded())
      start = set.end
    }
    return result
  }
}

/// One RRset in an arena, by the offset of its header.
@usableFromInline package struct RRsetReader {
  @usableFromInline let view: ArenaView
  @usableFromInline let offset: Int

  @inlinable init(view: ArenaView, offset: Int) {
    self.view = view
    self.offset = offset
  }

  /// TYPE.
  @inlinable package var type: RRType { RRType(rawValue: view.load16(offset)) }
  /// Records answered.
  @inlinable package var count: Int { Int(view.load16(offset &+ 2)) }
  /// TTL in seconds.
  @inlinable package var ttl: UInt32 { view.load32(offset &+ 4) }
  /// Octets of content.
  @inlinable var length: Int { Int(view.load32(offset &+ 8)) }
  @inlinable var contentOffset: Int { offset &+ 12 }
  @inlinable var end: Int { contentOffset &+ ((length &+ 3) & ~3) }

  /// The set as a value; allocates.
  func decoded() -> RRset {
    let content = view.octets(at: contentOffset, length: length)
    switch type {
    case .a:
      let list = stride(from: 0, to: content.count - 3, by: 4).map { index in
        IPAddress(v4: content[index..<(index + 4)].reduce(0) { $0 << 8 | UInt32($1) })
      }
      return RRset(type: type, ttl: ttl, data: .addresses(list))
    case .aaaa:
      let list = stride(from: 0, to: content.count - 15, by: 16).map { index in
        Self.v6(content[index..<(index + 16)])
      }
      return RRset(type: type, ttl: ttl, data: .addresses(list))
    case .srv, .ns:
      return RRset(type: type, ttl: ttl, data: .targets(decodedTargets()))
    default:
      var list: [[UInt8]] = []
      var index = 0
      while index + 2 <= content.count {
        let size = Int(content[index]) | Int(content[index + 1]) << 8
        guard index + 2 + size <= content.count else { break }
        list.append(Array(content[(index + 2)..<(index + 2 + size)]))
        index += 2 + size
      }
      return RRset(type: type, ttl: ttl, data: .whole(list, visibleCount: count))
    }
  }

  private static func v6(_ octets: ArraySlice<UInt8>) -> IPAddress {
    IPAddress(
      v6High: octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
      low: octets.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
  }

  private func decodedTargets() -> [ServiceTarget] {
    var targets: [ServiceTarget] = []
    var target = TargetReader(view: view, offset: contentOffset)
    while target.offset < contentOffset + length, target.octetCount > 0 {
      let entries = (0..<target.entryCount).map { index in
        ServiceTarget.Entry(
          weight: view.load16(target.entriesOffset + index * 4),
          port: view.load16(target.entriesOffset + index * 4 + 2))
      }
      let v4 = (0..<target.v4Count).map { index in
        let octets = view.octets(at: target.v4Offset + index * 4, length: 4)
        return IPAddress(v4: octets.reduce(0) { $0 << 8 | UInt32($1) })
      }
      let v6 = (0..<target.v6Count).map { index in
        Self.v6(view.octets(at: target.v6Offset + index * 16, length: 16)[...])
      }
      targets.append(
        ServiceTarget(
          name: view.octets(at: target.nameOffset, length: target.nameLength),
          entries: entries, addresses: v4 + v6))
      target = TargetReader(view: view, offset: target.offset + target.octetCount)
    }
    return targets
  }
}

/// One SRV target in an arena; see `ServiceTargetLayout`.
struct TargetReader {
  let view: ArenaView
  let offset: Int

  var octetCount: Int { Int(view.load32(offset)) }
  var entryCount: Int { Int(view.load16(offset &+ 4)) }
  var v4Count: Int { Int(view.load16(offset &+ 6)) }
  var v6Count: Int { Int(view.load16(offset &+ 8)) }
  var nameLength: Int { Int(view.load8(offset &+ 10)) }
  var entriesOffset: Int { offset &+ ServiceTargetLayout.headerOctetCount }
  var v4Offset: Int { entriesOffset &+ entryCount &* 4 }
  var v6Offset: Int { v4Offset &+ v4Count &* 4 }
  var nameOffset: Int { v6Offset &+ v6Count &* 16 }
}
