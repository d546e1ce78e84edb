import DNSWire
import SwiftProtobuf

/// The quick way from a slice in protobuf to ours, for slices without anything odd about them: a
/// large cluster's list is little else. Whatever does not fit is left to `ObjectReader`, which says
/// what is wrong and in which words; where both read a slice, they read the same.
enum SliceShortcut {
  /// The slice in these octets; `nil` when it takes a closer look.
  static func read(_ octets: ArraySlice<UInt8>) -> APIObject? {
    guard
      let message = try? Kube_SliceObject(
        serializedBytes: Array(octets), partial: true, options: ProtobufEnvelope.options)
    else { return nil }
    let metadata = message.metadata
    let serviceName = metadata.labels[ObjectReader.serviceNameLabel] ?? ""
    let importName = metadata.labels[ObjectReader.importNameLabel] ?? ""
    let sourceCluster =
      importName.isEmpty ? "" : metadata.labels[ObjectReader.sourceClusterLabel] ?? ""
    guard let family = family(message.addressType), ObjectName.isSubdomain(metadata.name),
      ObjectName.isLabel(metadata.namespace), isLabelOrEmpty(serviceName),
      isLabelOrEmpty(importName), !serviceName.isEmpty || !importName.isEmpty,
      sourceCluster.utf8.count <= ObjectName.labelOctetCountMax,
      max(message.endpoints.count, message.ports.count) <= ManifestValue.elementCountMax,
      let endpoints = all(message.endpoints, { endpoint($0, family) }),
      let ports = all(message.ports.filter(\.hasPort), port)
    else { return nil }
    let key = ObjectKey(namespace: metadata.namespace, name: metadata.name)
    let slice = EndpointSlice(
      key: key, serviceName: serviceName, importName: importName, sourceCluster: sourceCluster,
      labels: metadata.labels, endpoints: endpoints, ports: ports, uid: metadata.uid,
      trigger: metadata.annotations[ChangeTrigger.annotation].map(ChangeTrigger.init(text:))
        ?? .unknown)
    return APIObject(
      key: key, object: .endpointSlice(slice), uid: metadata.uid,
      version: metadata.resourceVersion)
  }

  private static func family(_ text: String) -> IPAddress.Family? {
    switch text {
    case "IPv4": .v4
    case "IPv6": .v6
    default: nil
    }
  }

  private static func endpoint(
    _ message: Kube_SliceEndpoint, _ family: IPAddress.Family
  ) -> Endpoint? {
    guard !message.addresses.isEmpty, isLabelOrEmpty(message.hostname),
      message.addresses.count <= ManifestValue.elementCountMax,
      let addresses = all(message.addresses, { IPAddress(text: $0) }),
      addresses.allSatisfy({ $0.family == family })
    else { return nil }
    let isPod = message.targetRef.kind == "Pod"
    return Endpoint(
      addresses: addresses, hostname: message.hostname,
      podName: isPod ? message.targetRef.name : "",
      isReady: message.conditions.hasReady ? message.conditions.ready : true)
  }

  private static func port(_ message: Kube_SlicePort) -> EndpointPort? {
    let text = message.protocol
    guard let port = UInt16(exactly: message.port), port > 0, isLabelOrEmpty(message.name),
      let transportProtocol = text.isEmpty ? .tcp : TransportProtocol(manifestText: text)
    else { return nil }
    return EndpointPort(name: message.name, transportProtocol: transportProtocol, port: port)
  }

  private static func isLabelOrEmpty(_ text: String) -> Bool {
    text.isEmpty || ObjectName.isLabel(text)
  }

  /// Every element turned into another; `nil` when one cannot be.
  private static func all<Element, Result>(
    _ elements: [Element], _ turn: (Element) -> Result?
  ) -> [Result]? {
    var results: [Result] = []
    results.reserveCapacity(elements.count)
    for element in elements {
      guard let result = turn(element) else { return nil }
      results.append(result)
    }
    return results
  }
}
