import Cluster
import Testing

@Suite struct ObjectNameTests {
  @Test(arguments: [
    "a", "0", "web", "web-1", "1e3", "a--b", String(repeating: "x", count: 63),
  ])
  func `good labels`(text: String) {
    #expect(ObjectName.isLabel(text))
  }

  @Test(arguments: [
    "", "-", "-a", "a-", "A", "a.b", "a_b", "a b", "ä", "a\0", String(repeating: "x", count: 64),
  ])
  func `bad labels`(text: String) {
    #expect(!ObjectName.isLabel(text))
  }

  @Test(arguments: [
    ("web-0.web", true), ("a", true), ("a..b", false), (".a", false), ("a.", false), ("", false),
    (Array(repeating: "x", count: 127).joined(separator: "."), true),
    (Array(repeating: "x", count: 128).joined(separator: "."), false),
  ])
  func `subdomains are labels and dots`(text: String, isGood: Bool) {
    #expect(ObjectName.isSubdomain(text) == isGood)
  }

  @Test func `keys order by namespace, then name, and print with a slash`() {
    let keys = [("b", "a"), ("a", "b"), ("", "z"), ("a", "a")]
      .map { ObjectKey(namespace: $0.0, name: $0.1) }
    #expect(keys.sorted().map(\.description) == ["z", "a/a", "a/b", "b/a"])
  }

  @Test func `identities order by kind, then key`() {
    let ids = ObjectKind.allCases.reversed().map {
      ObjectID(kind: $0, key: ObjectKey(namespace: "a", name: "b"))
    }
    #expect(
      ids.sorted().map(\.description) == [
        "Service a/b", "EndpointSlice a/b", "Namespace a/b", "Pod a/b", "ServiceImport a/b",
      ])
  }

  @Test(arguments: [
    ("v1", "Service", ObjectKind.service), ("v1", "Pod", .pod), ("v1", "Namespace", .namespace),
    ("discovery.k8s.io/v1", "EndpointSlice", .endpointSlice),
    ("discovery.k8s.io/v1beta1", "EndpointSlice", .endpointSlice),
    ("multicluster.x-k8s.io/v1alpha1", "ServiceImport", .serviceImport),
    ("multicluster.x-k8s.io/v1beta1", "ServiceImport", .serviceImport),
    ("v1", "ServiceImport", nil), ("v1", "Endpoints", nil),
    ("serving.knative.dev/v1", "Service", nil), ("", "Service", nil),
    ("v1", "EndpointSlice", nil), ("apps/v1", "Deployment", nil), ("v1", "service", nil),
  ])
  func `kinds are told by version and kind`(
    apiVersion: String, kind: String, expected: ObjectKind?
  ) {
    #expect(ObjectKind(apiVersion: apiVersion, kind: kind) == expected)
  }

  @Test func `protocols are labels in lower case`() {
    #expect(TransportProtocol.allCases.map(\.label) == ["tcp", "udp", "sctp"])
    #expect(TransportProtocol(manifestText: "SCTP") == .sctp)
    #expect(TransportProtocol(manifestText: "tcp") == nil)
  }
}
