import Synchronization

/// An object as it was from one version on. Written at most once in each notation.
package final class StoredObject: Sendable {
  private struct Written {
    var json: [UInt8]?
    var protobuf: [UInt8]?
  }

  /// What was put.
  package let object: SimulatedObject
  /// `metadata.uid`.
  package let uid: String
  /// `metadata.resourceVersion`.
  package let version: Int
  /// `namespace/name`, or the name alone.
  let key: String
  private let written = Mutex(Written())

  /// An object of a version.
  init(_ object: SimulatedObject, uid: String, version: Int) {
    self.object = object
    self.uid = uid
    self.version = version
    key = object.key
  }

  /// The object as the server writes it, without `kind` and `apiVersion`.
  package var tree: Tree { ObjectTrees.tree(object, uid: uid, version: version) }

  /// The octets as in a list; none in protobuf for a custom resource.
  func octets(_ format: WireFormat) -> [UInt8] {
    written.withLock { written in
      switch format {
      case .json:
        if let json = written.json { return json }
        let octets = JSONText.octets(tree)
        written.json = octets
        return octets
      case .protobuf:
        if let protobuf = written.protobuf { return protobuf }
        let octets = object.kind.schema?.octets(tree) ?? []
        written.protobuf = octets
        return octets
      }
    }
  }
}
