import NIOCore

/// The server's notation, for comparisons with what real servers write.
package enum KubernetesWire {
  /// A list in protobuf from the values of a JSON list.
  package static func list(_ items: [Tree], metadata: Tree, _ kind: ResourceKind) -> [UInt8] {
    guard let schema = kind.schema else { return [] }
    let buffer = ListBody.protobuf(items.map(schema.octets), metadata: metadata, kind)
    return Array(buffer.readableBytesView)
  }

  /// An event of a protobuf watch from the values of a JSON one.
  package static func event(_ type: String, _ object: Tree, _ kind: ResourceKind) -> [UInt8] {
    guard let schema = kind.schema else { return [] }
    return WatchFrame.frame(type, schema.octets(object), kind, .protobuf)
  }

  /// A Status in protobuf from the values of a JSON one.
  package static func status(_ status: Tree) -> [UInt8] {
    ProtobufWrapping.whole(apiVersion: "v1", kind: "Status", Schemas.status.octets(status))
  }

  /// The JSON of a value.
  package static func json(_ tree: Tree) -> [UInt8] { JSONText.octets(tree) }
}
