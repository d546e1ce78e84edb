import SwiftProtobuf

/// Objects in protobuf as the values that manifests are read from, so that whatever holds for one
/// notation holds for the other. Kubernetes writes empty text for fields that are not set.
enum MessageTrees {
  /// The object of a kind in these octets, without its envelope; never a custom resource's, which
  /// has no protobuf.
  static func read(_ octets: ArraySlice<UInt8>, kind: ObjectKind) -> ManifestValue? {
    switch kind {
    case .service: message(octets, Kube_ServiceObject.self).map(service)
    case .endpointSlice: message(octets, Kube_SliceObject.self).map(slice)
    case .namespace:
      message(octets, Kube_MetadataOnly.self).map { object([("metadata", metadata($0.metadata))]) }
    case .pod: message(octets, Kube_PodObject.self).map(pod)
    case .serviceImport: nil
    }
  }

  /// The metadata of any object; a bookmark has nothing else.
  static func metadataOnly(_ octets: ArraySlice<UInt8>) -> ManifestValue? {
    message(octets, Kube_MetadataOnly.self).map {
      object([
        ("metadata", metadata($0.metadata, annotation: APIFields.endAnnotation))
      ])
    }
  }

  /// What a list says of itself.
  static func listHead(_ octets: ArraySlice<UInt8>) -> APIListEnd? {
    message(octets, Kube_ListHead.self).map {
      APIListEnd(version: $0.resourceVersion, continueToken: $0.continue)
    }
  }

  private static func message<Kind: Message>(
    _ octets: ArraySlice<UInt8>, _ kind: Kind.Type
  ) -> Kind? {
    try? Kind(serializedBytes: Array(octets), partial: true, options: ProtobufEnvelope.options)
  }

  // MARK: - Kinds

  private static func service(_ message: Kube_ServiceObject) -> ManifestValue {
    let spec = message.spec
    let publishes = spec.hasPublishNotReadyAddresses
    return object([
      ("metadata", metadata(message.metadata)),
      (
        "spec",
        object([
          ("type", text(spec.type)), ("clusterIP", text(spec.clusterIp)),
          ("clusterIPs", .list(spec.clusterIps.map { .text($0) })),
          ("externalName", text(spec.externalName)),
          ("selector", spec.selector.isEmpty ? .null : .map([:])),
          ("publishNotReadyAddresses", publishes ? .bool(spec.publishNotReadyAddresses) : .null),
          (
            "ports",
            .list(
              spec.ports.map { port in
                Self.port(port.name, port.protocol, port.hasPort ? port.port : nil)
              })
          ),
        ])
      ),
    ])
  }

  private static func slice(_ message: Kube_SliceObject) -> ManifestValue {
    object([
      ("metadata", metadata(message.metadata, annotation: ChangeTrigger.annotation)),
      ("addressType", text(message.addressType)),
      ("endpoints", .list(message.endpoints.map(endpoint))),
      (
        "ports",
        .list(
          message.ports.map { port in
            Self.port(port.name, port.protocol, port.hasPort ? port.port : nil)
          })
      ),
    ])
  }

  private static func endpoint(_ message: Kube_SliceEndpoint) -> ManifestValue {
    var fields: [(String, ManifestValue)] = [
      ("addresses", .list(message.addresses.map { .text($0) })),
      ("hostname", text(message.hostname)),
    ]
    if message.conditions.hasReady {
      fields.append(("conditions", object([("ready", .bool(message.conditions.ready))])))
    }
    if message.hasTargetRef {
      let target = message.targetRef
      fields.append(
        ("targetRef", object([("kind", text(target.kind)), ("name", text(target.name))])))
    }
    return object(fields)
  }

  private static func pod(_ message: Kube_PodObject) -> ManifestValue {
    let status = message.status
    return object([
      ("metadata", metadata(message.metadata)),
      (
        "status",
        object([
          ("phase", text(status.phase)), ("podIP", text(status.podIp)),
          ("podIPs", .list(status.podIps.map { object([("ip", text($0.ip))]) })),
        ])
      ),
    ])
  }

  // MARK: - Parts

  private static func metadata(
    _ message: Kube_ObjectMetadata, annotation: String? = nil
  ) -> ManifestValue {
    var fields: [(String, ManifestValue)] = [
      ("name", text(message.name)), ("namespace", text(message.namespace)),
      ("uid", text(message.uid)), ("resourceVersion", text(message.resourceVersion)),
    ]
    if !message.labels.isEmpty {
      fields.append(("labels", .map(message.labels.mapValues { .text($0) })))
    }
    if let annotation, let value = message.annotations[annotation] {
      fields.append(("annotations", object([(annotation, .text(value))])))
    }
    return object(fields)
  }

  private static func port(
    _ name: String, _ transportProtocol: String, _ number: Int32?
  ) -> ManifestValue {
    object([
      ("name", text(name)), ("protocol", text(transportProtocol)),
      ("port", number.map { .integer(Int64($0)) } ?? .null),
    ])
  }

  private static func text(_ text: String) -> ManifestValue { text.isEmpty ? .null : .text(text) }

  private static func object(_ fields: [(String, ManifestValue)]) -> ManifestValue {
    .map(Dictionary(fields.filter { $0.1 != .null }) { _, last in last })
  }
}
