import Foundation
import TestSupport
import Testing
import Yams

/// What is in `deploy` is what clusters expect, and the program takes it.
@Suite struct DeploymentTests {
  /// One object of the manifests.
  private typealias Object = [String: Any]

  private static let folder = Fixture.repositoryRoot.appendingPathComponent("deploy/kubernetes")

  /// All YAML files below the folder, by their path in it.
  private static let files: [String] =
    (FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? [])
    .filter { $0.hasSuffix(".yaml") }.sorted()

  private static func documents(_ file: String) throws -> [Any] {
    let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
    return try Array(Yams.load_all(yaml: text))
  }

  private static func object(_ file: String, _ kind: String) throws -> Object {
    let all = try documents(file).compactMap { $0 as? Object }
    return try #require(all.first { $0["kind"] as? String == kind }, "\(file): no \(kind)")
  }

  /// What stands at a path; numbers step into lists.
  private static func value(_ object: Any?, _ path: String) -> Any? {
    path.split(separator: ".").reduce(object) { value, step in
      if let index = Int(step) {
        guard let list = value as? [Any], list.indices.contains(index) else { return nil }
        return list[index]
      }
      return (value as? Object)?[String(step)]
    }
  }

  private static func corefile(_ file: String) throws -> String {
    try #require(value(object(file, "ConfigMap"), "data.Corefile") as? String)
  }

  @Test func `there are manifests`() {
    #expect(Self.files.count >= 12)
    #expect(Self.files.contains("base/deployment.yaml"))
  }

  @Test(arguments: files)
  func `a manifest is YAML`(file: String) throws {
    let documents = try Self.documents(file)
    #expect(!documents.isEmpty)
    for document in documents {
      guard let object = document as? Object else { continue }  // A JSON patch is a list.
      #expect(object["apiVersion"] is String && object["kind"] is String)
    }
  }

  @Test(arguments: files.filter { $0.hasSuffix("kustomization.yaml") })
  func `a kustomization names every file beside it`(file: String) throws {
    let object = try Self.object(file, "Kustomization")
    let patches = (object["patches"] as? [Object] ?? []).compactMap { $0["path"] as? String }
    let named = (object["resources"] as? [String] ?? []) + patches
    let beside = Self.files.filter {
      $0.split(separator: "/").first == file.split(separator: "/").first && $0 != file
    }.map { String($0.drop { $0 != "/" }.dropFirst()) }
    #expect(named.filter { !$0.hasPrefix("..") }.sorted() == beside.sorted())
  }

  @Test(arguments: [
    "base/configmap.yaml", "multicluster/configmap.yaml", "nodelocal/configmap.yaml",
  ])
  func `a Corefile is good`(file: String) throws {
    let folder = try TemporaryFolder()
    let text = try Self.corefile(file)
      .replacingOccurrences(of: "{$KUBE_DNS_UPSTREAM_SERVICE_HOST}", with: "10.96.0.20")
    let path = try folder.write(text, to: "Corefile")
    let result = try CommandResult.run(["check", path], in: folder)
    #expect(result.end == .exit(0), "\(result.standardError)")
    #expect(result.standardOutput.contains("good"))
  }

  // MARK: - Rights

