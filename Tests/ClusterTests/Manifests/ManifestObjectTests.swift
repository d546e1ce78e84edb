import Cluster
import DNSWire
import Testing

@Suite struct ManifestObjectTests {
  private static func ip(_ text: String) throws -> IPAddress {
    try #require(IPAddress(text: text))
  }

  @Test func `every kind is read with every field`() throws {
    let round = load(Fixture.everyKind)
    #expect(round.problems == [])
    let shopWeb = ObjectKey(namespace: "shop", name: "web")
    let expected: [ClusterObject] = [
      .service(
        Service(
          key: shopWeb, labels: ["app": "web"], type: .clusterIP,
          clusterIPs: [try Self.ip("10.96.0.10"), try Self.ip("fd00::a")],
          ports: [
            ServicePort(name: "http", transportProtocol: .tcp, port: 80),
            ServicePort(name: "dns", transportProtocol: .udp, port: 53),
            ServicePort(name: "", transportProtocol: .sctp, port: 2905),
          ], publishNotReadyAddresses: true, uid: "s-1")),
      .endpointSlice(
        EndpointSlice(
          key: ObjectKey(namespace: "shop", name: "web-abc"), serviceName: "web",
          labels: ["kubernetes.io/service-name": "web"],
          endpoints: [
            Endpoint(
              addresses: [try Self.ip("10.244.0.1")], hostname: "web-0", podName: "web-0"),
            Endpoint(addresses: [try Self.ip("10.244.0.2")], isReady: false),
            Endpoint(addresses: [try Self.ip("10.244.0.3")]),
          ], ports: [EndpointPort(name: "http", transportProtocol: .tcp, port: 8080)], uid: "e-1")),
      .namespace(Namespace(name: "shop", labels: ["tier": "front"], uid: "n-1")),
      .pod(
        Pod(
          key: ObjectKey(namespace: "shop", name: "web-0"),
          ips: [try Self.ip("10.244.0.1"), try Self.ip("fd01::1")], uid: "p-1")),
    ]
    #expect(round.objects == expected)
  }

  @Test(arguments: [
    ("clusterIP: None", true, []), ("clusterIPs: [None]", true, []),
    ("clusterIP: None\n  clusterIPs: [None]", true, []),
    ("clusterIP: \"\"", false, []), ("clusterIPs: [\"\"]", false, []),
    ("type: NodePort", false, []),
    ("clusterIP: 10.0.0.1", false, ["10.0.0.1"]),
    ("clusterIP: 10.0.0.1\n  clusterIPs: []", false, ["10.0.0.1"]),
    ("clusterIP: 10.0.0.1\n  clusterIPs: [\"fd00::1\", 10.0.0.1]", false, ["fd00::1", "10.0.0.1"]),
    ("clusterIPs: [10.0.0.1, 10.0.0.1]", false, ["10.0.0.1"]),
    ("type: LoadBalancer\n  clusterIP: \"FD00:0::1\"", false, ["fd00::1"]),
    ("type: ExternalName\n  externalName: a.example.org.\n  clusterIP: None", false, []),
  ])
  func `cluster addresses`(spec: String, isHeadless: Bool, ips: [String]) throws {
    let round = load(Self.service(spec))
    #expect(round.problems == [])
    let service = try #require(round.service)
    #expect(service.isHeadless == isHeadless)
    #expect(service.clusterIPs.map(\.description) == ips)
  }

  @Test(arguments: [
    ("ExternalName\n  externalName: a.example.org", ServiceType.externalName, "a.example.org"),
    ("ExternalName\n  externalName: a.example.org.", .externalName, "a.example.org."),
    ("ExternalName\n  externalName: 192.0.2.1", .externalName, "192.0.2.1"),
    ("ClusterIP\n  externalName: ignored", .clusterIP, ""), ("NodePort", .nodePort, ""),
    ("LoadBalancer", .loadBalancer, ""),
  ])
  func `types of Services`(spec: String, type: ServiceType, externalName: String) throws {
    let service = try #require(load(Self.service("type: " + spec)).service)
    #expect(service.type == type)
    #expect(service.externalName == externalName)
  }

