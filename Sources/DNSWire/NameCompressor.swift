/// Remembers where names stand in a reply, so that later ones can point to them (RFC 1035 §4.1.4).
///
/// Work is bounded: at most `entryCountMax` suffixes are remembered, after that names are written
/// out, so a reply of thousands of distinct names stays linear (CVE-2024-8508 class). Only for
/// names whose types may be compressed (RFC 3597 §4): owners, and RDATA of NS, CNAME, SOA, PTR, MX.
package struct NameCompressor {
  /// Suffixes remembered.
  package static let entryCountMax = 64

  private var hashes = InlineArray<64, UInt32>(repeating: 0)
  private var offsets = InlineArray<64, UInt16>(repeating: 0)
  private var count = 0

  /// An empty table, for one reply.
  package init() {}

  /// Appends `name` to `reply`, using and leaving pointers.
  package mutating func append(_ name: DomainName, to reply: inout ReplyWriter) {
    var index = 0
    while index < name.wire.count {
      let length = Int(name.wire[index])
      if length == 0 {
        reply.append8(0)
        return
      }
      let hash = Self.hash(name.wire, from: index)
      if let target = find(hash, name.wire, from: index, in: reply) {
        reply.append16(0xC000 | target)
        return
      }
      remember(hash, at: reply.count)
      reply.append8(name.wire[index])
      for octet in name.wire[(index + 1)...(index + length)] { reply.append8(octet) }
      index += length + 1
    }
  }

  private static func hash(_ wire: [UInt8], from start: Int) -> UInt32 {
    var hash: UInt32 = 2_166_136_261
    for octet in wire[start...] { hash = (hash ^ UInt32(DomainName.folded(octet))) &* 16_777_619 }
    return hash
  }

  private mutating func remember(_ hash: UInt32, at offset: Int) {
    guard count < Self.entryCountMax, offset <= WireLimits.pointerOffsetMax else { return }
    hashes[count] = hash
    offsets[count] = UInt16(truncatingIfNeeded: offset)
    count += 1
  }

  private func find(
    _ hash: UInt32, _ wire: [UInt8], from start: Int, in reply: borrowing ReplyWriter
  ) -> UInt16? {
    for entry in 0..<count where hashes[entry] == hash {
      let offset = offsets[entry]
      // Only exact octets: a pointer must not change the case of the name it stands for.
      let matches = reply.withOctets { octets in
        readName(octets, at: Int(offset))?.wire.elementsEqual(wire[start...]) ?? false
      }
      if matches { return offset }
    }
    return nil
  }
}
