/// An owned resource record with uncompressed RDATA (RFC 1035 §3.2.1): for dumps and tests, never
/// on the way of a query.
package struct ResourceRecord: Hashable, Sendable {
  /// The owner name.
  package var owner: DomainName
  /// TYPE.
  package var type: RRType
  /// TTL in seconds.
  package var ttl: UInt32
  /// RDATA as on the wire, names in it uncompressed.
  package var data: [UInt8]

  /// A record of class IN.
  package init(owner: DomainName, type: RRType, ttl: UInt32, data: [UInt8]) {
    self.owner = owner
    self.type = type
    self.ttl = ttl
    self.data = data
  }

  /// The whole record as on the wire, uncompressed.
  package var wire: [UInt8] {
    func octets(_ value: UInt32, _ count: Int) -> [UInt8] {
      (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> UInt32($0 * 8)) }
    }
    return owner.wire + octets(UInt32(type.rawValue), 2) + [0, 1] + octets(ttl, 4)
      + octets(UInt32(truncatingIfNeeded: data.count), 2) + data
  }

  /// Canonical order: owner (RFC 4034 §6.1), then type, then RDATA (§6.3).
  package func canonicallyPrecedes(_ other: ResourceRecord) -> Bool {
    if owner != other.owner { return owner.canonicallyPrecedes(other.owner) }
    if type != other.type { return type.rawValue < other.type.rawValue }
    return data.lexicographicallyPrecedes(other.data)
  }
}
