import Corefile
import DNSWire
import PluginChain
import Plugins
import Testing

/// The `kubernetes` directive; docs/plugins/kubernetes.md lists its options.
@Suite struct KubernetesDirectiveTests {
  /// A directive with `manifests` on line 3 and more options from line 4 on, two blanks in.
  private static func with(_ options: String, _ expected: String...) -> SetUpCase {
    var row = SetUpCase("kubernetes cluster.local {\n  manifests /none\n  \(options)\n}")
    row.expected = expected
    return row
  }

  static let options: [SetUpCase] = [
    with("manifests /a /b"), with("ttl 0"), with("ttl 3600"), with("pods disabled"),
    with("pods insecure"), with("pods verified"), with("endpoint_pod_names"), with("noendpoints"),
    with("namespaces shop lab\n  namespaces data"), with("namespace_labels tier=front"),
    with("namespace_labels tier in (front, back), !old"), with("labels app"),
    with("labels environment in (production, qa),application=nginx"), with("ignore empty_service"),
    with("fallthrough"), with("fallthrough in-addr.arpa 10.0.0.0/8"), with("startup_timeout 500ms"),
    with("startup_timeout 0"),
    // Options of the live API are read and checked.
    with("endpoint https://192.0.2.1:6443"), with("tls a b c"), with("kubeconfig f"),
    with("kubeconfig f context"), with("apiserver_qps 12.5"), with("apiserver_burst 10"),
    with("apiserver_max_inflight 3"),
    with("manifests", "4:3: error: found no arguments...at least 1 argument after manifests"),
    with("ttl", "4:3: error: found no arguments...1 argument after ttl"),
    with("ttl 3601", "4:7: error: found \"3601\"...from 0 to 3600"),
    with("ttl -1", "4:7: error: found \"-1\""), with("ttl 30s", "4:7: error: found \"30s\""),
    with("ttl 5 6", "4:9: error: found \"6\""),
    with("pods insecur", "4:8: error: ...did you mean \"insecure\"?"),
    with("pods", "4:3: error: found no arguments"),
    with("endpoint_pod_names yes", "4:22: error: found \"yes\"...no arguments"),
    with("noendpoints no", "4:15: error: found \"no\""),
    with("namespaces", "4:3: error: found no arguments...after namespaces"),
    with("namespace_labels", "4:3: error: found no arguments"),
    with("labels a in", "4:10: error: \"a in\" is no label selector...expected '('"),
    with("labels =x", "4:10: error: ...is no label selector"),
    with("namespaces a\n  namespace_labels b", "5:3: error: ...cannot both be set"),
    with("namespace_labels b\n  namespaces a", "5:3: error: ...cannot both be set"),
    with("ignore empty_services", "4:10: error: found \"empty_services\", expected empty_service"),
    with("ignore", "4:3: error: found no arguments"),
    with("fallthrough a..b", "4:15: error: ...empty label"),
    with("startup_timeout 5", "4:19: error: ...duration with a unit...\"5s\"?"),
    with("startup_timeout 2h", "4:19: error: ...from 0s to 1h"),
    with("startup_timeout -1s", "4:19: error: found \"-1s\""),
    with("endpoint", "4:3: error: found no arguments"),
    with("tls a b", "4:3: error: found 2 arguments, expected 3 arguments after tls"),
    with("kubeconfig", "4:3: error: found no arguments"),
    with("kubeconfig a b c", "4:18: error: found \"c\""),
    with("apiserver_qps fast", "4:17: error: found \"fast\", expected a number"),
    with("apiserver_qps -1", "4:17: error: "), with("apiserver_qps nan", "4:17: error: "),
    with("apiserver_burst 1.5", "4:19: error: ...whole number"),
    with("multicluster cluster.local"), with("multicluster CLUSTER.local."),
    with(
      "multicluster cluster.local clusterset.local",
      "4:30: error: \"clusterset.local\" is none of the plugin's zones...one of cluster.local."),
    with("multicluster", "4:3: warning: multicluster without a zone has no effect"),
    with("snapshot", "4:3: error: found no arguments"),
    with("snapshot /a /b", "4:15: error: found \"/b\""),
    with("snapshot /a", "4:12: warning: snapshot has no effect with manifests"),
    with("zonal", "4:3: error: ...zonal of kubernetes is not built yet"),
    with("pod verified", "4:3: error: ...did you mean \"pods\"?"),
    with("endpoint_pod_name", "4:3: error: ...did you mean \"endpoint_pod_names\"?"),
    with("zzzzzzzzzz", "4:3: error: ...expected one of kubernetes's: manifests, ttl"),
    with("ttl 5 {\n    x\n  }", "5:5: error: found \"x\", but ttl takes no options"),
  ]

