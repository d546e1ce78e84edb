/// One object as the API server sends it, stripped at the door to what DNS needs.
package struct APIObject: Hashable, Sendable {
  /// The name; `nil` when it could not be told.
  package let key: ObjectKey?
  /// The object without its bad elements; `nil` when it is refused, or of no concern to DNS (a
  /// slice that belongs to no Service and no ServiceImport).
  package let object: ClusterObject?
  /// Whether the object says nothing that could be taken: what was known of it before still counts.
  package let isRefused: Bool
  /// `metadata.uid`; empty when absent.
  package let uid: String
  /// `metadata.resourceVersion`; empty when absent. Opaque: only equality means anything.
  package let version: String
  /// Why it is refused, or the elements that were left out.
  package let problems: [APIObjectProblem]

  /// An object from its parts.
  package init(
    key: ObjectKey?, object: ClusterObject?, isRefused: Bool = false, uid: String,
    version: String, problems: [APIObjectProblem] = []
  ) {
    self.key = key
    self.object = object
    self.isRefused = isRefused
    self.uid = uid
    self.version = version
    self.problems = problems
  }
}

/// What is wrong with an object from the API server, in one line.
package struct APIObjectProblem: Hashable, Sendable, CustomStringConvertible {
  /// The object, as `Service shop/web`, or its kind alone.
  package let object: String
  /// The field, as `spec.clusterIPs[0]`; `nil` when the problem concerns the object.
  package let field: String?
  /// What is wrong.
  package let message: String

  /// `Service shop/web: spec.clusterIPs[0]: "10.0.0.300" is not an IP address`, as for manifests.
  package var description: String {
    [object, field, message].compactMap(\.self).joined(separator: ": ")
  }
}

// MARK: - Reading

extension APIObject {
  /// The most problems told of one object.
  private static let problemCountMax = 10

  /// Reads an object of a kind that is known from where it was asked for.
  init(_ value: ManifestValue, kind: ObjectKind) {
    let metadata = value["metadata"]
    let uid = Self.text(metadata["uid"])
    let version = Self.text(metadata["resourceVersion"])
    let head: ObjectHead
    do throws(FieldRefusal) {
      head = try ObjectHead(kind: kind, of: try value.mapping(""))
    } catch {
      let problem = Self.problem(error, of: Self.name(metadata, kind: kind))
      self.init(
        key: nil, object: nil, isRefused: true, uid: uid, version: version, problems: [problem])
      return
    }
    let name = head.id.description
    var reader = ObjectReader(value, head: head)
    do throws(FieldRefusal) {
      let object = try reader.read()
      let problems = reader.problems.prefix(Self.problemCountMax)
      self.init(
        key: head.id.key, object: object, uid: uid, version: version,
        problems: problems.map { Self.problem($0, of: name) })
    } catch {
      self.init(
        key: head.id.key, object: nil, isRefused: true, uid: uid, version: version,
        problems: [Self.problem(error, of: name)])
    }
  }

  /// An object that could not be told at all, and why.
  init(unreadable message: String, kind: ObjectKind) {
    self.init(
      key: nil, object: nil, isRefused: true, uid: "", version: "",
      problems: [APIObjectProblem(object: kind.label, field: nil, message: message)])
  }

  private static func problem(_ refusal: FieldRefusal, of name: String) -> APIObjectProblem {
    APIObjectProblem(
      object: name, field: refusal.field.isEmpty ? nil : refusal.field, message: refusal.message)
  }

  private static func text(_ value: ManifestValue) -> String {
    guard case .text(let text) = value else { return "" }
    return text
  }

  /// The kind, with as much of a bad name as there is.
  private static func name(_ metadata: ManifestValue, kind: ObjectKind) -> String {
    guard case .text(let name) = metadata["name"], !name.isEmpty else { return kind.label }
    let namespace = text(metadata["namespace"])
    let key = namespace.isEmpty ? name : "\(namespace)/\(name)"
    return "\(kind.label) \(ManifestText.quoted(key))"
  }
}
