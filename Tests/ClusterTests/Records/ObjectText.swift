import Cluster
import DNSWire
import Testing

/// Objects in short text, for tables.
///
/// Keys are `namespace/name`. Addresses and ports are words with blanks between: `10.0.0.1 ::1`,
/// `http:80 dns:53/udp :9000`.
enum ObjectText {
  /// A Service; its `ips` are `None` for a headless one, empty when none is allocated.
  static func service(
    _ key: String, _ ips: String = "", ports: String = "http:80", type: ServiceType = .clusterIP,
    externalName: String = "", labels: [String: String] = [:]
  ) -> ClusterObject {
    .service(
      Service(
        key: objectKey(key), labels: labels, type: type,
        clusterIPs: ips == "None" ? [] : addresses(ips), isHeadless: ips == "None",
        externalName: externalName,
        ports: words(ports).map { word in
          let port = parsedPort(word)
          return ServicePort(name: port.name, transportProtocol: port.protocol, port: port.number)
        }))
  }

  /// An ExternalName Service.
  static func alias(_ key: String, to name: String) -> ClusterObject {
    service(key, ports: "", type: .externalName, externalName: name)
  }

  /// A slice of the Service `owner` in its own namespace. An endpoint is its addresses joined by
  /// `+`, and behind them `=hostname`, `@pod` and `!` (not ready), in this order and each optional.
  static func slice(
    _ key: String, of owner: String, _ endpoints: String, ports: String = "http:8080",
    labels: [String: String] = [:]
  ) -> ClusterObject {
    .endpointSlice(
      EndpointSlice(
        key: objectKey(key), serviceName: owner, labels: labels,
        endpoints: words(endpoints).map(endpoint),
        ports: words(ports).map { word in
          let port = parsedPort(word)
          return EndpointPort(name: port.name, transportProtocol: port.protocol, port: port.number)
        }))
  }

  /// A Namespace.
  static func namespace(_ name: String, labels: [String: String] = [:]) -> ClusterObject {
    .namespace(Namespace(name: name, labels: labels))
  }

  /// A Pod.
  static func pod(_ key: String, _ ips: String, isFinished: Bool = false) -> ClusterObject {
    .pod(Pod(key: objectKey(key), ips: addresses(ips), isFinished: isFinished))
  }

  // MARK: - Words

  /// `namespace/name`.
  static func objectKey(_ text: String) -> ObjectKey {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      Issue.record("not a key: \(text)")
      return ObjectKey(namespace: "", name: text)
    }
    return ObjectKey(namespace: parts[0], name: parts[1])
  }

  /// Addresses with blanks between.
  static func addresses(_ text: String) -> [IPAddress] { words(text).compactMap(address) }

  private static func address(_ text: some StringProtocol) -> IPAddress? {
    let address = IPAddress(text: text)
    if address == nil { Issue.record("not an address: \(text)") }
    return address
  }

  private static func words(_ text: String) -> [Substring] { text.split(separator: " ") }

  private static func parsedPort(
    _ word: Substring
  ) -> (name: String, number: UInt16, protocol: TransportProtocol) {
    let halves = word.split(separator: "/")
    let parts = (halves.first ?? "").split(separator: ":", omittingEmptySubsequences: false)
    let named =
      halves.count > 1
      ? TransportProtocol.allCases.first { $0.label == halves[1] } : .tcp
    guard parts.count == 2, let number = UInt16(parts[1]), let named else {
      Issue.record("not a port: \(word)")
      return ("", 0, .tcp)
    }
    return (String(parts[0]), number, named)
  }

  private static func endpoint(_ word: Substring) -> Endpoint {
    let isReady = !word.hasSuffix("!")
    var rest = isReady ? word : word.dropLast()
    var pod = ""
    if let at = rest.firstIndex(of: "@") {
      pod = String(rest[rest.index(after: at)...])
      rest = rest[..<at]
    }
    var hostname = ""
    if let equals = rest.firstIndex(of: "=") {
      hostname = String(rest[rest.index(after: equals)...])
      rest = rest[..<equals]
    }
    return Endpoint(
      addresses: rest.split(separator: "+").compactMap(address), hostname: hostname, podName: pod,
      isReady: isReady)
  }
}
