/// The name of a Kubernetes object among those of its kind.
///
/// A cluster-scoped object (a Namespace) has the empty namespace.
package struct ObjectKey: Hashable, Sendable {
  /// The namespace; empty for cluster-scoped kinds.
  package let namespace: String
  /// The object's name.
  package let name: String

  /// A key from its two parts, taken as they are.
  package init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }
}

extension ObjectKey: Comparable {
  /// Order by namespace, then name, each by Unicode scalar values.
  package static func < (one: ObjectKey, other: ObjectKey) -> Bool {
    (one.namespace, one.name) < (other.namespace, other.name)
  }
}

extension ObjectKey: CustomStringConvertible {
  /// `namespace/name`, or `name` alone for a cluster-scoped object.
  package var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}
