import RecordStore

extension PackedObjects {
  private func listKey(_ service: ObjectKey) -> PackedKey { PackedKey(.sliceList, service) }

  /// The names of a Service's slices, in order.
  private func sliceNames(_ service: ObjectKey) -> [[UInt8]] {
    guard let octets = self[listKey(service)] else { return [] }
    var reader = PackedReader(octets)
    var names: [[UInt8]] = []
    while !reader.isAtEnd {
      let name = reader.readText()
      names.append(name.first == 0 ? Array(service.name.utf8) + name.dropFirst() : name)
    }
    return names
  }

  /// Calls `body` with the blocks of a Service's slices in the order of their names.
  func forEachSlice(of service: ObjectKey, _ body: ([UInt8]) -> Void) {
    for name in sliceNames(service) {
      let name = String(decoding: name, as: UTF8.self)
      let key = ObjectKey(namespace: service.namespace, name: name)
      if let octets = self[PackedKey(.slice, key)] { body(octets) }
    }
  }

  /// Sets the block of a slice, keeping the lists of both Services that it is or was of.
  @discardableResult
  mutating func setSlice(
    _ key: ObjectKey, _ octets: [UInt8]?
  ) throws(StoreError) -> [UInt8]? {
    let old = try set(PackedKey(.slice, key), octets)
    let oldOwner = old.map(PackedSlice.serviceName)
    let newOwner = octets.map(PackedSlice.serviceName)
    if oldOwner == newOwner { return old }
    do throws(StoreError) {
      if let newOwner {
        try changeList(ObjectKey(namespace: key.namespace, name: newOwner), key.name, isIn: true)
      }
      if let oldOwner {
        try changeList(ObjectKey(namespace: key.namespace, name: oldOwner), key.name, isIn: false)
      }
    } catch {
      // What was there fits again: its room has just been freed.
      _ = try? set(PackedKey(.slice, key), old)
      throw error
    }
    return old
  }

  private mutating func changeList(
    _ service: ObjectKey, _ sliceName: String, isIn: Bool
  ) throws(StoreError) {
    var names = sliceNames(service)
    let name = Array(sliceName.utf8.prefix(255))
    let place = names.firstIndex { !$0.lexicographicallyPrecedes(name) } ?? names.count
    let isThere = place < names.count && names[place] == name
    if isIn == isThere { return }
    if isIn { names.insert(name, at: place) } else { names.remove(at: place) }
    let key = listKey(service)
    if names.isEmpty {
      try set(key, nil)
      return
    }
    var writer = PackedWriter(list: key)
    for name in names {
      // A zero stands for the Service's name, which controllers put first.
      let starts = name.starts(with: service.name.utf8)
      writer.append(starts ? [0] + name.dropFirst(service.name.utf8.count) : name)
    }
    try set(key, writer.octets)
  }
}
