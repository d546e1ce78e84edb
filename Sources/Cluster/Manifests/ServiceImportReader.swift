// MARK: - ServiceImports

extension ObjectReader {
  /// The ServiceImport that the manifest describes.
  mutating func serviceImport() throws(FieldRefusal) -> ServiceImport {
    let spec = try object["spec"].mapping("spec")
    let type = try spec["type"].text("spec.type") ?? "ClusterSetIP"
    guard type == "ClusterSetIP" || type == "Headless" else {
      throw FieldRefusal(
        field: "spec.type",
        message: "\(ManifestText.quoted(type)) is not ClusterSetIP or Headless")
    }
    let ips = try addresses(spec["ips"], "spec.ips") { (element, field) throws(FieldRefusal) in
      element == .text("") ? nil : try element.address(field())
    }
    let isHeadless = type == "Headless"
    return ServiceImport(
      key: head.id.key, isHeadless: isHeadless, ips: isHeadless ? [] : ips,
      ports: try each(of: spec["ports"], "spec.ports", Self.servicePort), uid: try head.uid())
  }
}
