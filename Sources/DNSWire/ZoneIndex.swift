/// A zone's name, ready to be compared with the names of queries: folded, inline, without a
/// reference, so that matching neither allocates nor counts.
@usableFromInline struct ZoneKey: Sendable {
  @usableFromInline var octets = InlineArray<256, UInt8>(repeating: 0)
  @usableFromInline let octetCount: Int
  @usableFromInline let labelCount: Int

  init(_ zone: DomainName) {
    let wire = zone.lowercased.wire
    octetCount = wire.count
    labelCount = zone.labelCount
    for (index, octet) in wire.enumerated() { octets[index & 0xFF] = octet }
  }

  @inlinable func holds(_ name: borrowing QueryName) -> Bool {
    let above = name.labelCount &- labelCount
    guard above >= 0 else { return false }
    let start = name.offset(ofLabel: above)
    guard name.octetCount &- start == octetCount else { return false }
    for index in 0..<octetCount where name.octets[(start &+ index) & 0xFF] != octets[index & 0xFF] {
      return false
    }
    return true
  }
}

/// Which of a list of zones a name belongs to: the one with the most labels that the name is at or
/// below. Matched label by label from the right, never as text: `xcluster.local.` is not below
/// `cluster.local.` (CVE-2026-33489 was a comparison of texts).
package struct ZoneIndex: Sendable {
  /// What a match says.
  package struct Match: Sendable {
    /// The zone's place in the list.
    package let number: Int
    /// Labels of its name, the root not counted.
    package let labelCount: Int
    /// Octets of its name in wire form, root included.
    package let octetCount: Int
  }

  /// Longest first; of equal zones the first of the list.
  @usableFromInline let keys: [ZoneKey]
  @usableFromInline let numbers: [Int]

  /// An index over `zones`, whose places are the numbers of matches.
  package init(_ zones: [DomainName]) {
    let order = zones.indices.sorted { one, two in
      let (left, right) = (zones[one].labelCount, zones[two].labelCount)
      return left == right ? one < two : left > right
    }
    keys = order.map { ZoneKey(zones[$0]) }
    numbers = order
  }

  /// Whether there is no zone.
  package var isEmpty: Bool { keys.isEmpty }

  /// The zone that holds `name`; `nil` when none does.
  package func match(_ name: borrowing QueryName) -> Match? {
    for index in keys.indices where keys[index].holds(name) {
      return Match(
        number: numbers[index], labelCount: keys[index].labelCount,
        octetCount: keys[index].octetCount)
    }
    return nil
  }
}
