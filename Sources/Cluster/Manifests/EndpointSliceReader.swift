import DNSWire

// MARK: - EndpointSlices

extension ObjectReader {
  /// The label that ties a slice to its Service.
  static var serviceNameLabel: String { "kubernetes.io/service-name" }

  /// The label that ties a slice to its ServiceImport (KEP-1645).
  static var importNameLabel: String { "multicluster.kubernetes.io/service-name" }
  /// The label with the cluster that an import's endpoints are in (KEP-1645).
  static var sourceClusterLabel: String { "multicluster.kubernetes.io/source-cluster" }

  /// The slice that the manifest describes; `nil` when it belongs to no Service and no import.
  mutating func endpointSlice() throws(FieldRefusal) -> EndpointSlice? {
    let labels = try head.metadata["labels"].mapping("metadata.labels")
    let serviceName = try labels[Self.serviceNameLabel]
      .label("metadata.labels[\"\(Self.serviceNameLabel)\"]")
    let (importName, sourceCluster) = try importLabels(labels, isNeeded: serviceName.isEmpty)
    guard !serviceName.isEmpty || !importName.isEmpty else { return nil }
    let family = try addressFamily()
    let endpoints = try each(of: object["endpoints"], "endpoints") {
      (element, field) throws(FieldRefusal) in
      family == .names ? nil : try Self.endpoint(element, field(), family)
    }
    return EndpointSlice(
      key: head.id.key, serviceName: serviceName, importName: importName,
      sourceCluster: sourceCluster, labels: try head.labels(&problems), endpoints: endpoints,
      ports: try each(of: object["ports"], "ports", Self.endpointPort), uid: try head.uid(),
      trigger: trigger())
  }

  /// The labels that tie a slice to an import. A bad one refuses the slice when nothing else ties
  /// it to anything; else it is left out with a problem.
  private mutating func importLabels(
    _ labels: ManifestValue, isNeeded: Bool
  ) throws(FieldRefusal) -> (name: String, cluster: String) {
    do throws(FieldRefusal) {
      let name = try labels[Self.importNameLabel]
        .label("metadata.labels[\"\(Self.importNameLabel)\"]")
      if name.isEmpty { return ("", "") }
      let field = "metadata.labels[\"\(Self.sourceClusterLabel)\"]"
      let cluster = try labels[Self.sourceClusterLabel].text(field) ?? ""
      guard cluster.utf8.count <= ObjectName.labelOctetCountMax else {
        throw FieldRefusal(field: field, message: "the name is longer than 63 octets")
      }
      return (name, cluster)
    } catch {
      if isNeeded { throw error }
      problems.append(error)
      return ("", "")
    }
  }

  /// What the API server says of the change; manifests keep no annotations, old as they may be.
  private func trigger() -> ChangeTrigger {
    guard case .text(let text) = head.metadata["annotations"][ChangeTrigger.annotation] else {
      return .unknown
    }
    return ChangeTrigger(text: text)
  }

  /// What a slice's addresses are.
  private enum AddressFamily {
    case v4
    case v6
    /// Names instead of addresses: nothing that DNS could answer.
    case names
    /// The slice does not say.
    case any
  }

  private func addressFamily() throws(FieldRefusal) -> AddressFamily {
    switch try object["addressType"].text("addressType") {
    case nil: return .any
    case "IPv4": return .v4
    case "IPv6": return .v6
    case "FQDN": return .names
    case .some(let text):
      throw FieldRefusal(
        field: "addressType", message: "\(ManifestText.quoted(text)) is not IPv4, IPv6 or FQDN")
    }
  }

  private static func endpoint(
    _ element: ManifestValue, _ field: @autoclosure () -> String, _ family: AddressFamily
  ) throws(FieldRefusal) -> Endpoint {
    let fields = try element.mapping(field())
    var addresses: [IPAddress] = []
    for (index, value) in try fields["addresses"].elements("\(field()).addresses").enumerated() {
      let address = try value.address("\(field()).addresses[\(index)]")
      let isExpected =
        switch family {
        case .v4: address.family == .v4
        case .v6: address.family == .v6
        case .names, .any: true
        }
      guard isExpected else {
        throw FieldRefusal(
          field: "\(field()).addresses[\(index)]",
          message: "\"\(address)\" is not of the slice's addressType")
      }
      addresses.append(address)
    }
    guard !addresses.isEmpty else {
      throw FieldRefusal(field: "\(field()).addresses", message: "there is no address")
    }
    let conditions = try fields["conditions"].mapping("\(field()).conditions")
    let target = try fields["targetRef"].mapping("\(field()).targetRef")
    let isPod = try target["kind"].text("\(field()).targetRef.kind") == "Pod"
    return Endpoint(
      addresses: addresses,
      hostname: try fields["hostname"].label("\(field()).hostname"),
      podName: isPod ? try target["name"].text("\(field()).targetRef.name") ?? "" : "",
      isReady: try conditions["ready"].bool("\(field()).conditions.ready") ?? true)
  }

  private static func endpointPort(
    _ element: ManifestValue, _ field: @autoclosure () -> String
  ) throws(FieldRefusal) -> EndpointPort? {
    let fields = try element.mapping(field())
    // A port without a number stands for all ports (EndpointPort of the API): nothing for SRV.
    guard let port = try fields["port"].port("\(field()).port") else { return nil }
    return EndpointPort(
      name: try fields["name"].label("\(field()).name"),
      transportProtocol: try fields["protocol"].transportProtocol("\(field()).protocol"),
      port: port)
  }
}
