import DNSWire

/// One RRset in an arena: of a general leaf, by the offset of its header, or of a compact one.
package struct RRsetReader {
  let view: ArenaView
  /// TYPE.
  package let type: RRType
  /// Records answered.
  package let count: Int
  /// TTL in seconds.
  package let ttl: UInt32
  /// Octets of content.
  let length: Int
  let contentOffset: Int
  /// The leaf's first octet.
  let leaf: Int
  /// The leaf has its compact form.
  let isCompact: Bool

  init(view: ArenaView, offset: Int, leaf: Int) {
    self.view = view
    self.leaf = leaf
    type = RRType(rawValue: view.load16(offset))
    count = Int(view.load16(offset &+ 2))
    ttl = view.load32(offset &+ 4)
    length = Int(view.load32(offset &+ 8))
    contentOffset = offset &+ LeafLayout.setHeaderOctetCount
    isCompact = false
  }

  /// A set of a compact leaf; `nil` when it has none of that type.
  init?(_ compact: CompactLeafReader, _ type: RRType) {
    view = compact.view
    leaf = compact.offset
    self.type = type
    ttl = compact.ttl
    isCompact = true
    switch type {
    case .a where !compact.isPointer:
      (count, length) = (1, 4)
      contentOffset = compact.offset &+ CompactLeafLayout.addressOffset
    case .srv where compact.entryCount > 0:
      (count, length) = (compact.entryCount, 4 &* compact.entryCount)
      contentOffset = compact.entriesOffset
    case .ptr where compact.isPointer:
      (count, length) = (1, 4)
      contentOffset = compact.offset &+ CompactLeafLayout.addressOffset
    default: return nil
    }
  }

  var end: Int { contentOffset &+ LeafLayout.padded(length) }
  var compact: CompactLeafReader { CompactLeafReader(view: view, offset: leaf) }

  func target(at offset: Int) -> TargetReader {
    TargetReader(view: view, offset: offset, leaf: leaf)
  }

  /// The set of a general leaf as a value; allocates.
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
    var target = target(at: contentOffset)
    while target.offset < contentOffset + length {
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
          name: view.octets(at: target.frontOffset, length: target.frontLength)
            + view.octets(at: target.tailOffset, length: target.tailLength),
          entries: entries, addresses: v4 + v6))
      target = self.target(at: target.offset + target.octetCount)
    }
    return targets
  }
}

/// One SRV target in an arena; see `ServiceTargetLayout`.
struct TargetReader {
  let view: ArenaView
  let offset: Int
  let leaf: Int

  var octetCount: Int { LeafLayout.padded(frontOffset &+ frontLength &- offset) }
  var entryCount: Int { Int(view.load16(offset)) }
  var v4Count: Int { Int(view.load16(offset &+ 2)) }
  var v6Count: Int { Int(view.load16(offset &+ 4)) }
  var entriesOffset: Int { offset &+ ServiceTargetLayout.headerOctetCount }
  var v4Offset: Int { entriesOffset &+ entryCount &* 4 }
  var v6Offset: Int { v4Offset &+ v4Count &* 4 }

  // The name is its own front, then the end of the owner's.
  var frontLength: Int { Int(view.load8(offset &+ 6)) }
  var frontOffset: Int { v6Offset &+ v6Count &* 16 }
  private var tail: Int { Int(view.load8(offset &+ 7)) }
  var tailOffset: Int { leaf &+ LeafLayout.nameOffset &+ tail }
  var tailLength: Int { max(0, Int(view.load8(leaf &+ 2)) &- tail) }
  var nameLength: Int { frontLength &+ tailLength }
}