  @Test func `the role may list and watch and nothing else`() throws {
    let rules = try #require(
      Self.object("base/rbac.yaml", "ClusterRole")["rules"] as? [Object])
    let patches = try #require(Self.documents("multicluster/rbac.yaml").first as? [Object])
    let added = patches.compactMap { $0["value"] as? Object }
    for rule in rules + added { #expect(rule["verbs"] as? [String] == ["list", "watch"]) }
    #expect(rules.map { $0["apiGroups"] as? [String] } == [[""], ["discovery.k8s.io"]])
    #expect(
      rules.map { $0["resources"] as? [String] }
        == [["endpoints", "services", "pods", "namespaces"], ["endpointslices"]])
    #expect(added.map { $0["apiGroups"] as? [String] } == [["multicluster.x-k8s.io"]])
    #expect(added.map { $0["resources"] as? [String] } == [["serviceimports"]])
  }

  @Test(arguments: [
    ("base/deployment.yaml", "Deployment"), ("nodelocal/daemonset.yaml", "DaemonSet"),
  ])
  func `a container has one capability and cannot write`(file: String, kind: String) throws {
    let pod = try Self.value(Self.object(file, kind), "spec.template.spec")
    let context = Self.value(pod, "containers.0.securityContext")
    #expect(Self.value(context, "allowPrivilegeEscalation") as? Bool == false)
    #expect(Self.value(context, "readOnlyRootFilesystem") as? Bool == true)
    #expect(Self.value(context, "capabilities.add") as? [String] == ["NET_BIND_SERVICE"])
    #expect(Self.value(context, "capabilities.drop") as? [String] == ["ALL"])
    #expect(
      Self.value(pod, "securityContext.seccompProfile.type") as? String == "RuntimeDefault")
    #expect(
      Self.value(pod, "containers.0.args") as? [String] == ["-conf", "/etc/coredns/Corefile"])
    #expect(Self.value(pod, "dnsPolicy") as? String == "Default")
  }

  // MARK: - Names

  @Test(arguments: [
    ("base/rbac.yaml", "ServiceAccount", "coredns"),
    ("base/rbac.yaml", "ClusterRole", "system:coredns"),
    ("base/rbac.yaml", "ClusterRoleBinding", "system:coredns"),
    ("base/configmap.yaml", "ConfigMap", "coredns"),
    ("base/deployment.yaml", "Deployment", "coredns"),
    ("base/service.yaml", "Service", "kube-dns"),
    ("nodelocal/daemonset.yaml", "DaemonSet", "node-local-dns"),
    ("nodelocal/service.yaml", "Service", "kube-dns-upstream"),
  ])
  func `an object has the name that clusters know`(
    file: String, kind: String, name: String
  ) throws {
    let object = try Self.object(file, kind)
    #expect(Self.value(object, "metadata.name") as? String == name)
    let namespace = Self.value(object, "metadata.namespace") as? String
    #expect(namespace == (kind.hasPrefix("ClusterRole") ? nil : "kube-system"))
  }

  @Test func `Service, Deployment and budget mean the same Pods`() throws {
    let deployment = try Self.object("base/deployment.yaml", "Deployment")
    let budget = try Self.object("base/poddisruptionbudget.yaml", "PodDisruptionBudget")
    let service = try Self.object("base/service.yaml", "Service")
    let selectors = [
      Self.value(deployment, "spec.selector.matchLabels"),
      Self.value(deployment, "spec.template.metadata.labels"),
      Self.value(budget, "spec.selector.matchLabels"), Self.value(service, "spec.selector"),
    ]
    for selector in selectors { #expect(selector as? [String: String] == ["k8s-app": "kube-dns"]) }
    #expect(Self.value(deployment, "spec.template.spec.serviceAccountName") as? String == "coredns")
    #expect(Self.value(deployment, "spec.replicas") as? Int == 2)
  }

  // MARK: - Ports

  @Test func `ports and probes are those of the Corefile`() throws {
    let deployment = try Self.object("base/deployment.yaml", "Deployment")
    let container = Self.value(deployment, "spec.template.spec.containers.0")
    let ports = try #require(Self.value(container, "ports") as? [Object])
    let numbers = Dictionary(
      uniqueKeysWithValues: ports.compactMap { port in
        (port["name"] as? String).flatMap { name in
          (port["containerPort"] as? Int).map { (name, $0) }
        }
      })
    #expect(
      numbers == [
        "dns": 53, "dns-tcp": 53, "metrics": 9153, "liveness-probe": 8080, "readiness-probe": 8181,
      ])
    let corefile = try Self.corefile("base/configmap.yaml")
    #expect(corefile.hasPrefix(".:53 {"))
    #expect(corefile.contains("prometheus :9153\n"))
    // Without an address, `health` and `ready` serve on these ports.
    #expect(corefile.contains("    health {\n") && corefile.contains("    ready\n"))
    #expect(Self.value(container, "livenessProbe.httpGet.path") as? String == "/health")
    #expect(Self.value(container, "livenessProbe.httpGet.port") as? Int == 8080)
    #expect(Self.value(container, "readinessProbe.httpGet.path") as? String == "/ready")
    #expect(Self.value(container, "readinessProbe.httpGet.port") as? Int == 8181)
    let service = try Self.object("base/service.yaml", "Service")
    let served = try #require(Self.value(service, "spec.ports") as? [Object])
    #expect(
      served.map { "\($0["name"] ?? "") \($0["port"] ?? "")/\($0["protocol"] ?? "")" }
        == ["dns 53/UDP", "dns-tcp 53/TCP", "metrics 9153/TCP"])
    #expect(
      Self.value(service, "metadata.annotations") as? [String: String]
        == ["prometheus.io/port": "9153", "prometheus.io/scrape": "true"])
  }
}
