import Cluster
import TestSupport

/// Raw objects of every kind, good and bad, drawn from a seed.
struct RandomObjects {
  private var random: SeededGenerator
  private static let labels = ["", "web", "web-0", "Web", "a.b", "-a", "shop"]
  private static let addresses = ["10.0.0.1", "fd00::1", "10.0.0.300", "", "::ffff:1.2.3.4"]

  /// Kinds that Kubernetes has in both notations.
  static let kinds = [ObjectKind.service, .endpointSlice, .namespace, .pod]

  /// Whether almost every value is the first of those it can be, which is a good one.
  var isMostlyGood = false

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func next(_ kind: ObjectKind) -> RawObject {
    switch kind {
    case .service: service()
    case .endpointSlice: slice()
    case .namespace: namespace()
    case .pod, .serviceImport: pod()
    }
  }

  private mutating func pick<Element>(_ list: [Element]) -> Element {
    let draw = random.next()
    return isMostlyGood && draw % 64 > 0 ? list[0] : list[Int(draw / 64 % UInt64(list.count))]
  }

  private mutating func flip() -> Bool { random.next() % 2 == 0 }

  private mutating func some<Element>(_ list: [Element]) -> [Element] {
    (0..<(isMostlyGood ? 1 : Int(random.next() % 4))).map { _ in pick(list) }
  }

  // MARK: - Parts

  private struct Part {
    var json: String
    var protobuf: [UInt8]
  }

  private static func quoted(_ text: String) -> String { "\"\(text)\"" }

  /// A text field: JSON leaves empty ones out, protobuf writes them.
  private static func json(_ name: String, _ value: String) -> [String] {
    value.isEmpty ? [] : ["\"\(name)\":\"\(value)\""]
  }

  private static func object(_ fields: [String]) -> String { "{\(fields.joined(separator: ","))}" }

  private mutating func metadata(isSlice: Bool = false) -> Part {
    let name = pick(["web", "web-0", "db", "Bad", "", "a.b"])
    let namespace = pick(["shop", "prod", "", "Bad"])
    let uid = pick(["uid-1", "uid-2", ""])
    let version = "\(random.next() % 1_000)"
    var labels = flip() ? [("app", "x\\\"{[")] : []
    if isSlice {
      labels.append(("kubernetes.io/service-name", pick(["web", "db", "", "Bad_"])))
      if flip() {
        labels.append(("multicluster.kubernetes.io/service-name", pick(["web", "", "Bad_"])))
      }
      if flip() { labels.append(("multicluster.kubernetes.io/source-cluster", "East.1")) }
    }
    let trigger = pick(["2026-01-02T03:04:05.5Z", "yesterday"])
    let annotation = "endpoints.kubernetes.io/last-change-trigger-time"
    let labelText = labels.map { "\"\($0.0)\":\"\($0.1)\"" }
    return Part(
      json: Self.object(
        Self.json("name", name) + Self.json("namespace", namespace) + Self.json("uid", uid)
          + ["\"resourceVersion\":\"\(version)\"", "\"labels\":\(Self.object(labelText))"]
          + ["\"annotations\":{\"\(annotation)\":\"\(trigger)\",\"a\":\"b\"}"]
          + ["\"managedFields\":[{\"a\":[{},\"]}\"]}]"]),
      protobuf: ProtobufText.message { text in
        text.text(1, name)
        text.text(2, "generated-")
        text.text(3, namespace)
        text.text(5, uid)
        text.text(6, version)
        text.number(7, 3)
        for (key, value) in labels {
          text.message(11) {
            $0.text(1, key)
            $0.text(2, value.replacing("\\\"", with: "\""))
          }
        }
        for (key, value) in [(annotation, trigger), ("a", "b")] {
          text.message(12) {
            $0.text(1, key)
            $0.text(2, value)
          }
        }
        text.message(17) { $0.text(1, "kubectl") }
      })
  }

  private mutating func ports(isOptional: Bool) -> [Part] {
    some([80, 53, 0, 65_536, -1]).map { number in
      let name = pick(Self.labels)
      let transport = pick(["TCP", "UDP", "SCTP", "", "tcp"])
      let isAbsent = isOptional && flip()
      return Part(
        json: Self.object(
          Self.json("name", name) + Self.json("protocol", transport)
            + (isAbsent ? [] : ["\"port\":\(number)"]) + ["\"appProtocol\":\"h2c\""]),
        protobuf: ProtobufText.message {
          $0.text(1, name)
          $0.text(2, transport)
          if !isAbsent { $0.number(3, Int64(number)) }
        })
    }
  }

  // MARK: - Kinds

