import DNSWire
import RecordStore

/// Names and their addresses, both ways, as packed arrays without an object or reference for any of
/// them: a block list of 200,000 names takes less than twice the octets of its file.
///
/// A table is made once (`HostTableBuilder`) and then only read. It is noncopyable: a worker reads
/// its own without counting references; `copy()` shares the arrays with another worker.
package struct HostTable: ~Copyable {
  /// One name with one address.
  struct Entry {
    /// Where the name stands in `names`.
    let name: UInt32
    /// Where the address stands in `addresses`, times two, plus one for IPv6.
    let address: UInt32
    /// The next entry of the same name; the last one has the first.
    var nextOfName: UInt32
    /// The next entry of the same address likewise; `unlinked` when it has no reverse name.
    var nextOfAddress: UInt32

    /// Octets of an entry.
    static let octetCount = 16
    /// Stands for no entry.
    static let unlinked = UInt32.max
  }

  /// Entries that a table may have; 24 bits of a slot say which.
  package static let entryCountMax = 0xFF_FFFE
  /// Addresses of one name: more than a reply can carry.
  package static let addressCountMax = 4_096

  /// Each name once, as the count of its octets and then the folded wire form without the root.
  let names: [UInt8]
  /// Each address once, 4 or 16 octets.
  let addresses: [UInt8]
  /// In the order of the text.
  let entries: [Entry]
  /// By the hash of a name, the last entry of the name.
  let nameSlots: SlotArray
  /// By the hash of an address, the last entry of the address, or any that has it.
  let addressSlots: SlotArray
  /// Seeds the hashes.
  let key: UInt64
  /// Whether there is a name that begins with `*`.
  let hasWildcards: Bool
  /// Entries that have a reverse name too.
  let reverseCount: Int

  /// Addresses of names, and names of addresses, as CoreDNS counts them.
  package var entryCount: Int { entries.count + reverseCount }

  /// Octets of all arrays.
  package var octetCount: Int {
    names.count + addresses.count + entries.count * Entry.octetCount + nameSlots.octetCount
      + addressSlots.octetCount
  }

  /// The same table for another reader.
  func copy() -> HostTable {
    HostTable(
      names: names, addresses: addresses, entries: entries, nameSlots: nameSlots,
      addressSlots: addressSlots, key: key, hasWildcards: hasWildcards,
      reverseCount: reverseCount)
  }

  // MARK: - Looking up

  /// The last entry of `name`, or of the wildcard that stands for it; `nil` when there is neither.
  /// A wildcard stands for one label, and for no name that has entries of its own (RFC 4592
  /// §2.2.1); one right below the root stands for nothing, as in CoreDNS.
  func find(_ name: borrowing QueryName) -> Int? {
    let end = max(0, name.octetCount &- 1)
    if let found = find(name.octets.span.extracting(0..<end)) { return found }
    guard hasWildcards, name.labelCount > 1 else { return nil }
    var pattern = InlineArray<256, UInt8>(repeating: 0)
    pattern[0] = 1
    pattern[1] = UInt8(ascii: "*")
    var count = 2
    for index in name.offset(ofLabel: 1)..<max(end, name.offset(ofLabel: 1)) {
      pattern[count & 0xFF] = name.octets[index & 0xFF]
      count &+= 1
    }
    return find(pattern.span.extracting(0..<min(count, 256)))
  }

  /// The last entry of exactly the name with these octets.
  private func find(_ name: borrowing Span<UInt8>) -> Int? {
    var probe = nameSlots.probe(NameHash.hash(name, key: key))
    while let index = nameSlots.next(&probe) {
      guard index < entries.count else { return nil }
      if hasName(name, at: Int(entries[index].name)) { return index }
    }
    return nil
  }

  private func hasName(_ name: borrowing Span<UInt8>, at start: Int) -> Bool {
    let octets = names.span
    guard start < octets.count, Int(octets[start]) == name.count,
      name.count < octets.count &- start
    else { return false }
    for index in 0..<name.count where octets[start &+ 1 &+ index] != name[index] { return false }
    return true
  }

  /// The last entry of an address that has names; `nil` when it has none.
  func find(_ address: IPAddress) -> Int? {
    var probe = addressSlots.probe(address.hash(key: key))
    while let index = addressSlots.next(&probe) {
      guard index < entries.count else { return nil }
      let entry = entries[index]
      if self.address(entry.address) == address {
        return entry.nextOfAddress == Entry.unlinked ? nil : index
      }
    }
    return nil
  }

  /// The address that a reference of an entry leads to.
  func address(_ reference: UInt32) -> IPAddress {
    IPAddress(packed: addresses.span, reference)
  }
}

extension IPAddress {
  /// The address at a reference of an entry: its offset times two, plus one for IPv6.
  init(packed octets: borrowing Span<UInt8>, _ reference: UInt32) {
    let start = Int(reference >> 1)
    func word(_ offset: Int, _ octets: borrowing Span<UInt8>) -> UInt64 {
      guard offset &+ 4 <= octets.count else { return 0 }
      var value: UInt64 = 0
      for index in 0..<4 { value = value << 8 | UInt64(octets[offset &+ index]) }
      return value
    }
    if reference & 1 == 0 {
      self.init(v4: UInt32(truncatingIfNeeded: word(start, octets)))
    } else {
      self.init(
        v6High: word(start, octets) << 32 | word(start &+ 4, octets),
        low: word(start &+ 8, octets) << 32 | word(start &+ 12, octets))
    }
  }

  /// The keyed hash of the address.
  func hash(key: UInt64) -> UInt64 {
    var state = key ^ high ^ UInt64(family.rawValue)
    for word in [low, 0x8EBC_6AF0_9C88_C6E3] {
      let product = (state ^ word).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
      state = product.high ^ product.low
    }
    return state
  }
}
