import Cluster
import Testing

/// Namespaces whose names hide others.
@Suite struct ShadowingNamespaceTests {
  @Test(arguments: [
    ("com", "names from Pods: of its Services, NAME.com"), ("dev", "NAME.dev"),
    ("svc", "end in .svc from Pods"), ("pod", "end in .pod from Pods"), ("shop2", nil),
    ("default", nil), ("commerce", nil),
  ])
  func `are told once`(name: String, expected: String?) {
    var namespaces = ShadowingNamespaces()
    let change = ObjectChange.set(ObjectText.namespace(name))
    let text = namespaces.warning(change)
    if let expected {
      #expect(text?.contains(expected) == true)
    } else {
      #expect(text == nil)
    }
    #expect(namespaces.warning(change) == nil)
  }

  @Test func `no other object is`() {
    var namespaces = ShadowingNamespaces()
    #expect(namespaces.warning(.set(ObjectText.service("shop/com"))) == nil)
    let key = ObjectKey(namespace: "", name: "com")
    #expect(namespaces.warning(.delete(.namespace, key)) == nil)
  }
}
