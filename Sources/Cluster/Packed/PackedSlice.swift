import DNSWire

/// A slice as it is kept: its ready endpoints' labels and addresses, each pair by itself.
enum PackedSlice {
  fileprivate static let v6Mark: UInt8 = 1
  fileprivate static let labelMark: UInt8 = 2

  /// The block of a slice. Endpoints that are not ready have no records and are not kept.
  static func octets(
    _ key: PackedKey, _ slice: EndpointSlice, usesPodNames: Bool
  ) -> [UInt8] {
    var writer = PackedWriter(key, uid: slice.uid)
    let count = slice.serviceName.utf8.count
    if count <= 255, slice.key.name.utf8.starts(with: slice.serviceName.utf8) {
      // As controllers name slices; no Service's name has a zero.
      writer.append([0, UInt8(truncatingIfNeeded: count)])
    } else {
      writer.append(slice.serviceName)
    }
    let ports = slice.ports.prefix(PackedPort.countMax)
    writer.append16(UInt16(truncatingIfNeeded: ports.count))
    for port in ports { writer.append(port.name, port.transportProtocol, port.port) }
    for endpoint in slice.endpoints where endpoint.isReady {
      let label = label(endpoint, usesPodNames: usesPodNames)
      for address in endpoint.addresses {
        let family = address.family == .v4 ? 0 : v6Mark
        writer.append8(family | (label.isEmpty ? 0 : labelMark))
        if !label.isEmpty { writer.append(label) }
        writer.append(address)
      }
    }
    return writer.octets
  }

  /// A hostname, or a Pod's name when asked for and fit; else empty.
  static func label(
    _ endpoint: Cluster.Endpoint, usesPodNames: Bool
  ) -> String {
    if !endpoint.hostname.isEmpty { return endpoint.hostname }
    let isFit =
      (1...WireLimits.labelOctetCountMax).contains(endpoint.podName.utf8.count)
      && !endpoint.podName.contains(".")
    return usesPodNames && isFit ? endpoint.podName : ""
  }

  /// The Service's name alone.
  static func serviceName(_ octets: [UInt8]) -> String {
    var reader = PackedReader(octets)
    return readServiceName(&reader)
  }

  private static func readServiceName(_ reader: inout PackedReader) -> String {
    let text = reader.readText()
    guard text.count == 2, text[0] == 0 else { return String(decoding: text, as: UTF8.self) }
    return String(decoding: reader.keyName.prefix(Int(text[1])), as: UTF8.self)
  }
}

/// Reads the endpoints of a slice's block one after another.
struct PackedSliceReader {
  /// One address of a ready endpoint.
  struct Endpoint {
    /// The label that the endpoint was given; `nil` where it is the address's.
    var label: ArraySlice<UInt8>?
    var address: IPAddress
  }

  private var reader: PackedReader
  private let atPorts: PackedReader

  init(_ octets: [UInt8]) {
    var start = PackedReader(octets)
    start.skipText()
    atPorts = start
    start.skipPorts()
    reader = start
  }

  /// The slice's ports.
  var ports: [PackedPort] {
    var reader = atPorts
    return reader.readPorts()
  }

  /// Whether the slice has no ready endpoint.
  var isAtEnd: Bool { reader.isAtEnd }

  /// The next endpoint.
  mutating func next() -> Endpoint? {
    if reader.isAtEnd { return nil }
    let mark = reader.read8()
    let label = mark & PackedSlice.labelMark == 0 ? nil : reader.readTextSlice()
    let address = reader.readAddress(mark & PackedSlice.v6Mark == 0 ? .v4 : .v6)
    return Endpoint(label: label, address: address)
  }
}
