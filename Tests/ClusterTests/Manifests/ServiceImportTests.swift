import Cluster
import DNSWire
import Testing

/// ServiceImports and the slices of imports, in manifests.
@Suite struct ServiceImportTests {
  private static func text(_ spec: String, version: String = "v1alpha1") -> String {
    """
    apiVersion: multicluster.x-k8s.io/\(version)
    kind: ServiceImport
    metadata: {name: web, namespace: shop, uid: i-1}
    spec: {\(spec)}

    """
  }

  private static func read(_ text: String) throws -> ServiceImport {
    let round = load(text)
    #expect(round.problems == [])
    guard case .serviceImport(let service)? = round.objects.first else {
      throw Missing()
    }
    return service
  }

  private struct Missing: Error {}

  @Test(arguments: ["v1alpha1", "v1beta1"])
  func `every field is read`(version: String) throws {
    let spec =
      "type: ClusterSetIP, ips: [10.42.0.1, 'fd00::1'], ports: [{name: http, port: 80}, "
      + "{protocol: UDP, port: 53}], sessionAffinity: None"
    let expected = ServiceImport(
      key: ObjectKey(namespace: "shop", name: "web"),
      ips: ObjectText.addresses("10.42.0.1 fd00::1"),
      ports: [
        ServicePort(name: "http", transportProtocol: .tcp, port: 80),
        ServicePort(name: "", transportProtocol: .udp, port: 53),
      ], uid: "i-1")
    #expect(try Self.read(Self.text(spec, version: version)) == expected)
  }

  @Test func `a headless import has no addresses of its own`() throws {
    let service = try Self.read(Self.text("type: Headless, ips: [10.42.0.1], ports: []"))
    #expect(service.isHeadless)
    #expect(service.ips == [])
  }

  @Test(arguments: ["type: ClusterSetIP", "ips: []", "ips: ['']", "ips: null"])
  func `an address may be missing`(spec: String) throws {
    let service = try Self.read(Self.text(spec))
    #expect(!service.isHeadless)
    #expect(service.ips == [])
  }

  @Test(arguments: [
    ("type: ClusterIP", "spec.type: \"ClusterIP\" is not ClusterSetIP or Headless"),
    ("ips: [10.0.0.300]", "spec.ips[0]: \"10.0.0.300\" is not an IP address"),
    ("ips: 10.0.0.1", "spec.ips: the text \"10.0.0.1\" is not a list"),
    ("ports: {}", "spec.ports: a mapping is not a list"),
  ])
  func `a bad field refuses the import`(spec: String, message: String) {
    let round = load(Self.text(spec))
    #expect(round.objects == [])
    #expect(
      round.problems.map(\.description) == [
        "web.yaml: document 1: ServiceImport shop/web: \(message)"
      ])
  }

  @Test func `a list of imports is read`() {
    let round = load(
      """
      apiVersion: multicluster.x-k8s.io/v1alpha1
      kind: ServiceImportList
      items: [{metadata: {name: a}, spec: {type: Headless}}, {metadata: {name: b}}]

      """)
    #expect(round.problems == [])
    #expect(
      round.objects.map(\.id.description) == [
        "ServiceImport default/a", "ServiceImport default/b",
      ])
  }

  // MARK: - Slices

  private static let name = "multicluster.kubernetes.io/service-name"
  private static let cluster = "multicluster.kubernetes.io/source-cluster"

  private static func slice(_ labels: String) -> String {
    """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-1, namespace: shop, labels: {\(labels)}}
    addressType: IPv4
    endpoints: [{addresses: [10.0.0.1]}]

    """
  }

  @Test(arguments: [
    ("\(name): web, \(cluster): east", "", "web", "east"), ("\(name): web", "", "web", ""),
    ("\(name): web, \(cluster): East.1", "", "web", "East.1"),
    ("kubernetes.io/service-name: d, \(name): web, \(cluster): e", "d", "web", "e"),
    ("kubernetes.io/service-name: d, \(cluster): e", "d", "", ""),
  ])
  func `labels tie slices to imports`(
    labels: String, service: String, importName: String, cluster: String
  ) throws {
    let round = load(Self.slice(labels))
    #expect(round.problems == [])
    guard case .endpointSlice(let slice)? = round.objects.first else { throw Missing() }
    #expect(slice.serviceName == service)
    #expect(slice.importName == importName)
    #expect(slice.sourceCluster == cluster)
  }

  static let badLabels = [
    ("\(name): Web_1", name), ("\(name): a.b", name),
    ("\(name): web, \(cluster): \(String(repeating: "e", count: 64))", cluster),
  ]

  @Test(arguments: badLabels)
  func `a bad label refuses a slice of an import alone`(labels: String, label: String) {
    let field = "metadata.labels[\"\(label)\"]"
    let alone = load(Self.slice(labels))
    #expect(alone.objects == [])
    #expect(alone.problems.map(\.field) == [field])
    let both = load(Self.slice("kubernetes.io/service-name: d, " + labels))
    #expect(both.problems.map(\.field) == [field])
    guard case .endpointSlice(let slice)? = both.objects.first else {
      Issue.record("no slice: \(both)")
      return
    }
    #expect(slice.serviceName == "d")
    #expect(slice.importName == "")
  }
}
