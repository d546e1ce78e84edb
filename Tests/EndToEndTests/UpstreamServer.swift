import TestSupport

/// The server with a `forward` to one or more upstreams, and a small cluster beside it.
struct UpstreamServer: Sendable {
  let daemon: Daemon

  /// The name that the cluster of these tests answers, and its address.
  static let clusterName = "kubernetes.default.svc.cluster.local."
  static let clusterAddress = "10.96.0.1"

  /// Starts a server whose block for the root is the cluster and `lines`.
  ///
  /// - Parameters:
  ///   - lines: directives such as `forward . 127.0.0.1:1234`.
  ///   - world: further objects of the cluster, as YAML documents.
  ///   - zones: what the `kubernetes` directive has after its name, and its options.
  ///   - blocks: further server blocks for the same port, by their zone.
  init(
    _ lines: String, world: String = "", zones: String = "cluster.local", options: String = "",
    blocks: [String: String] = [:], folder: TemporaryFolder? = nil
  ) throws {
    let folder = try folder ?? TemporaryFolder()
    let manifests = try folder.write(Self.world + world, to: "world.yaml")
    daemon = try Daemon(folder: folder, readiness: .synced) { port in
      let head = """
        .:\(port) {
            errors
            kubernetes \(zones) {
                manifests \(manifests)
                \(options)
            }
        \(lines)
        }

        """
      return blocks.sorted { $0.key < $1.key }.reduce(head) { text, block in
        text + "\(block.key):\(port) {\n\(block.value)\n}\n"
      }
    }
  }

  /// A client of the server.
  var client: DNSClient { daemon.client }

  /// Asks over UDP with EDNS, as most clients do.
  func ask(_ name: String, _ type: Query.Kind = .a) throws -> ParsedMessage {
    let id = UInt16.random(in: 1...UInt16.max)
    return try ParsedMessage(client.udp(Query(name, type, id: id, payloadSize: 1232).bytes))
  }

  /// The codes of the extended errors of a reply (RFC 8914).
  static func extendedErrors(_ message: ParsedMessage) -> [UInt16] {
    (message.edns?.options ?? []).filter { $0.code == 15 && $0.data.count >= 2 }
      .map { UInt16($0.data[0]) << 8 | UInt16($0.data[1]) }
  }

  private static let world = """
    apiVersion: v1
    kind: Namespace
    metadata:
      name: default
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: kubernetes
      namespace: default
    spec:
      type: ClusterIP
      clusterIP: \(clusterAddress)
      clusterIPs: [\(clusterAddress)]
      ports: [{name: https, port: 443, protocol: TCP}]

    """

  /// A service that is an alias of `target`, as a YAML document.
  static func externalName(_ service: String, _ target: String) -> String {
    """
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: \(service)
      namespace: default
    spec:
      type: ExternalName
      externalName: \(target)

    """
  }
}

extension ParsedMessage {
  /// The addresses of the answer, in order.
  var addresses: [String] {
    records(in: .answer).filter { $0.type == 1 }.map(\.data)
  }

  /// Whether the reply is the good one of an upstream.
  var isGood: Bool { responseCode == 0 && addresses.contains(RecordDraft.goodAddress) }
}
