import DNSWire

/// Every ready address of a Service with every port, once each.
struct ServiceEndpoints {
  /// One endpoint address with one port: what an SRV record is made of.
  struct Entry: Hashable {
    /// An index of `labels`.
    var label: Int
    var address: IPAddress
    /// An index of `ports`; -1 for an endpoint of a slice without ports.
    var port: Int
  }

  /// The endpoints' labels, folded, each once.
  private(set) var labels: [[UInt8]] = []
  /// The ports of all slices, each once.
  private(set) var ports: [PackedPort] = []
  /// In the order of slices, endpoints and ports.
  private(set) var entries: [Entry] = []

  init(_ slices: [PackedSlice]) {
    var placeOfPort: [PackedPort: Int] = [:]
    var placeOfLabel: [[UInt8]: Int] = [:]
    // While no label has come twice, no entry has.
    var seen = Set<Entry>()
    var looks = false
    for slice in slices {
      var places: [Int] = []
      for port in slice.ports {
        let place = placeOfPort[port] ?? ports.count
        if place == ports.count {
          ports.append(port)
          placeOfPort[port] = place
        }
        places.append(place)
      }
      places = unique(places)
      if places.isEmpty { places = [-1] }
      for endpoint in slice.endpoints {
        let octets = Self.label(endpoint)
        let label = placeOfLabel[octets] ?? labels.count
        let isNew = label == labels.count
        if isNew {
          labels.append(octets)
          placeOfLabel[octets] = label
        } else if !looks {
          // The first label that comes again: from now on all entries are looked at.
          seen.formUnion(entries)
          looks = true
        }
        for port in places {
          let entry = Entry(label: label, address: endpoint.address, port: port)
          if looks, !seen.insert(entry).inserted { continue }
          entries.append(entry)
        }
      }
    }
  }

  /// The label that an endpoint goes by, folded: the one it was given, else its address's.
  static func label(_ endpoint: PackedSlice.Endpoint) -> [UInt8] {
    if let label = endpoint.label { return label.map(DomainName.folded) }
    guard endpoint.address.family == .v4 else {
      return Array(AddressNames.label(endpoint.address).utf8)
    }
    var label: [UInt8] = []
    label.reserveCapacity(16)
    for index in 0..<4 {
      let octet = endpoint.address.octet(index)
      if index > 0 { label.append(UInt8(ascii: "-")) }
      if octet >= 100 { label.append(48 + octet / 100) }
      if octet >= 10 { label.append(48 + octet / 10 % 10) }
      label.append(48 + octet % 10)
    }
    return label
  }

  /// Each label with its entries, in the order in which labels came.
  func forEachLabel(_ body: ([UInt8], ArraySlice<Entry>) -> Void) {
    // A counting sort: stable, and one pass where endpoints share no label.
    var ends = Array(repeating: 0, count: labels.count + 1)
    for entry in entries { ends[entry.label + 1] += 1 }
    for index in labels.indices { ends[index + 1] += ends[index] }
    let starts = ends
    var sorted = entries
    for entry in entries {
      sorted[ends[entry.label]] = entry
      ends[entry.label] += 1
    }
    for (index, label) in labels.enumerated() {
      body(label, sorted[starts[index]..<starts[index + 1]])
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
