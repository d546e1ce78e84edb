/// A zone's name, ready to be compared with the names of queries: folded, inline, without a
/// reference, so that matching neither allocates nor counts.
package struct ZoneKey: Sendable {
  private var octets = InlineArray<256, UInt8>(repeating: 0)
  /// Octets of the name in wire form, root included: 1...255.
  package let octetCount: Int
  /// Labels, the root not counted.
  package let labelCount: Int

  /// The key of `zone`.
  package init(_ zone: DomainName) {
    let wire = zone.lowercased.wire
    octetCount = wire.count
    labelCount = zone.labelCount
    for (index, octet) in wire.enumerated() { octets[index & 0xFF] = octet }
  }

  /// Whether `name` is at or below the zone, by labels: `xcluster.local.` is not below
  /// `cluster.local.`.
  package func holds(_ name: borrowing QueryName) -> Bool {
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
