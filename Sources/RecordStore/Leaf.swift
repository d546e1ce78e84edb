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
/// The second octet tells the compact forms apart, of which there are most (`CompactLeafLayout`).
enum LeafLayout {
  static let nameOffset = 12
  static let setHeaderOctetCount = 12
  static let declaredFlag: UInt8 = 1
  /// Fewer than this, so that no count looks like a compact leaf's mark.
  static let setCountMax = 255

  static func padded(_ length: Int) -> Int { (length + 3) & ~3 }
}

/// The fixed part of one target in an SRV set's content:
/// `u16 entries, u16 IPv4, u16 IPv6, u8 name octets, u8 tail`, then entries (`u16 weight,
/// u16 port`), IPv4 and IPv6 addresses, the name; padded to 4.
///
/// Behind these name octets the target's name goes on as the owner's does from octet `tail`:
/// targets are in the Service that the owner is of.
enum ServiceTargetLayout {
  static let headerOctetCount = 8
  /// No name has a label there.
  static let noTail = 255
}

/// Builds leaves.
struct LeafEncoder {
  private(set) var octets: [UInt8] = []
  private var owner: [UInt8] = []

  /// The octets of a leaf; `childCount` is the writer's bookkeeping.
  init(name: [UInt8], sets: [RRset], isDeclared: Bool, childCount: UInt32) {
    owner = name
    let sets = sets.prefix(LeafLayout.setCountMax)
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
    let (content, count) = content(set)
    append(set.type.rawValue)
    append(UInt16(truncatingIfNeeded: count))
    append(set.ttl)
    append(UInt32(truncatingIfNeeded: content.count))
    octets += content
    pad()
  }

  /// The content octets and the number of records answered.
  private func content(_ set: RRset) -> ([UInt8], Int) {
    switch set.data {
    case .addresses(let list):
      let kept = list.prefix(RRset.recordCountMax)
      return (kept.flatMap(\.octets), kept.count)
    case .targets(let targets):
      var encoder = LeafEncoder(owner: owner)
      var count = 0
      for target in targets where count + target.entries.count <= RRset.recordCountMax {
        encoder.append(target)
        count += target.entries.count
      }
      return (encoder.octets, count)
    case .whole(let list, let visibleCount):
      var encoder = LeafEncoder(owner: owner)
      for data in list.prefix(RRset.recordCountMax) {
        encoder.append(UInt16(truncatingIfNeeded: data.count))
        encoder.octets += data.prefix(Int(UInt16.max))
      }
      return (encoder.octets, min(visibleCount, list.count))
    }
  }

  private init(owner: [UInt8]) {
    self.owner = owner
  }

  /// Where the owner's name starts to be the end of `name`; the longest such end.
  private func tail(of name: [UInt8]) -> Int {
    var start = 0
    while start < owner.count {
      let length = owner.count - start
      if length <= name.count, name[(name.count - length)...].elementsEqual(owner[start...]) {
        return start
      }
      start += 1 + Int(owner[start])
    }
    return ServiceTargetLayout.noTail
  }

  private mutating func append(_ target: ServiceTarget) {
    let tail = tail(of: target.name)
    let front = target.name.prefix(
      tail == ServiceTargetLayout.noTail
        ? target.name.count : target.name.count - owner.count + tail)
    var v4: [UInt8] = []
    var v6: [UInt8] = []
    for address in target.addresses {
      if address.family == .v4, v4.count < 4 * Int(UInt16.max) { v4 += address.octets }
      if address.family == .v6, v6.count < 16 * Int(UInt16.max) { v6 += address.octets }
    }
    append(UInt16(truncatingIfNeeded: target.entries.count))
    append(UInt16(truncatingIfNeeded: v4.count / 4))
    append(UInt16(truncatingIfNeeded: v6.count / 16))
    octets.append(UInt8(truncatingIfNeeded: front.count))
    octets.append(UInt8(truncatingIfNeeded: tail))
    for entry in target.entries {
      append(entry.weight)
      append(entry.port)
    }
    octets += v4
    octets += v6
    octets += front
    pad()
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

  /// The leaf in its compact form; `nil` for a general one.
  var compact: CompactLeafReader? {
    guard view.load8(offset &+ 1) & CompactLeafLayout.compactMark != 0 else { return nil }
    return CompactLeafReader(view: view, offset: offset)
  }

  /// RRsets of a general leaf.
  var setCount: Int { Int(view.load16(offset)) }
  private var nameLength: Int { Int(view.load8(offset &+ 2)) }
  /// Whether a leaf exists for no other reason than that it was said to; compact ones never.
  var isDeclared: Bool {
    compact == nil && view.load8(offset &+ 3) & LeafLayout.declaredFlag != 0
  }
  /// Names directly below; a compact leaf has none.
  var childCount: UInt32 { compact == nil ? view.load32(offset &+ 4) : 0 }
  var octetCount: Int { compact?.octetCount ?? Int(view.load32(offset &+ 8)) }
  var name: [UInt8] {
    compact?.name ?? view.octets(at: offset + LeafLayout.nameOffset, length: nameLength)
  }

  /// Whether the leaf has records.
  var hasSets: Bool { compact != nil || setCount > 0 }

  /// Whether the owner's name is `name`; allocates nothing.
  func isNamed(_ name: borrowing Span<UInt8>) -> Bool {
    if let compact { return compact.isNamed(name) }
    return nameLength == name.count && view.equals(name, at: offset &+ LeafLayout.nameOffset)
  }

  /// The set of `type`; `nil` when there is none.
  func set(_ type: RRType) -> RRsetReader? {
    if let compact { return RRsetReader(compact, type) }
    var start = setsOffset
    for _ in 0..<setCount {
      let set = RRsetReader(view: view, offset: start, leaf: offset)
      if set.type == type { return set }
      start = set.end
    }
    return nil
  }

  /// Where the first RRset starts.
  private var setsOffset: Int { offset &+ LeafLayout.nameOffset &+ LeafLayout.padded(nameLength) }

  /// The set with the least content.
  func smallestSet() -> RRsetReader? {
    if let compact { return RRsetReader(compact, compact.isPointer ? .ptr : .a) }
    var start = setsOffset
    var best: RRsetReader?
    for _ in 0..<setCount {
      let set = RRsetReader(view: view, offset: start, leaf: offset)
      if best.map({ set.length < $0.length }) ?? true { best = set }
      start = set.end
    }
    return best
  }

  /// The RRsets, decoded; allocates, for the writer and `dump`.
  func sets() -> [RRset] {
    if let compact { return compact.sets() }
    var result: [RRset] = []
    var start = setsOffset
    for _ in 0..<setCount {
      let set = RRsetReader(view: view, offset: start, leaf: offset)
      result.append(set.decoded())
      start = set.end
    }
    return result
  }
}
