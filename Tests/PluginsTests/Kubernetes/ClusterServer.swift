import Testing

/// A server over the small cluster that most tests here ask.
enum ClusterServer {
  /// The cluster; docs/plugins/kubernetes.md says what records it has.
  static let world = [
    Manifest.namespace("shop"), Manifest.namespace("void"),
    Manifest.service("shop/web", "10.96.0.1,fd00::1", ports: "http:80/TCP dns:53/UDP"),
    Manifest.service("shop/db", "None"),
    Manifest.slice("shop/db-4", of: "db", "10.244.0.1=db-0 10.244.0.2"),
    Manifest.slice("shop/db-6", of: "db", "fd00:1::1=db-0"),
    Manifest.service("shop/none", "None"),
    Manifest.alias("shop/alias", to: "web.shop.svc.cluster.local"),
    Manifest.alias("shop/outside", to: "www.Example.org"),
    Manifest.alias("shop/dangling", to: "gone.shop.svc.cluster.local"),
    Manifest.alias("shop/pod", to: "10-244-9-9.shop.pod.cluster.local"),
    Manifest.alias("shop/empty", to: "svc.cluster.local"),
    Manifest.alias("shop/self", to: "self.shop.svc.cluster.local"),
    Manifest.alias("shop/ping", to: "pong.shop.svc.cluster.local"),
    Manifest.alias("shop/pong", to: "Ping.Shop.SVC.Cluster.Local"),
    Manifest.pod("shop/p", "10.244.0.7"), Manifest.pod("shop/done", "10.244.0.8", phase: "Failed"),
  ]

  /// A server with `options` in its `kubernetes` block, zones `cluster.local`, 10/8 and ip6.arpa,
  /// and `more` directives beside it.
  static func make(
    _ options: String = "", more: String = "", manifests: [String] = world, isPrepared: Bool = true
  ) async throws -> TestServer {
    try await TestServer(
      """
      .:53 {
        kubernetes cluster.local 10.0.0.0/8 ip6.arpa {
          manifests MANIFESTS
          \(options)
        }
        \(more)
      }
      """, manifests: manifests, isPrepared: isPrepared)
  }

  /// The SOA of a zone as it stands behind a negative answer with default options.
  static func startOfAuthority(_ zone: String = "cluster.local.") -> String {
    "\(zone) 5 SOA ns.dns.\(zone) hostmaster.\(zone) 7200 1800 86400 5"
  }
}
