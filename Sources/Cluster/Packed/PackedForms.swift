import DNSWire

/// A Service as it is kept: what records need, and nothing else.
struct PackedService {
  var type = ServiceType.clusterIP
  var isHeadless = false
  var hasSelector = false
  var clusterIPs: [IPAddress] = []
  var ports: [PackedPort] = []
  var externalName: [UInt8] = []

  private static let headlessMark: UInt8 = 1
  private static let selectorMark: UInt8 = 2

  /// The block of a Service.
  static func octets(_ key: PackedKey, _ service: Service) -> [UInt8] {
    var writer = PackedWriter(key, uid: service.uid)
    let marks = (service.isHeadless ? headlessMark : 0) | (service.hasSelector ? selectorMark : 0)
    writer.append8(service.type.rawValue << 2 | marks)
    let addresses = service.clusterIPs.prefix(255)
    writer.append8(UInt8(truncatingIfNeeded: addresses.count))
    for address in addresses {
      writer.append8(address.family.rawValue)
      writer.append(address)
    }
    let ports = service.ports.prefix(PackedPort.countMax)
    writer.append16(UInt16(truncatingIfNeeded: ports.count))
    for port in ports { writer.append(port.name, port.transportProtocol, port.port) }
    // A longer text is no name of a host, and cut it might be one.
    writer.append(service.externalName.utf8.count > 255 ? "" : service.externalName)
    return writer.octets
  }

  init(_ octets: [UInt8]) {
    var reader = PackedReader(octets)
    let mark = reader.read8()
    type = ServiceType(rawValue: mark >> 2) ?? .clusterIP
    isHeadless = mark & Self.headlessMark != 0
    hasSelector = mark & Self.selectorMark != 0
    for _ in 0..<reader.read8() {
      clusterIPs.append(reader.readAddress(reader.read8() == 0 ? .v4 : .v6))
    }
    ports = reader.readPorts()
    externalName = reader.readText()
  }
}

/// A port of a Service or a slice as it is kept.
struct PackedPort: Hashable {
  var name: [UInt8]
  var transportProtocol: TransportProtocol
  var port: UInt16

  /// Ports that one object keeps; a set cannot have more records.
  static let countMax = 65_535
}

/// A slice as it is kept: its ready endpoints' labels and addresses, each pair by itself.
struct PackedSlice {
  /// One address of a ready endpoint.
  struct Endpoint {
    /// The label that the endpoint was given; `nil` where it is the address's.
    var label: [UInt8]?
    var address: IPAddress
  }

  var serviceName = ""
  var ports: [PackedPort] = []
  var endpoints: [Endpoint] = []

  private static let v6Mark: UInt8 = 1
  private static let labelMark: UInt8 = 2

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

  init(_ octets: [UInt8]) {
    var reader = PackedReader(octets)
    serviceName = Self.readServiceName(&reader)
    ports = reader.readPorts()
    endpoints.reserveCapacity((octets.count - reader.index) / 5)
    while !reader.isAtEnd {
      let mark = reader.read8()
      let label = mark & Self.labelMark == 0 ? nil : reader.readText()
      let address = reader.readAddress(mark & Self.v6Mark == 0 ? .v4 : .v6)
      endpoints.append(Endpoint(label: label, address: address))
    }
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

extension PackedWriter {
  mutating func append(_ name: String, _ transportProtocol: TransportProtocol, _ port: UInt16) {
    append8(transportProtocol.rawValue)
    append16(port)
    append(name)
  }
}

extension PackedReader {
  mutating func readPorts() -> [PackedPort] {
    (0..<read16()).map { _ in
      let transportProtocol = TransportProtocol(rawValue: read8()) ?? .tcp
      let port = read16()
      return PackedPort(name: readText(), transportProtocol: transportProtocol, port: port)
    }
  }
}

/// The addresses of a Pod as they are kept; none for one that has come to its end.
enum PackedPod {
  static func octets(_ key: PackedKey, _ pod: Pod) -> [UInt8] {
    var writer = PackedWriter(key, uid: pod.uid)
    for address in pod.isFinished ? [] : pod.ips {
      writer.append8(address.family.rawValue)
      writer.append(address)
    }
    return writer.octets
  }

  static func addresses(_ octets: [UInt8]) -> [IPAddress] {
    var reader = PackedReader(octets)
    var result: [IPAddress] = []
    while !reader.isAtEnd { result.append(reader.readAddress(reader.read8() == 0 ? .v4 : .v6)) }
    return result
  }
}
