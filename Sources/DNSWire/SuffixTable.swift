/// Remembers where names stand in a reply, so that later ones can point to them (RFC 1035 §4.1.4):
/// what `NameCompressor` is to owned names, for names copied from a message.
///
/// Work is bounded, whatever the names (CVE-2024-8508 class): at most `entryCountMax` suffixes are
/// remembered, at most `probeCountMax` looked at for a suffix, and a name is compared in full at
/// most once before it is found or written out. Only exact octets match: a pointer must not change
/// the case of the name it stands for.
struct SuffixTable: ~Copyable {
  /// Suffixes remembered; names met after that are still found, not remembered.
  static let entryCountMax = 64
  /// Slots looked at for a suffix.
  private static let probeCountMax = 4

  private var hashes = InlineArray<64, UInt32>(repeating: 0)
  private var offsets = InlineArray<64, UInt16>(repeating: 0)
  /// A hash table of entry numbers plus one; 0 is a free slot, a number above `count` a stale one.
  private var slots = InlineArray<128, UInt8>(repeating: 0)
  /// Suffixes remembered so far. Setting it back forgets the latest.
  private(set) var count = 0

  /// Forgets all but the first `count` suffixes: what a record left that was taken back.
  mutating func forget(after count: Int) { self.count = min(self.count, max(0, count)) }

  /// Appends `name` to `reply`, its end as a pointer if that is known. With `remembers`, later
  /// names may point into it.
  mutating func append(
    _ name: borrowing WireName, to reply: inout ReplyWriter, compresses: Bool, remembers: Bool
  ) {
    let known = Self.suffixHashes(name)
    var writtenCount = name.labelCount
    var pointer: UInt16?
    if compresses, let match = find(name, known, in: reply) {
      (writtenCount, pointer) = (match.label, match.offset)
    }
    let start = reply.count
    let end = name.offset(ofLabel: writtenCount)
    reply.append(name.octets.span.extracting(0..<end))
    if let pointer { reply.append16(0xC000 | pointer) } else { reply.append8(0) }
    guard remembers, !reply.overflowed else { return }
    for label in 0..<writtenCount {
      remember(known[label & 0x7F], at: start &+ name.offset(ofLabel: label))
    }
  }

  /// Remembers the name that stands at `start` of the reply, as far as it is written out there.
  mutating func remember(nameAt start: Int, in reply: borrowing ReplyWriter) {
    var name = WireName()
    guard name.read(reply, at: start) != nil else { return }
    let known = Self.suffixHashes(name)
    for label in 0..<name.labelCount {
      let offset = start &+ name.offset(ofLabel: label)
      let isPointer = reply.withOctets { octets in
        offset >= octets.count || octets[offset] & 0xC0 != 0
      }
      if isPointer { return }
      remember(known[label & 0x7F], at: offset)
    }
  }

  // MARK: - Entries

  /// The hash of every suffix (FNV-1a from the right), by its first label.
  private static func suffixHashes(_ name: borrowing WireName) -> InlineArray<128, UInt32> {
    var result = InlineArray<128, UInt32>(repeating: 0)
    var hash: UInt32 = 2_166_136_261
    var end = name.octetCount
    for label in (0..<name.labelCount).reversed() {
      let start = name.offset(ofLabel: label)
      for index in (start..<max(start, end)).reversed() {
        hash = (hash ^ UInt32(name.octets[index & 0xFF])) &* 16_777_619
      }
      result[label & 0x7F] = hash
      end = start
    }
    return result
  }

  /// The longest suffix of `name` that is known.
  private func find(
    _ name: borrowing WireName, _ known: borrowing InlineArray<128, UInt32>,
    in reply: borrowing ReplyWriter
  ) -> (label: Int, offset: UInt16)? {
    for label in 0..<name.labelCount {
      guard let entry = entry(known[label & 0x7F]) else { continue }
      let offset = offsets[entry & 0x3F]
      let isSame = reply.withOctets { octets in
        name.matches(octets, at: Int(offset), fromLabel: label, ignoringCase: false)
      }
      // Another name of the same hash: by design of the sender, who gets no second comparison.
      return isSame ? (label, offset) : nil
    }
    return nil
  }

  private func entry(_ hash: UInt32) -> Int? {
    for probe in 0..<Self.probeCountMax {
      let number = Int(slots[(Int(hash & 0x7F) &+ probe) & 0x7F])
      if number == 0 { return nil }
      if number <= count, hashes[(number &- 1) & 0x3F] == hash { return number &- 1 }
    }
    return nil
  }

  private mutating func remember(_ hash: UInt32, at offset: Int) {
    guard count < Self.entryCountMax, offset <= WireLimits.pointerOffsetMax, entry(hash) == nil
    else { return }
    for probe in 0..<Self.probeCountMax {
      let slot = (Int(hash & 0x7F) &+ probe) & 0x7F
      let number = Int(slots[slot])
      guard number == 0 || number > count else { continue }
      slots[slot] = UInt8(truncatingIfNeeded: count &+ 1)
      hashes[count & 0x3F] = hash
      offsets[count & 0x3F] = UInt16(truncatingIfNeeded: offset)
      count &+= 1
      return
    }
  }
}
