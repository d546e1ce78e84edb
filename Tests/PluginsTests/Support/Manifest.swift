/// Manifest documents in one line each.
enum Manifest {
  /// A Namespace.
  static func namespace(_ name: String) -> String {
    "{apiVersion: v1, kind: Namespace, metadata: {name: \(name)}}"
  }

  /// A Service `namespace/name`; `ips` with commas between, `None` for a headless one; a port is
  /// `name:number/PROTOCOL`, with blanks between.
  static func service(_ key: String, _ ips: String, ports: String = "http:80/TCP") -> String {
    let first = ips.split(separator: ",").first ?? ""
    return object(
      "v1", "Service", key,
      "spec: {clusterIP: '\(first)', clusterIPs: [\(quoted(ips))], ports: [\(self.ports(ports))]}")
  }

  /// An ExternalName Service.
  static func alias(_ key: String, to target: String) -> String {
    object("v1", "Service", key, "spec: {type: ExternalName, externalName: '\(target)'}")
  }

  /// A ServiceImport; as `service`.
  static func serviceImport(
    _ key: String, _ ips: String, ports: String = "http:80/TCP"
  ) -> String {
    let isHeadless = ips == "None"
    return object(
      "multicluster.x-k8s.io/v1alpha1", "ServiceImport", key,
      "spec: {type: \(isHeadless ? "Headless" : "ClusterSetIP"), "
        + "ips: [\(isHeadless ? "" : quoted(ips))], ports: [\(self.ports(ports))]}")
  }

  /// A slice of the ServiceImport `owner` in a cluster; as `slice`.
  static func importSlice(
    _ key: String, of owner: String, in cluster: String, _ endpoints: String
  ) -> String {
    slice(key, of: owner, endpoints).replacing(
      "kubernetes.io/service-name: \(owner)",
      with: "multicluster.kubernetes.io/service-name: \(owner), "
        + "multicluster.kubernetes.io/source-cluster: \(cluster)")
  }

  /// A slice of the Service `owner`; an endpoint is `address` or `address=hostname`.
  static func slice(
    _ key: String, of owner: String, _ endpoints: String, ports: String = "http:8080/TCP"
  ) -> String {
    let list = endpoints.split(separator: " ").map { word in
      let parts = word.split(separator: "=")
      let hostname = parts.count > 1 ? ", hostname: \(parts[1])" : ""
      return "{addresses: ['\(parts[0])']\(hostname), conditions: {ready: true}}"
    }
    let family = endpoints.contains(":") ? "IPv6" : "IPv4"
    return object(
      "discovery.k8s.io/v1", "EndpointSlice", key,
      "addressType: \(family), endpoints: [\(list.joined(separator: ", "))], "
        + "ports: [\(self.ports(ports))]",
      labels: "labels: {kubernetes.io/service-name: \(owner)}")
  }

  /// A Pod.
  static func pod(_ key: String, _ ip: String, phase: String = "Running") -> String {
    object(
      "v1", "Pod", key, "status: {phase: \(phase), podIP: '\(ip)', podIPs: [{ip: '\(ip)'}]}")
  }

  /// Documents as one file.
  static func file(_ documents: [String]) -> String {
    documents.joined(separator: "\n---\n") + "\n"
  }

  private static func object(
    _ version: String, _ kind: String, _ key: String, _ body: String, labels: String = ""
  ) -> String {
    let parts = key.split(separator: "/")
    let (namespace, name) = (parts.first ?? "", parts.last ?? "")
    let more = labels.isEmpty ? "" : ", " + labels
    return "{apiVersion: \(version), kind: \(kind), "
      + "metadata: {name: \(name), namespace: \(namespace)\(more)}, \(body)}"
  }

  private static func quoted(_ list: String) -> String {
    list.split(separator: ",").map { "'\($0)'" }.joined(separator: ", ")
  }

  private static func ports(_ list: String) -> String {
    list.split(separator: " ").map { word in
      let parts = word.split(whereSeparator: { $0 == ":" || $0 == "/" })
      return "{name: \(parts[0]), port: \(parts[1]), protocol: \(parts[2])}"
    }.joined(separator: ", ")
  }
}
