import DNSWire

/// A ServiceImport (KEP-1645), stripped at the door to what DNS needs: a Service that clusters of a
/// set have in common, under the name and namespace that it has in each of them.
package struct ServiceImport: Hashable, Sendable {
  /// Namespace and name; both are DNS labels (RFC 1123 §2.1).
  package let key: ObjectKey
  /// Whether the type is `Headless`: the endpoints' addresses are the answer.
  package let isHeadless: Bool
  /// The addresses that stand for the Service in the whole set (`spec.ips`), both families, each
  /// once; empty when headless or not allocated yet.
  package let ips: [IPAddress]
  /// The ports in the manifest's order.
  package let ports: [ServicePort]
  /// The object's UID; empty when the manifest names none.
  package let uid: String

  /// A ServiceImport from its parts, taken as they are.
  package init(
    key: ObjectKey, isHeadless: Bool = false, ips: [IPAddress] = [], ports: [ServicePort] = [],
    uid: String = ""
  ) {
    self.key = key
    self.isHeadless = isHeadless
    self.ips = ips
    self.ports = ports
    self.uid = uid
  }
}
