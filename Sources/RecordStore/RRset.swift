import DNSWire

/// Records of one owner and type with one TTL (RFC 2181 §5.2), as the writer hands them over.
package struct RRset: Hashable, Sendable {
  /// TYPE.
  package var type: RRType
  /// TTL in seconds.
  package var ttl: UInt32
  /// What the records hold.
  package var data: Content

  /// The forms RDATA is kept in: compact where there are many of a kind.
  package enum Content: Hashable, Sendable {
    /// A or AAAA; all of the type's family.
    case addresses([IPAddress])
    /// SRV or NS, grouped by target, with the targets' addresses for the additional section. An NS
    /// record uses neither weight nor port.
    case targets([ServiceTarget])
    /// Whole RDATA, one array a record. Only the first `visibleCount` are answered; the others
    /// wait behind them (a PTR of an endpoint behind that of a Service with the same address).
    case whole([[UInt8]], visibleCount: Int)
  }

  /// Records that one set may hold; a reply cannot carry more.
  package static let recordCountMax = 65_535

  private static let smallCount = 8

  /// A set of `type` with `ttl` seconds.
  package init(type: RRType, ttl: UInt32, data: Content) {
    self.type = type
    self.ttl = ttl
    self.data = data
  }

  /// Address records of one family, in order and without duplicates; `nil` when there are none.
  package static func addresses(_ list: [IPAddress], family: IPAddress.Family, ttl: UInt32)
    -> RRset?
  {
    var kept: [IPAddress] = []
    var seen = Set<IPAddress>()
    for address in list where address.family == family && kept.count < recordCountMax {
      // A look at a few is cheaper than a set of them.
      if kept.count == smallCount { seen = Set(kept) }
      let isNew =
        kept.count < smallCount ? !kept.contains(address) : seen.insert(address).inserted
      if isNew { kept.append(address) }
    }
    if kept.isEmpty { return nil }
    return RRset(type: family == .v4 ? .a : .aaaa, ttl: ttl, data: .addresses(kept))
  }

  /// A set of one record with whole RDATA.
  package static func single(_ type: RRType, ttl: UInt32, data: [UInt8]) -> RRset {
    RRset(type: type, ttl: ttl, data: .whole([data], visibleCount: 1))
  }
}

/// One target of an SRV set: where a port leads, and the addresses found there (RFC 2782).
package struct ServiceTarget: Hashable, Sendable {
  /// Weight and port of one SRV record; the priority is always 0.
  package struct Entry: Hashable, Sendable {
    /// Weight among records of the same priority.
    package var weight: UInt16
    /// Port number.
    package var port: UInt16

    /// A record's two numbers.
    package init(weight: UInt16, port: UInt16) {
      self.weight = weight
      self.port = port
    }
  }

  /// The target's labels relative to the zone, in wire form without the root octet.
  package var name: [UInt8]
  /// One SRV record each.
  package var entries: [Entry]
  /// The target's addresses, both families.
  package var addresses: [IPAddress]

  /// A target below the store's zone.
  package init(name: [UInt8], entries: [Entry], addresses: [IPAddress]) {
    self.name = name
    self.entries = entries
    self.addresses = addresses
  }
}
