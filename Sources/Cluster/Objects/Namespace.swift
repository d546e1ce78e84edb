/// A Namespace, stripped at the door to what DNS needs: its name and labels.
package struct Namespace: Hashable, Sendable {
  /// The name, a DNS label.
  package let name: String
  /// The labels, for the `namespace_labels` selector.
  package let labels: [String: String]
  /// The object's UID; empty when the manifest names none.
  package let uid: String

  /// A Namespace from its parts, taken as they are.
  package init(name: String, labels: [String: String] = [:], uid: String = "") {
    self.name = name
    self.labels = labels
    self.uid = uid
  }

  /// The name as a cluster-scoped key.
  package var key: ObjectKey { ObjectKey(namespace: "", name: name) }
}
