import DNSWire

// MARK: - Services

extension ObjectReader {
  /// The Service that the manifest describes.
  mutating func service() throws(FieldRefusal) -> Service {
    let spec = try object["spec"].mapping("spec")
    let typeText = try spec["type"].text("spec.type") ?? "ClusterIP"
    guard let type = ServiceType(manifestText: typeText) else {
      throw FieldRefusal(
        field: "spec.type", message: "\(ManifestText.quoted(typeText)) is not a type of Service")
    }
    var externalName = ""
    if type == .externalName {
      externalName = try spec["externalName"].text("spec.externalName") ?? ""
      guard !externalName.isEmpty else {
        throw FieldRefusal(field: "spec.externalName", message: "the name is missing")
      }
    }
    let published: (ips: [IPAddress], isHeadless: Bool) =
      type == .externalName ? ([], false) : try clusterIPs(spec)
    // What it selects is none of our business, nor is whether that is well formed.
    let hasSelector = if case .map = spec["selector"] { true } else { false }
    return Service(
      key: head.id.key, labels: try head.labels(&problems), type: type,
      clusterIPs: published.ips, isHeadless: published.isHeadless, externalName: externalName,
      ports: try each(of: spec["ports"], "spec.ports", Self.servicePort),
      publishNotReadyAddresses:
        try spec["publishNotReadyAddresses"].bool("spec.publishNotReadyAddresses") ?? false,
      hasSelector: hasSelector, uid: try head.uid())
  }

  /// `clusterIPs`, else `clusterIP`. `None` is headless; an empty text is an address that has not
  /// been allocated yet, which is neither.
  private mutating func clusterIPs(
    _ spec: ManifestValue
  ) throws(FieldRefusal) -> (ips: [IPAddress], isHeadless: Bool) {
    let none = ManifestValue.text("None")
    let list = try spec["clusterIPs"].elements("spec.clusterIPs")
    if list.isEmpty {
      if spec["clusterIP"] == none { return ([], true) }
      guard let text = try spec["clusterIP"].text("spec.clusterIP"), !text.isEmpty else {
        return ([], false)
      }
      return ([try spec["clusterIP"].address("spec.clusterIP")], false)
    }
    if list.contains(none) {
      guard list.count == 1 else {
        throw FieldRefusal(
          field: "spec.clusterIPs", message: "\"None\" cannot stand beside an address")
      }
      return ([], true)
    }
    let ips = try addresses(spec["clusterIPs"], "spec.clusterIPs") {
      (element, field) throws(FieldRefusal) in
      element == .text("") ? nil : try element.address(field())
    }
    return (ips, false)
  }

  /// The port of a Service or a ServiceImport.
  static func servicePort(
    _ element: ManifestValue, _ field: @autoclosure () -> String
  ) throws(FieldRefusal) -> ServicePort? {
    let fields = try element.mapping(field())
    guard let port = try fields["port"].port("\(field()).port") else {
      throw FieldRefusal(field: "\(field()).port", message: "the port number is missing")
    }
    return ServicePort(
      name: try fields["name"].label("\(field()).name"),
      transportProtocol: try fields["protocol"].transportProtocol("\(field()).protocol"),
      port: port)
  }
}
