import DNSWire
import RecordStore

/// Reverse names.
extension ClusterModel {
  /// Changes the PTR sets from some pointers to others.
  func publishPointers(
    _ old: [ServiceRecords.PointerTarget], _ new: [ServiceRecords.PointerTarget],
    _ edit: inout StoreEdit
  ) throws(StoreError) {
    for pointer in difference(new, old) { try publishPointer(pointer, isThere: true, &edit) }
    for pointer in difference(old, new) { try publishPointer(pointer, isThere: false, &edit) }
  }

  /// Changes the PTR set of an address. Names of Services come first and hide those of endpoints,
  /// and of several Services with one address only the first is shown, as CoreDNS has it; the
  /// others wait in the set until it is their turn.
  func publishPointer(
    _ pointer: ServiceRecords.PointerTarget, isThere: Bool, _ edit: inout StoreEdit
  ) throws(StoreError) {
    guard let (zone, name) = AddressNames.reverseName(pointer.address, in: reverseZones) else {
      return
    }
    let target = pointer.name + options.primaryZone.wire
    var targets: [[UInt8]] = []
    for set in edit.sets(name, zone: zone + 1) where set.type == .ptr {
      if case .whole(let list, _) = set.data { targets += list }
    }
    targets.removeAll { $0 == target }
    if isThere { targets.append(target) }
    if targets.isEmpty { return try edit.remove(name, zone: zone + 1) }
    let visibleCount: Int
    if targets.count == 1 {
      visibleCount = 1
    } else {
      let services = targets.filter(isServiceName).sorted { $0.lexicographicallyPrecedes($1) }
      let endpoints = targets.filter { !isServiceName($0) }
        .sorted { $0.lexicographicallyPrecedes($1) }
      visibleCount = services.isEmpty ? endpoints.count : 1
      targets = services + endpoints
    }
    let data = RRset.Content.whole(targets, visibleCount: visibleCount)
    try edit.set(name, zone: zone + 1, [RRset(type: .ptr, ttl: options.ttl, data: data)])
  }

  /// A Service's name has three labels below the zone, an endpoint's four.
  private func isServiceName(_ wire: [UInt8]) -> Bool {
    let end = wire.count - options.primaryZone.wire.count
    var (labelCount, index) = (0, 0)
    while index < end {
      labelCount += 1
      index += 1 + Int(wire[index])
    }
    return labelCount == 3
  }
}
