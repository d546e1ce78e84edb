import NIOCore

/// A page of a list as the server writes it.
enum ListBody {
  /// The octets of a page. `extras` are objects in octets that come behind the first one.
  static func buffer(
    _ page: ListPage, _ kind: ResourceKind, _ format: WireFormat, extras: [[UInt8]] = []
  ) -> ByteBuffer {
    var items = page.objects.map { item($0, kind, format) }
    items.insert(contentsOf: extras, at: min(1, items.count))
    switch format {
    case .json: return json(items, page, kind)
    case .protobuf: return protobuf(items, metadata: metadata(page), kind)
    }
  }

  /// An object of a list; those of custom resources say what they are.
  private static func item(
    _ object: StoredObject, _ kind: ResourceKind, _ format: WireFormat
  ) -> [UInt8] {
    let octets = object.octets(format)
    return kind == .serviceImports ? JSONFrame.withKind(octets, kind) : octets
  }

  private static func metadata(_ page: ListPage) -> Tree {
    .members([
      ("resourceVersion", .text("\(page.version)")),
      ("continue", page.continueToken.isEmpty ? nil : .text(page.continueToken)),
      ("remainingItemCount", page.remainingCount.map { .integer(Int64($0)) }),
    ])
  }

  private static func json(
    _ items: [[UInt8]], _ page: ListPage, _ kind: ResourceKind
  ) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.reserveCapacity(items.reduce(512) { $0 + $1.count + 1 })
    buffer.writeString(
      "{\"kind\":\"\(kind.label)List\",\"apiVersion\":\"\(kind.apiVersion)\",\"metadata\":")
    buffer.writeBytes(JSONText.octets(metadata(page)))
    buffer.writeString(",\"items\":[")
    for (index, item) in items.enumerated() {
      if index > 0 { buffer.writeString(",") }
      buffer.writeBytes(item)
    }
    buffer.writeString("]}\n")
    return buffer
  }

  /// A list of objects in protobuf.
  static func protobuf(
    _ items: [[UInt8]], metadata: Tree, _ kind: ResourceKind
  ) -> ByteBuffer {
    var head = ProtobufWriter()
    head.bytes(1, Schemas.listMeta.octets(metadata))
    let leads = items.map { item in
      var lead = ProtobufWriter()
      lead.lead(2, octetCount: item.count)
      return lead.octets
    }
    let octetCount = zip(leads, items).reduce(head.octets.count) { $0 + $1.0.count + $1.1.count }
    let wrapping = ProtobufWrapping(
      apiVersion: kind.apiVersion, kind: "\(kind.label)List", octetCount: octetCount)
    var buffer = ByteBuffer()
    buffer.reserveCapacity(octetCount + 128)
    buffer.writeBytes(wrapping.head)
    buffer.writeBytes(head.octets)
    for (lead, item) in zip(leads, items) {
      buffer.writeBytes(lead)
      buffer.writeBytes(item)
    }
    buffer.writeBytes(wrapping.tail)
    return buffer
  }
}

/// JSON with the kind in front.
enum JSONFrame {
  /// An object's octets with `kind` and `apiVersion` before everything else.
  static func withKind(_ octets: [UInt8], _ kind: ResourceKind) -> [UInt8] {
    Array("{\"kind\":\"\(kind.label)\",\"apiVersion\":\"\(kind.apiVersion)\",".utf8)
      + octets.dropFirst()
  }
}

/// Events of a watch as the server writes them.
enum WatchFrame {
  /// An event with an object.
  static func event(_ type: String, _ object: StoredObject, _ format: WireFormat) -> [UInt8] {
    frame(type, object.octets(format), object.object.kind, format)
  }

  /// A bookmark.
  static func bookmark(
    _ kind: ResourceKind, version: Int, endsFirstEvents: Bool, _ format: WireFormat
  ) -> [UInt8] {
    let tree = ObjectTrees.bookmark(kind, version: version, endsFirstEvents: endsFirstEvents)
    let octets = format == .json ? JSONText.octets(tree) : kind.schema?.octets(tree) ?? []
    return frame("BOOKMARK", octets, kind, format)
  }

  /// An ERROR event.
  static func error(_ refusal: Refusal, _ format: WireFormat) -> [UInt8] {
    whole("ERROR", refusal.octets(format), format)
  }

  /// An event with an object in octets, as in a list.
  static func frame(
    _ type: String, _ octets: [UInt8], _ kind: ResourceKind, _ format: WireFormat
  ) -> [UInt8] {
    switch format {
    case .json: whole(type, JSONFrame.withKind(octets, kind), format)
    case .protobuf:
      whole(
        type,
        ProtobufWrapping.whole(apiVersion: kind.apiVersion, kind: kind.label, octets), format)
    }
  }

  private static func whole(_ type: String, _ object: [UInt8], _ format: WireFormat) -> [UInt8] {
    switch format {
    case .json: return Array("{\"type\":\"\(type)\",\"object\":".utf8) + object + Array("}\n".utf8)
    case .protobuf:
      var raw = ProtobufWriter()
      raw.bytes(1, object)
      var event = ProtobufWriter()
      event.text(1, type)
      event.bytes(2, raw.octets)
      let count = UInt32(event.octets.count)
      return (0..<4).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) } + event.octets
    }
  }
}

/// Objects that clients must cope with.
enum BadObjects {
  /// One with bad fields, and octets that are no object.
  static func octets(_ kind: ResourceKind, _ format: WireFormat) -> [[UInt8]] {
    let body: Tree = [
      "spec": [
        "clusterIP": "10.0.0.300", "clusterIPs": ["10.0.0.300"], "type": "Other",
        "ports": [["name": "Bad_", "port": 70_000, "protocol": "tcp"]],
      ], "addressType": "IPv5", "endpoints": [["addresses": ["nowhere"]]],
      "status": ["podIPs": [["ip": "x"]], "phase": "Odd"],
    ]
    let bad = SimulatedObject.tree(kind, namespace: "Bad Namespace", name: "bad_", body)
    let garbage: [UInt8] = format == .json ? Array("{\"metadata\":7}".utf8) : [0x0A, 0x7F, 0x01]
    return [StoredObject(bad, uid: "bad", version: 1).octets(format), garbage]
  }

  /// One of more than 8 MiB.
  static func oversized(_ kind: ResourceKind, _ format: WireFormat) -> [UInt8] {
    var object = SimulatedObject.tree(kind, namespace: "shop", name: "oversized", [:])
    object.annotations = ["note": String(repeating: "x", count: 9 << 20)]
    return StoredObject(object, uid: "oversized", version: 1).octets(format)
  }
}
