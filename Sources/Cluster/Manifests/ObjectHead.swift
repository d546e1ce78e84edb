/// An object's kind and name, read before anything else: what a problem is told about, and what
/// decides whether a file still names an object.
struct ObjectHead {
  /// Kind and key.
  let id: ObjectID
  /// The metadata, a mapping.
  let metadata: ManifestValue

  /// The namespace of an object whose manifest names none.
  static let namespaceDefault = "default"

  /// Reads `metadata.name` and `metadata.namespace` of an object of a known kind.
  init(kind: ObjectKind, of object: ManifestValue) throws(FieldRefusal) {
    metadata = try object["metadata"].mapping("metadata")
    guard let name = try metadata["name"].text("metadata.name"), !name.isEmpty else {
      throw FieldRefusal(field: "metadata.name", message: "the name is missing")
    }
    // Pods and slices may have dots in their names; the others are labels in DNS.
    let isName =
      switch kind {
      case .service, .namespace, .serviceImport: ObjectName.isLabel(name)
      case .endpointSlice, .pod: ObjectName.isSubdomain(name)
      }
    guard isName else {
      throw FieldRefusal(
        field: "metadata.name",
        message: "\(ManifestText.quoted(name)) is not a name of a \(kind.label)")
    }
    guard kind != .namespace else {
      id = ObjectID(kind: kind, key: ObjectKey(namespace: "", name: name))
      return
    }
    let namespace = try metadata["namespace"].label("metadata.namespace")
    id = ObjectID(
      kind: kind,
      key: ObjectKey(namespace: namespace.isEmpty ? Self.namespaceDefault : namespace, name: name))
  }

  /// The UID; empty when absent.
  func uid() throws(FieldRefusal) -> String { try metadata["uid"].text("metadata.uid") ?? "" }

  /// The labels; one that is not text is left out with a problem.
  func labels(_ problems: inout [FieldRefusal]) throws(FieldRefusal) -> [String: String] {
    guard case .map(let fields) = try metadata["labels"].mapping("metadata.labels") else {
      return [:]
    }
    var labels: [String: String] = [:]
    for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
      do throws(FieldRefusal) {
        labels[key] = try value.text("metadata.labels[\(ManifestText.quoted(key))]") ?? ""
      } catch {
        problems.append(error)
      }
    }
    return labels
  }
}
