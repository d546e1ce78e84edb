import DNSWire

/// A Pod, stripped at the door to what DNS needs: where it is and whether it still counts.
package struct Pod: Hashable, Sendable {
  /// Namespace and name.
  package let key: ObjectKey
  /// The Pod's addresses, both families, each once; empty until it is scheduled.
  package let ips: [IPAddress]
  /// Whether the Pod has come to its end (phase Succeeded or Failed): its addresses may belong
  /// to another Pod by now, so it has no DNS. CoreDNS leaves such Pods out by field selector.
  package let isFinished: Bool
  /// The object's UID; empty when the manifest names none.
  package let uid: String

  /// A Pod from its parts, taken as they are.
  package init(key: ObjectKey, ips: [IPAddress], isFinished: Bool = false, uid: String = "") {
    self.key = key
    self.ips = ips
    self.isFinished = isFinished
    self.uid = uid
  }
}
