/// Something wrong with a manifest, in one line, with the place it concerns.
package struct ManifestProblem: Error, Hashable, Sendable {
  /// How much it matters.
  package enum Severity: UInt8, Hashable, Sendable {
    /// What was loaded before stays, or one of two versions was chosen.
    case warning
    /// Something that the manifest asks for is not there.
    case error
  }

  /// How much it matters.
  package let severity: Severity
  /// The file or folder.
  package let path: String
  /// The document in the file, 1 for the first; `nil` when the problem concerns the file.
  package let document: Int?
  /// The item of a List, 0 for the first as in the field `items[0]`.
  package let item: Int?
  /// The object, as `Service shop/web`, as far as it is known.
  package let object: String?
  /// The field, as `spec.clusterIPs[0]`.
  package let field: String?
  /// What is wrong.
  package let message: String

  /// A problem from its parts.
  package init(
    _ severity: Severity, path: String, document: Int? = nil, item: Int? = nil,
    object: String? = nil, field: String? = nil, message: String
  ) {
    self.severity = severity
    self.path = path
    self.document = document
    self.item = item
    self.object = object
    self.field = field
    self.message = message
  }
}

extension ManifestProblem: CustomStringConvertible {
  /// `web.yaml: document 3: Service shop/web: spec.clusterIPs[0]: "10.0.0.300" is not an IP
  /// address`, without the parts that are not known.
  package var description: String {
    var parts = [path]
    if let document { parts.append("document \(document)") }
    if let item { parts.append("items[\(item)]") }
    if let object { parts.append(object) }
    if let field { parts.append(field) }
    parts.append(message)
    return parts.joined(separator: ": ")
  }
}

/// What one look at the manifests brought.
package struct ManifestRound: Hashable, Sendable {
  /// The steps from the last round's objects to this one's, each object at most once, in order of
  /// kind and key.
  package var changes: [ObjectChange]
  /// What is wrong, in the order of the paths.
  package var problems: [ManifestProblem]

  /// A round from its parts.
  package init(changes: [ObjectChange] = [], problems: [ManifestProblem] = []) {
    self.changes = changes
    self.problems = problems
  }

  /// Whether there is nothing to tell.
  package var isEmpty: Bool { changes.isEmpty && problems.isEmpty }
}