  static let zones: [SetUpCase] = [
    SetUpCase("kubernetes cluster.local in-addr.arpa ip6.arpa {\n  manifests /none\n}"),
    SetUpCase("kubernetes 10.96.0.0/16 fd00::/8 Cluster.Local {\n  manifests /none\n}"),
    SetUpCase("kubernetes {\n  manifests /none\n}"),
    SetUpCase(
      "kubernetes 10.96.0.0/16 ip6.arpa {\n  manifests /none\n}",
      "2:1: error: all zones are reverse zones"),
    SetUpCase(
      "kubernetes a..b {\n  manifests /none\n}", "2:12: error: found \"a..b\"...empty label"),
    SetUpCase(
      "kubernetes \(zone(244)) {\n  manifests /none\n}"),
    SetUpCase(
      "kubernetes \(zone(245)) {\n  manifests /none\n}", "2:1: error: ...no room for names below it"
    ),
    // Without manifests the API server is the source; where it is, is looked for at the start.
    SetUpCase("kubernetes cluster.local"),
    SetUpCase("kubernetes cluster.local {\n  ttl 5\n}"),
  ]

  /// A zone of so many octets on the wire, as text.
  private static func zone(_ octetCount: Int) -> String {
    let part = String(repeating: "z", count: 59) + "."
    let rest = octetCount - 1 - 60 * 4
    return String(repeating: part, count: 4) + String(repeating: "y", count: rest - 1)
  }

  @Test(arguments: options + zones)
  func `a kubernetes directive`(row: SetUpCase) {
    let differences = row.differences()
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
  }

  @Test func `a reverse zone alone in the server block is an error too`() {
    let found = SetUpCorefile("10.0.0.0/8:53 {\n kubernetes {\n manifests /none\n }\n}\n")
      .diagnostics
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("2:2: error: all zones are reverse zones") == true)
  }

  @Test func `a cluster can be exported, is asked for readiness and is one part`() throws {
    let text = """
      .:53 {
        kubernetes cluster.local 10.96.0.0/15 {
          manifests /none
        }
      }
      """
    let setup = SetUpCorefile(text).setup
    #expect(setup.parts.map(\.name) == ["kubernetes"])
    #expect(setup.readinessChecks.map(\.name) == ["kubernetes"])
    #expect(setup.readinessChecks.filter { $0.isReady() }.isEmpty)
    let exporter = try #require(setup.exporters.first)
    #expect(
      exporter.zones.map(\.description) == [
        "cluster.local.", "96.10.in-addr.arpa.", "97.10.in-addr.arpa.",
      ])
    #expect(exporter.zones.flatMap { exporter.records(of: $0) }.isEmpty, "nothing is loaded")
  }

  @Test func `a manifest that is not there ends the start`() async throws {
    let text = ".:53 {\n kubernetes cluster.local {\n manifests /no/such/file\n }\n}\n"
    let part = try #require(SetUpCorefile(text).setup.parts.first)
    for mode in [StartMode.once, .serve] {
      let error = await #expect(throws: StartError.self) { try await part.prepare(mode) }
      #expect(error?.description.hasPrefix("Corefile:3:12: error: /no/such/file") == true)
    }
  }
}
