import Cluster
import Testing

@Suite struct APIResourceTests {
  @Test(arguments: [
    (ObjectKind.service, "/api/v1/services"),
    (.endpointSlice, "/apis/discovery.k8s.io/v1/endpointslices"),
    (.namespace, "/api/v1/namespaces"), (.pod, "/api/v1/pods"),
    (.serviceImport, "/apis/multicluster.x-k8s.io/v1alpha1/serviceimports"),
  ])
  func `the path of a resource`(kind: ObjectKind, path: String) {
    #expect(APIResource(kind: kind).path == path)
  }

  @Test func `a ServiceImport alone is a custom resource`() {
    #expect(ObjectKind.allCases.filter { APIResource(kind: $0).isCustom } == [.serviceImport])
  }

  @Test func `the path of a namespace's objects`() {
    var resource = APIResource(kind: .service)
    resource.namespace = "a/b"
    #expect(resource.path == "/api/v1/namespaces/a%2Fb/services")
  }

  @Test(arguments: [
    (APIRequest.list(limit: 500, continueToken: ""), "limit=500"),
    (.list(limit: 500, continueToken: "a=+/"), "limit=500&continue=a%3D%2B%2F"),
    (.list(limit: 0, continueToken: ""), ""),
    (
      .watch(version: "12", timeoutSeconds: 300),
      "watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=12"
    ),
    (
      .watchFromStart(timeoutSeconds: 300),
      "watch=true&allowWatchBookmarks=true&timeoutSeconds=300&sendInitialEvents=true"
        + "&resourceVersionMatch=NotOlderThan&resourceVersion="
    ),
  ])
  func `the query of a request`(request: APIRequest, query: String) {
    var resource = APIResource(kind: .pod)
    #expect(resource.query(request) == query)
    resource.labelSelector = "a in (b)"
    resource.fieldSelector = "status.phase!=Failed"
    let selectors = "labelSelector=a%20in%20%28b%29&fieldSelector=status.phase%21%3DFailed"
    #expect(resource.query(request) == selectors + (query.isEmpty ? "" : "&") + query)
  }
}
