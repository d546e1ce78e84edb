import TestSupport

/// The server that the wire rows are sent to, and the objects it serves.
enum WireServer {
  /// Started when first asked for, shared by all tests; listens on all addresses.
  static func shared() throws -> Daemon {
    try server.get()
  }

  private static let server = Result { try start() }

  private static func start() throws -> Daemon {
    let folder = try TemporaryFolder()
    let world = try folder.write(WireWorld.text(), to: "world.yaml")
    return try Daemon(folder: folder) { port in
      """
      .:\(port) {
          errors
          kubernetes cluster.local in-addr.arpa ip6.arpa {
              manifests \(world)
              pods insecure
          }
      }

      """
    }
  }
}

/// The objects of the wire rows: wire-world.yaml and the endpoints of its headless services.
enum WireWorld {
  private struct Service {
    let name: String
    /// The second octet of its addresses `10.N.x.y`.
    let network: Int
    let endpointCount: Int
  }

  private static let headless = [
    Service(name: "mid", network: 2, endpointCount: 30),
    Service(name: "big", network: 1, endpointCount: 100),
    Service(name: "huge", network: 16, endpointCount: 2000),
    Service(name: "giant", network: 64, endpointCount: 5000),
  ]

  /// All of them as YAML documents.
  static func text() throws -> String {
    try headless.reduce(Fixture.text("wire-world.yaml")) { $0 + slices($1) }
  }

  /// EndpointSlices of at most 1000 endpoints, as Kubernetes limits them.
  private static func slices(_ service: Service) -> String {
    let endpointCountMax = 1000
    let addressesPerNetwork = 250
    var text = ""
    for first in stride(from: 0, to: service.endpointCount, by: endpointCountMax) {
      text += """
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: \(service.name)-\(first / endpointCountMax)
          namespace: default
          labels:
            kubernetes.io/service-name: \(service.name)
        addressType: IPv4
        ports: [{name: http, port: 80, protocol: TCP}]
        endpoints:

        """
      for index in first..<min(first + endpointCountMax, service.endpointCount) {
        let host = index % addressesPerNetwork + 1
        let address = "10.\(service.network).\(index / addressesPerNetwork).\(host)"
        text += "- {addresses: [\(address)], conditions: {ready: true}}\n"
      }
    }
    return text
  }
}