  @Test(arguments: [("Pending", false), ("Running", false), ("Succeeded", true), ("Failed", true)])
  func `Pods that have come to their end are told`(phase: String, isFinished: Bool) throws {
    let round = load(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a.b}\n"
        + "status: {phase: \(phase), podIP: 10.0.0.1}\n")
    guard case .pod(let pod)? = round.objects.first else {
      Issue.record("no Pod: \(round)")
      return
    }
    #expect(pod.isFinished == isFinished)
    #expect(pod.ips.map(\.description) == ["10.0.0.1"])
    #expect(pod.key.description == "default/a.b")
  }

  @Test func `slices without a Service and of names are no endpoints`() throws {
    #expect(load(Self.slice("{}", type: "IPv4", "[10.0.0.1]")) == ManifestRound())
    let names = load(
      Self.slice("{kubernetes.io/service-name: web}", type: "FQDN", "[a.example.org]"))
    #expect(names.problems == [])
    guard case .endpointSlice(let slice)? = names.objects.first else {
      Issue.record("no slice: \(names)")
      return
    }
    #expect(slice.endpoints == [])
  }

  // MARK: - Refusals

  @Test(arguments: [
    ("type: Magic", "spec.type: \"Magic\" is not a type of Service"),
    ("type: ExternalName", "spec.externalName: the name is missing"),
    ("clusterIP: 10.0.0.300", "spec.clusterIP: \"10.0.0.300\" is not an IP address"),
    ("clusterIPs: [10.0.0.300]", "spec.clusterIPs[0]: \"10.0.0.300\" is not an IP address"),
    ("clusterIPs: [None, 10.0.0.1]", "spec.clusterIPs: \"None\" cannot stand beside an address"),
    ("clusterIP: 5", "spec.clusterIP: the number 5 is not text; put it in quotes"),
    ("clusterIP: [10.0.0.1]", "spec.clusterIP: a list is not text"),
    ("clusterIPs: 10.0.0.1", "spec.clusterIPs: the text \"10.0.0.1\" is not a list"),
    ("ports: {}", "spec.ports: a mapping is not a list"),
    ("publishNotReadyAddresses: maybe", "the text \"maybe\" is not true or false"),
  ])
  func `a bad field refuses the Service`(spec: String, message: String) {
    let round = load("# first\n---\n" + Self.service(spec))
    #expect(round.changes == [])
    #expect(round.problems.count == 1)
    let text = round.problems.first?.description ?? ""
    #expect(text.hasPrefix("web.yaml: document 1: Service shop/web: "), "\(text)")
    #expect(text.hasSuffix(message), "\(text)")
    #expect(round.problems.first?.severity == .error)
  }

  @Test(arguments: [
    ("{port: 0}", "port: 0 is not a port number (1...65535)"),
    ("{port: 65536}", "port: 65536 is not a port number (1...65535)"),
    ("{port: -1}", "port: -1 is not a port number (1...65535)"),
    ("{port: \"80\"}", "port: the text \"80\" is not a port number"),
    ("{port: 8_0}", "port: the text \"8_0\" is not a port number"),
    ("{port: 080}", "port: the number \"080\" is not a port number"),
    ("{port: 1.5}", "port: the number \"1.5\" is not a port number"),
    (
      "{port: 99999999999999999999}",
      "port: the number \"99999999999999999999\" is not a port number"
    ),
    ("{name: http}", "port: the port number is missing"),
    ("{port: 80, protocol: HTTP}", "protocol: \"HTTP\" is not TCP, UDP or SCTP"),
    (
      "{port: 80, name: HTTP}",
      "name: \"HTTP\" is not a DNS label (1...63 of a-z, 0-9 and inner hyphens)"
    ),
    ("{port: 80, name: true}", "name: the boolean true is not text; put it in quotes"),
    ("x", "the text \"x\" is not a mapping"),
  ])
  func `a bad port is left out`(port: String, message: String) throws {
    let round = load(Self.service("ports: [{name: a, port: 1}, \(port), {name: b, port: 65535}]"))
    #expect(try #require(round.service).ports.map(\.port) == [1, 65535])
    #expect(round.problems.count == 1)
    let text = round.problems.first?.description ?? ""
    let start = "web.yaml: document 1: Service shop/web: spec.ports[1]"
    #expect(text == "\(start).\(message)" || text == "\(start): \(message)", "\(text)")
  }

  @Test(arguments: [
    ("{addresses: [10.0.0.300]}", "endpoints[1].addresses[0]"),
    ("{addresses: [10.0.0.9, x]}", "endpoints[1].addresses[1]"),
    ("{addresses: [\"fd00::1\"]}", "endpoints[1].addresses[0]"),
    ("{addresses: []}", "endpoints[1].addresses"), ("{}", "endpoints[1].addresses"),
    ("{addresses: [10.0.0.9], hostname: a.b}", "endpoints[1].hostname"),
    ("{addresses: [10.0.0.9], conditions: {ready: \"true\"}}", "endpoints[1].conditions.ready"),
    ("{addresses: [10.0.0.9], conditions: []}", "endpoints[1].conditions"),
    ("{addresses: [10.0.0.9], targetRef: {kind: Pod, name: 7}}", "endpoints[1].targetRef.name"),
    ("5", "endpoints[1]"),
  ])
  func `a bad endpoint is left out`(endpoint: String, field: String) throws {
    let round = load(
      Self.slice(
        "{kubernetes.io/service-name: web}", type: "IPv4",
        "[10.0.0.1]}, \(endpoint), {addresses: [10.0.0.2]"))
    guard case .endpointSlice(let slice)? = round.objects.first else {
      Issue.record("no slice: \(round)")
      return
    }
    #expect(slice.endpoints.flatMap(\.addresses).map(\.description) == ["10.0.0.1", "10.0.0.2"])
    #expect(round.problems.map(\.field) == [field])
  }

  @Test(arguments: [
    ("{namespace: shop}", "metadata.name"), ("{name: Web}", "metadata.name"),
    ("{name: 7}", "metadata.name"), ("{name: a.b}", "metadata.name"),
    ("{name: \(String(repeating: "x", count: 64))}", "metadata.name"),
    ("{name: web, namespace: sh.op}", "metadata.namespace"), ("[]", "metadata"),
  ])
  func `a bad name is told with the kind alone`(metadata: String, field: String) {
    let round = load("apiVersion: v1\nkind: Service\nmetadata: \(metadata)\nspec: {}\n")
    #expect(round.changes == [])
    #expect(round.problems.map(\.field) == [field])
    #expect(round.problems.map(\.object) == ["Service"])
  }

  @Test func `a bad label is left out`() throws {
    let round = load(
      "apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: {a: b, version: 2, n: null}}\n")
    #expect(try #require(round.service).labels == ["a": "b", "n": ""])
    #expect(round.problems.map(\.field) == ["metadata.labels[\"version\"]"])
  }

  @Test func `problems of one object are counted beyond ten`() {
    let ports = Array(repeating: "{port: 0}", count: 500).joined(separator: ", ")
    let round = load(Self.service("ports: [\(ports)]"))
    #expect(round.objects.count == 1)
    #expect(round.problems.count == 11)
    #expect(round.problems.last?.message == "490 more problems")
  }

  @Test func `a list has 100,000 elements at most`() {
    let ports = Array(repeating: "{port: 1}", count: 100_001).joined(separator: ",")
    let round = load(
      "{\"apiVersion\": \"v1\", kind: Service, metadata: {name: web}, spec: {ports: [\(ports)]}}")
    #expect(round.changes == [])
    #expect(round.problems.map(\.message) == ["100001 elements are more than 100000"])
  }

  // MARK: - Texts

  private static func service(_ spec: String) -> String {
    "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  \(spec)\n"
  }

  private static func slice(_ labels: String, type: String, _ addresses: String) -> String {
    """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-1, namespace: shop, labels: \(labels)}
    addressType: \(type)
    endpoints: [{addresses: \(addresses)}]

    """
  }
}
