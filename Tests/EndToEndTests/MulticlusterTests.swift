import TestSupport
import Testing

/// A multicluster zone served by the bare binary, from manifests that change.
@Suite struct MulticlusterTests {
  private static func text(east: String) -> String {
    """
    apiVersion: v1
    kind: Namespace
    metadata: {name: shop}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: db, namespace: shop}
    spec: {clusterIP: 10.96.0.1, ports: [{name: sql, port: 5432}]}
    ---
    apiVersion: multicluster.x-k8s.io/v1alpha1
    kind: ServiceImport
    metadata: {name: db, namespace: shop}
    spec: {type: Headless, ports: [{name: sql, port: 5432}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata:
      name: imported-db-east
      namespace: shop
      labels:
        multicluster.kubernetes.io/service-name: db
        multicluster.kubernetes.io/source-cluster: east
    addressType: IPv4
    endpoints: [{addresses: [\(east)], hostname: db-0}]
    ports: [{name: sql, port: 5432}]

    """
  }

  @Test func `imports are answered and followed`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.text(east: "10.1.0.1"), to: "world.yaml")
    let daemon = try Daemon(folder: folder) { port in
      """
      .:\(port) {
          errors
          kubernetes cluster.local clusterset.local {
              manifests \(path)
              multicluster clusterset.local
          }
      }

      """
    }
    func answers(_ name: String, _ type: Query.Kind = .a) throws -> [String] {
      let message = try ParsedMessage(try daemon.client.udp(Query(name, type).bytes))
      return message.records(in: .answer).map(\.data)
    }
    #expect(try answers("db.shop.svc.clusterset.local.") == ["10.1.0.1"])
    #expect(try answers("db-0.east.db.shop.svc.clusterset.local.") == ["10.1.0.1"])
    #expect(
      try answers("_sql._tcp.db.shop.svc.clusterset.local.", .srv) == [
        "0 100 5432 db-0.east.db.shop.svc.clusterset.local."
      ])
    #expect(try answers("db.shop.svc.cluster.local.") == ["10.96.0.1"])
    try folder.replace("world.yaml", with: Self.text(east: "10.1.0.2"))
    let isFollowed = try waitUntil(.seconds(60)) {
      try answers("db-0.east.db.shop.svc.clusterset.local.") == ["10.1.0.2"]
    }
    #expect(isFollowed)
    #expect(try answers("db.shop.svc.cluster.local.") == ["10.96.0.1"])
  }
}
