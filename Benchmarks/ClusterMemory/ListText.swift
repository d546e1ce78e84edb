import Cluster

/// Writes lists of objects in Kubernetes protobuf, with about as much beside what DNS reads as a
/// real cluster has.
struct ListText {
  private var octets: [UInt8] = []

  /// A page of a list: objects without their envelope.
  static func page(_ objects: [[UInt8]]) -> [UInt8] {
    let list = message { list in
      list.message(1) { $0.text(2, "1000") }
      for object in objects { list.bytes(2, object) }
    }
    return Array("k8s\0".utf8) + message { $0.bytes(2, list) }
  }

  // MARK: - Objects

  static func namespace(_ name: String) -> [UInt8] {
    message { $0.metadata(name, "", [("kubernetes.io/metadata.name", name)]) }
  }

  /// A Service with two ports; no address is headless.
  static func service(_ key: ObjectKey, ip: String?) -> [UInt8] {
    message { text in
      text.metadata(key.name, key.namespace, [("app", key.name)])
      text.message(2) { spec in
        for (name, number) in [("http", 80), ("metrics", 9090)] as [(String, UInt64)] {
          spec.message(1) {
            $0.text(1, name)
            $0.text(2, "TCP")
            $0.number(3, number)
          }
        }
        spec.text(3, ip ?? "None")
        spec.text(4, "ClusterIP")
        spec.text(18, ip ?? "None")
      }
    }
  }

  /// An endpoint of a slice.
  struct EndpointText {
    var address: String
    var hostname: String
    var pod: String
  }

  static func slice(
    _ key: ObjectKey, of service: String, isV6: Bool = false, _ endpoints: [EndpointText]
  ) -> [UInt8] {
    message { text in
      text.metadata(
        key.name, key.namespace,
        [
          ("app", service), ("kubernetes.io/service-name", service),
          ("endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io"),
        ])
      for endpoint in endpoints {
        text.message(2) { part in
          part.text(1, endpoint.address)
          part.message(2) {
            $0.number(1, 1)
            $0.number(2, 1)
            $0.number(3, 0)
          }
          if !endpoint.hostname.isEmpty { part.text(3, endpoint.hostname) }
          part.message(4) {
            $0.text(1, "Pod")
            $0.text(2, key.namespace)
            $0.text(3, endpoint.pod)
            $0.text(4, uid(endpoint.pod))
          }
          part.text(6, "node-17")
          part.text(7, "zone-b")
        }
      }
      for (name, number) in [("http", 8080), ("metrics", 9090)] as [(String, UInt64)] {
        text.message(3) {
          $0.text(1, name)
          $0.text(2, "TCP")
          $0.number(3, number)
        }
      }
      text.text(4, isV6 ? "IPv6" : "IPv4")
    }
  }

  static func pod(_ key: ObjectKey, ip: String) -> [UInt8] {
    message { text in
      text.metadata(key.name, key.namespace, [("app", "web")])
      text.message(3) { status in
        status.text(1, "Running")
        status.text(6, ip)
        status.message(12) { $0.text(1, ip) }
      }
    }
  }

  // MARK: - Fields

  private static func uid(_ name: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for octet in name.utf8 { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 }
    let digits = String(hash, radix: 16)
    let text = String(repeating: "0", count: 16 - digits.count) + digits
    return "\(text.prefix(8))-1234-4321-abcd-0000\(text.suffix(8))"
  }

  private static func message(_ fill: (inout ListText) -> Void) -> [UInt8] {
    var text = ListText()
    fill(&text)
    return text.octets
  }

  private mutating func metadata(
    _ name: String, _ namespace: String, _ labels: [(String, String)]
  ) {
    message(1) { text in
      text.text(1, name)
      text.text(3, namespace)
      text.text(5, Self.uid(namespace + name))
      text.text(6, "1000")
      for (label, value) in labels {
        text.message(11) {
          $0.text(1, label)
          $0.text(2, value)
        }
      }
      text.message(17) { $0.text(1, "kube-controller-manager") }
    }
  }

  private mutating func number(_ field: UInt64, _ value: UInt64) {
    varint(field << 3)
    varint(value)
  }

  private mutating func bytes(_ field: UInt64, _ value: [UInt8]) {
    varint(field << 3 | 2)
    varint(UInt64(value.count))
    octets += value
  }

  private mutating func text(_ field: UInt64, _ value: String) { bytes(field, Array(value.utf8)) }

  private mutating func message(_ field: UInt64, _ fill: (inout ListText) -> Void) {
    bytes(field, Self.message(fill))
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      octets.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    octets.append(UInt8(truncatingIfNeeded: rest))
  }
}
