import DNSWire
import RecordStore

/// Every ready address of a Service with every port, once each. A Service may have a hundred
/// thousand: labels stand in one stretch of octets, and entries hold numbers.
struct ServiceEndpoints {
  /// One endpoint address with one port: what an SRV record is made of.
  struct Entry: Hashable {
    /// The number of the label.
    var label: Int32
    /// An index of `ports`; -1 for an endpoint of a slice without ports.
    var port: Int32
    var address: IPAddress
  }

  /// The ports of all slices that have endpoints, each once.
  private(set) var ports: [PackedPort] = []
  /// In the order of slices, endpoints and ports.
  private(set) var entries: [Entry] = []

  private var labelOctets: [UInt8] = []
  /// Where each label begins, and where the last ends.
  private var labelStarts: [UInt32] = [0]
  /// Numbers of labels plus one, by the hash of the label; 0 is free.
  private var slots: [UInt32] = Array(repeating: 0, count: 32)
  private let hashKey: UInt64
  private var placeOfPort: [PackedPort: Int32] = [:]
  /// While no label has come twice, no entry has.
  private var seen = Set<Entry>()
  private var looks = false

  /// No endpoints; `hashKey` is by chance.
  init(hashKey: UInt64) { self.hashKey = hashKey }

  /// Distinct labels.
  var labelCount: Int { labelStarts.count - 1 }

  /// A label's octets, folded.
  func label(_ number: Int32) -> ArraySlice<UInt8> { labelOctets[range(Int(number))] }

  private func range(_ number: Int) -> Range<Int> {
    Int(labelStarts[number])..<Int(labelStarts[number + 1])
  }

  /// Adds the endpoints in a slice's block, those that pass the filter.
  mutating func add(_ octets: [UInt8], _ filter: EndpointFilter?) {
    var reader = PackedSliceReader(octets)
    var places: [Int32] = []
    while let endpoint = reader.next() {
      if let filter, !filter.contains(endpoint) { continue }
      if places.isEmpty { places = self.places(reader.ports) }
      let (label, isNew) = number(endpoint)
      if !isNew, !looks {
        // The first label that comes again: from now on all entries are looked at.
        seen.formUnion(entries)
        looks = true
      }
      for port in places {
        let entry = Entry(label: label, port: port, address: endpoint.address)
        if looks, !seen.insert(entry).inserted { continue }
        entries.append(entry)
      }
    }
  }

  private mutating func places(_ list: [PackedPort]) -> [Int32] {
    if list.isEmpty { return [-1] }
    return unique(
      list.map { port in
        if let place = placeOfPort[port] { return place }
        let place = Int32(truncatingIfNeeded: ports.count)
        placeOfPort[port] = place
        ports.append(port)
        return place
      })
  }

  // MARK: - Labels

  /// The number of an endpoint's label: the one it was given, else its address's.
  private mutating func number(_ endpoint: PackedSliceReader.Endpoint) -> (Int32, isNew: Bool) {
    let start = labelOctets.count
    if let label = endpoint.label {
      for octet in label { labelOctets.append(DomainName.folded(octet)) }
    } else {
      AddressNames.appendLabel(endpoint.address, to: &labelOctets)
    }
    let index = find(start..<labelOctets.count)
    if slots[index] != 0 {
      labelOctets.removeSubrange(start...)
      return (Int32(truncatingIfNeeded: slots[index]) - 1, false)
    }
    labelStarts.append(UInt32(truncatingIfNeeded: labelOctets.count))
    slots[index] = UInt32(truncatingIfNeeded: labelCount)
    if labelCount * 4 > slots.count * 3 { grow() }
    return (Int32(truncatingIfNeeded: labelCount - 1), true)
  }

  /// The slot of the label that stands in a range, or the free one where it would go.
  private func find(_ label: Range<Int>) -> Int {
    let mask = slots.count - 1
    let hash = NameHash.hash(labelOctets.span.extracting(label), key: hashKey)
    var index = Int(truncatingIfNeeded: hash) & mask
    while slots[index] != 0 {
      let other = range(Int(slots[index]) - 1)
      if other.count == label.count, labelOctets[other] == labelOctets[label] { return index }
      index = (index + 1) & mask
    }
    return index
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    for number in 0..<labelCount {
      slots[find(range(number))] = UInt32(truncatingIfNeeded: number + 1)
    }
  }

  /// Each label with its entries, in the order in which labels came.
  func forEachLabel<Failure: Error>(
    _ body: (ArraySlice<UInt8>, ArraySlice<Entry>) throws(Failure) -> Void
  ) throws(Failure) {
    // A counting sort: stable, and one pass where endpoints share no label.
    var ends = [Int32](repeating: 0, count: labelCount + 1)
    for entry in entries { ends[Int(entry.label) + 1] += 1 }
    for index in 0..<labelCount { ends[index + 1] += ends[index] }
    let starts = ends
    var sorted = entries
    if looks {
      for entry in entries {
        sorted[Int(ends[Int(entry.label)])] = entry
        ends[Int(entry.label)] += 1
      }
    }
    for number in 0..<labelCount {
      let range = Int(starts[number])..<Int(starts[number + 1])
      try body(labelOctets[self.range(number)], sorted[range])
    }
  }
}

/// The distinct elements, each where it was first.
package func unique<Element: Hashable>(_ list: [Element]) -> [Element] {
  if list.count <= 8 {
    // A look at a few is cheaper than a set of them.
    var result: [Element] = []
    for element in list where !result.contains(element) { result.append(element) }
    return result
  }
  var seen = Set<Element>()
  return list.filter { seen.insert($0).inserted }
}