  private mutating func service() -> RawObject {
    let metadata = metadata()
    let type = pick(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "Other"])
    let ip = pick(["10.96.0.1", "None", "", "x"])
    let ips = pick([[], [ip], ["10.96.0.1", "fd00::1"], ["None", "10.96.0.1"]])
    let alias = pick(["", "example.org"])
    let publishes = flip()
    let selects = flip()
    let ports = ports(isOptional: false)
    let listed = ips.map(Self.quoted).joined(separator: ",")
    let spec =
      Self.json("type", type) + Self.json("clusterIP", ip) + Self.json("externalName", alias)
      + (ips.isEmpty ? [] : ["\"clusterIPs\":[\(listed)]"])
      + (publishes ? ["\"publishNotReadyAddresses\":true"] : [])
      + ["\"ports\":[\(ports.map(\.json).joined(separator: ","))]"]
      + (selects ? ["\"selector\":{\"app\":\"web\"}"] : [])
    return RawObject(
      kind: .service,
      json: Self.object(["\"metadata\":\(metadata.json)", "\"spec\":\(Self.object(spec))"]),
      protobuf: ProtobufText.message { text in
        text.bytes(1, metadata.protobuf)
        text.message(2) { spec in
          for port in ports { spec.bytes(1, port.protobuf) }
          if selects {
            spec.message(2) {
              $0.text(1, "app")
              $0.text(2, "web")
            }
          }
          spec.text(3, ip)
          spec.text(4, type)
          spec.text(10, alias)
          spec.number(13, publishes ? 1 : 0)
          for ip in ips { spec.text(18, ip) }
        }
        text.message(3) { $0.message(1) { $0.text(1, "x") } }
      })
  }

  private mutating func slice() -> RawObject {
    let metadata = metadata(isSlice: true)
    let family = pick(["IPv4", "IPv6", "FQDN", "Other"])
    let endpoints = (0..<Int(random.next() % 4)).map { _ in endpoint() }
    let ports = ports(isOptional: true)
    return RawObject(
      kind: .endpointSlice,
      json: Self.object([
        "\"addressType\":\"\(family)\"", "\"metadata\":\(metadata.json)",
        "\"endpoints\":[\(endpoints.map(\.json).joined(separator: ","))]",
        "\"ports\":[\(ports.map(\.json).joined(separator: ","))]",
      ]),
      protobuf: ProtobufText.message { text in
        text.bytes(1, metadata.protobuf)
        for endpoint in endpoints { text.bytes(2, endpoint.protobuf) }
        for port in ports { text.bytes(3, port.protobuf) }
        text.text(4, family)
      })
  }

  private mutating func endpoint() -> Part {
    let addresses = some(Self.addresses)
    let hostname = pick(Self.labels)
    let ready: Bool? = pick([nil, true, false])
    let target: (kind: String, name: String)? = pick([nil, ("Pod", "web-0"), ("Node", "n")])
    let listed = addresses.map(Self.quoted).joined(separator: ",")
    return Part(
      json: Self.object(
        ["\"addresses\":[\(listed)]", "\"zone\":\"z\""] + Self.json("hostname", hostname)
          + [
            "\"conditions\":"
              + Self.object((ready.map { ["\"ready\":\($0)"] } ?? []) + ["\"serving\":true"])
          ]
          + (target.map { ["\"targetRef\":{\"kind\":\"\($0.kind)\",\"name\":\"\($0.name)\"}"] }
            ?? [])),
      protobuf: ProtobufText.message { text in
        for address in addresses { text.text(1, address) }
        text.message(2) {
          if let ready { $0.number(1, ready ? 1 : 0) }
          $0.number(2, 1)
        }
        text.text(3, hostname)
        if let target {
          text.message(4) {
            $0.text(1, target.kind)
            $0.text(2, "shop")
            $0.text(3, target.name)
            $0.text(4, "uid")
          }
        }
        text.text(7, "z")
        text.message(8) { $0.message(1) { $0.text(1, "z") } }
      })
  }

  private mutating func namespace() -> RawObject {
    let metadata = metadata()
    return RawObject(
      kind: .namespace, json: Self.object(["\"metadata\":\(metadata.json)"]),
      protobuf: ProtobufText.message {
        $0.bytes(1, metadata.protobuf)
        $0.message(2) { $0.text(1, "kubernetes") }
      })
  }

  private mutating func pod() -> RawObject {
    let metadata = metadata()
    let phase = pick(["Running", "Succeeded", "Failed", "Pending", ""])
    let ip = pick(Self.addresses)
    let ips = some(Self.addresses)
    let listed = ips.map { Self.object(Self.json("ip", $0)) }.joined(separator: ",")
    return RawObject(
      kind: .pod,
      json: Self.object([
        "\"metadata\":\(metadata.json)", "\"spec\":{\"containers\":[]}",
        "\"status\":"
          + Self.object(
            Self.json("phase", phase) + Self.json("podIP", ip) + ["\"podIPs\":[\(listed)]"]),
      ]),
      protobuf: ProtobufText.message { text in
        text.bytes(1, metadata.protobuf)
        text.message(2) { $0.message(2) { $0.text(1, "container") } }
        text.message(3) { status in
          status.text(1, phase)
          status.message(2) { $0.text(1, "Ready") }
          status.text(6, ip)
          for ip in ips { status.message(12) { $0.text(1, ip) } }
        }
      })
  }
}
