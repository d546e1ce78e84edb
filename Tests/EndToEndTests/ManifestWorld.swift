import TestSupport

/// A small world whose services are given by name and address.
struct ManifestWorld {
  /// Services of the namespace `shop`, by name.
  var addresses: [String: String]

  /// The objects as YAML documents.
  var text: String {
    addresses.sorted { $0.key < $1.key }.reduce(Self.namespace) { text, service in
      text + """
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: \(service.key)
          namespace: shop
        spec:
          type: ClusterIP
          clusterIP: \(service.value)
          clusterIPs: [\(service.value)]
          ports: [{name: http, port: 80, protocol: TCP}]

        """
    }
  }

  private static let namespace = """
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop

    """

  /// The name of a service of this world.
  static func name(_ service: String) -> String { "\(service).shop.svc.cluster.local." }
}

/// A server over manifests that the test changes.
struct ManifestServer {
  /// What a name gives.
  enum Answer: Equatable {
    case addresses([String])
    case denied
    case other(String)
  }

  let daemon: Daemon

  /// Serves the file or folder `path` of `folder`.
  init(_ folder: TemporaryFolder, path: String) throws {
    daemon = try Daemon(folder: folder) { port in
      """
      .:\(port) {
          errors
          kubernetes cluster.local {
              manifests \(folder.path(path))
          }
      }

      """
    }
  }

  /// The addresses of a service.
  func lookup(_ service: String) throws -> Answer {
    let reply = try daemon.client.udp(Query(ManifestWorld.name(service), .a).bytes)
    let message = try ParsedMessage(reply)
    switch message.responseCode {
    case 0: return .addresses(message.records(in: .answer).map(\.data).sorted())
    case 3: return .denied
    default: return .other(ResponseCodeName.text(message.responseCode))
    }
  }

  /// Waits until a service has this answer, while `kept` must have theirs at every look.
  func expect(
    _ service: String, becomes wanted: Answer, keeping kept: [String: String] = [:]
  ) throws -> Bool {
    try waitUntil(.seconds(60)) {
      for (service, address) in kept where try lookup(service) != .addresses([address]) {
        throw LostRecord(service: service)
      }
      return try lookup(service) == wanted
    }
  }

  /// A record that was loaded before is no longer served.
  struct LostRecord: Error {
    let service: String
  }
}
