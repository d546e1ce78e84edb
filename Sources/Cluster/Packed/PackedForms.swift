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

extension PackedWriter {
  mutating func append(_ name: String, _ transportProtocol: TransportProtocol, _ port: UInt16) {
    append8(transportProtocol.rawValue)
    append16(port)
    append(name)
  }
}

extension PackedReader {
  /// Passes over what `readPorts` reads.
  mutating func skipPorts() {
    for _ in 0..<read16() {
      _ = read8()
      _ = read16()
      skipText()
    }
  }

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
