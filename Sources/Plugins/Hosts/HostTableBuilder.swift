import DNSWire
import RecordStore

/// Collects names with their addresses, in the order of the text, and makes a table of them.
package struct HostTableBuilder {
  private var names: [UInt8] = []
  private var addresses: [UInt8] = []
  private var entries: [HostTable.Entry] = []
  private var nameSlots = SlotArray()
  private var addressSlots = SlotArray()
  private let key: UInt64
  private let hasReverse: Bool
  private var hasWildcards = false
  private var reverseCount = 0

  /// Nothing yet; without `hasReverse` no address leads to names. `key` seeds the hashes.
  package init(hasReverse: Bool, key: UInt64 = .random(in: 0...(.max))) {
    self.hasReverse = hasReverse
    self.key = key
  }

  /// Gives `name` one address more; equal ones count once. `false` when there is no room.
  package mutating func add(_ name: borrowing QueryName, _ address: IPAddress) -> Bool {
    guard entries.count < HostTable.entryCountMax, name.octetCount > 1 else { return false }
    if nameSlots.isFull { growNames() }
    if addressSlots.isFull { growAddresses() }
    let isWildcard = name.octets[0] == 1 && name.octets[1] == UInt8(ascii: "*")
    let octets = name.octets.span.extracting(0..<max(0, name.octetCount &- 1))
    let nameHash = NameHash.hash(octets, key: key)
    let addressHash = address.hash(key: key)
    var nameProbe = nameSlots.probe(nameHash)
    var addressProbe = addressSlots.probe(addressHash)
    let lastOfName = findName(octets, &nameProbe)
    let lastOfAddress = findAddress(address, &addressProbe)
    if let lastOfName {
      let wanted = lastOfAddress.map { entries[$0].address } ?? .max
      switch look(for: wanted, from: lastOfName) {
      case .found: return true
      case .tooMany: return false
      case .missing: break
      }
    }
    let new = entries.count
    let entry = HostTable.Entry(
      name: lastOfName.map { entries[$0].name } ?? append(octets),
      address: lastOfAddress.map { entries[$0].address } ?? append(address),
      nextOfName: UInt32(truncatingIfNeeded: new), nextOfAddress: HostTable.Entry.unlinked)
    entries.append(entry)
    if let lastOfName {
      entries[new].nextOfName = entries[lastOfName].nextOfName
      entries[lastOfName].nextOfName = UInt32(truncatingIfNeeded: new)
      nameSlots.replace(nameProbe, with: new)
    } else {
      nameSlots.add(new, hash: nameHash)
    }
    let isLinked = hasReverse && !isWildcard
    if isLinked { link(new, behind: lastOfAddress) }
    if lastOfAddress == nil {
      addressSlots.add(new, hash: addressHash)
    } else if isLinked {
      addressSlots.replace(addressProbe, with: new)
    }
    hasWildcards = hasWildcards || isWildcard
    return true
  }

  /// The table; the builder is empty then.
  package consuming func table() -> HostTable {
    HostTable(
      names: names, addresses: addresses, entries: entries, nameSlots: nameSlots,
      addressSlots: addressSlots, key: key, hasWildcards: hasWildcards,
      reverseCount: reverseCount)
  }

  /// Puts an entry at the end of its address's names.
  private mutating func link(_ new: Int, behind last: Int?) {
    let number = UInt32(truncatingIfNeeded: new)
    reverseCount += 1
    guard let last, entries[last].nextOfAddress != HostTable.Entry.unlinked else {
      entries[new].nextOfAddress = number
      return
    }
    entries[new].nextOfAddress = entries[last].nextOfAddress
    entries[last].nextOfAddress = number
  }

  // MARK: - Looking up

  private enum Place {
    case found
    case missing
    case tooMany
  }

  /// Whether a name has an address, by the reference of that, and may have one more; `last` is the
  /// name's last entry.
  private func look(for address: UInt32, from last: Int) -> Place {
    var index = last
    for count in 1...HostTable.addressCountMax {
      if entries[index].address == address { return .found }
      index = Int(entries[index].nextOfName)
      if index == last { return count < HostTable.addressCountMax ? .missing : .tooMany }
    }
    return .tooMany
  }

  private func findName(
    _ name: borrowing Span<UInt8>, _ probe: inout SlotArray.Probe
  ) -> Int? {
    while let index = nameSlots.next(&probe) {
      let start = Int(entries[index].name)
      if Int(names[start]) == name.count, hasOctets(name, at: start &+ 1) { return index }
    }
    return nil
  }

  private func hasOctets(_ name: borrowing Span<UInt8>, at start: Int) -> Bool {
    for index in 0..<name.count where names[start &+ index] != name[index] { return false }
    return true
  }

  private func findAddress(_ address: IPAddress, _ probe: inout SlotArray.Probe) -> Int? {
    while let index = addressSlots.next(&probe) {
      if IPAddress(packed: addresses.span, entries[index].address) == address { return index }
    }
    return nil
  }

  // MARK: - Growing

  private mutating func append(_ name: borrowing Span<UInt8>) -> UInt32 {
    let start = UInt32(truncatingIfNeeded: names.count)
    names.append(UInt8(truncatingIfNeeded: name.count))
    for index in 0..<name.count { names.append(name[index]) }
    return start
  }

  private mutating func append(_ address: IPAddress) -> UInt32 {
    let start = UInt32(truncatingIfNeeded: addresses.count)
    for index in 0..<address.octetCount { addresses.append(address.octet(index)) }
    return start << 1 | (address.family == .v6 ? 1 : 0)
  }

  private mutating func growNames() {
    let (names, entries, key) = (names, entries, key)
    nameSlots.grow { entry in
      let start = Int(entries[entry].name)
      let end = start &+ 1 &+ Int(names[start])
      return NameHash.hash(names.span.extracting((start &+ 1)..<end), key: key)
    }
  }

  private mutating func growAddresses() {
    let (addresses, entries, key) = (addresses, entries, key)
    addressSlots.grow { entry in
      IPAddress(packed: addresses.span, entries[entry].address).hash(key: key)
    }
  }
}
