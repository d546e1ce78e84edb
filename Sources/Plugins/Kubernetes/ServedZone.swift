import DNSWire

/// A zone that the plugin serves, linked, the longest first.
final class ServedZone: Sendable {
  private let key: ZoneKey
  /// The zone of the store that holds its names.
  let storeZone: Int
  private let next: ServedZone?

  private init(_ zone: DomainName, storeZone: Int, next: ServedZone?) {
    key = ZoneKey(zone)
    self.storeZone = storeZone
    self.next = next
  }

  /// Labels of the zone's name.
  var labelCount: Int { key.labelCount }
  /// Octets of the zone's name, root included.
  var octetCount: Int { key.octetCount }

  /// Links zones with their numbers in the store.
  static func link(_ zones: [(zone: DomainName, storeZone: Int)]) -> ServedZone? {
    var first: ServedZone?
    for entry in zones.sorted(by: { $0.zone.labelCount < $1.zone.labelCount }) {
      first = ServedZone(entry.zone, storeZone: entry.storeZone, next: first)
    }
    return first
  }

  /// The longest zone that holds `name`.
  func match(_ name: borrowing QueryName) -> ServedZone? {
    if key.holds(name) { return self }
    return next?.match(name)
  }
}
