import DNSWire

extension RRset {
  /// The set as single records, for dumps: what queries are answered, not what waits behind it.
  package func records(owner: DomainName, zone: DomainName) -> [ResourceRecord] {
    func record(_ data: [UInt8]) -> ResourceRecord {
      ResourceRecord(owner: owner, type: type, ttl: ttl, data: data)
    }
    switch data {
    case .addresses(let list):
      return list.map { record($0.octets) }
    case .whole(let list, let visibleCount):
      return list.prefix(visibleCount).map(record)
    case .targets(let targets):
      return targets.flatMap { target in
        target.entries.map { entry in
          let name = target.name + zone.wire
          guard type == .srv else { return record(name) }
          let numbers = [0, entry.weight, entry.port].flatMap {
            [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)]
          }
          return record(numbers + name)
        }
      }
    }
  }
}
