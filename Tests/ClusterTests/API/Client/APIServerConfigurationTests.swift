import Cluster
import TestSupport
import Testing

@Suite struct APIServerConfigurationTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func inCluster(
    _ host: String?, _ port: String?
  ) throws(APIServerConfigurationProblem) -> APIServerConfiguration {
    var environment: [String: String] = [:]
    environment["KUBERNETES_SERVICE_HOST"] = host
    environment["KUBERNETES_SERVICE_PORT"] = port
    return try .inCluster(environment: environment, folder: folder.path)
  }

  private func writeServiceAccount() throws {
    try folder.write("ca.crt", TestFile.text(try AnyCertificate.files().certificate))
    try folder.write("token", "abc")
  }

  // MARK: - Inside a cluster

  @Test(arguments: [("10.96.0.1", "https://10.96.0.1:443"), ("fd00::1", "https://[fd00::1]:443")])
  func `a Pod finds its API server`(host: String, url: String) throws {
    try writeServiceAccount()
    let configuration = try inCluster(host, "443")
    #expect(configuration.address.url == url)
    #expect(configuration.credentials == .tokenFile("\(folder.path)/token"))
    #expect(
      configuration.trust == .authorities(.file("\(folder.path)/ca.crt", field: "ca.crt")))
  }

  @Test(arguments: [
    (String?.none, String?.some("443"), "KUBERNETES_SERVICE_HOST: not set"),
    ("10.96.0.1", nil, "KUBERNETES_SERVICE_PORT: not set"),
    ("10.96.0.1", "", "KUBERNETES_SERVICE_PORT: not set"),
    ("10.96.0.1", "x", "KUBERNETES_SERVICE_HOST: \"https://10.96.0.1:x\" has no host"),
    ("10.96.0.1", "443", "ca.crt: "),
  ])
  func `outside of a cluster it is told what is missing`(
    host: String?, port: String?, problem: String
  ) {
    let error = #expect(throws: APIServerConfigurationProblem.self) {
      try inCluster(host, port)
    }
    #expect(error?.description.hasPrefix(problem) == true)
  }

  @Test func `a Pod without a token is told so`() throws {
    try writeServiceAccount()
    try folder.delete("token")
    let error = #expect(throws: APIServerConfigurationProblem.self) {
      try inCluster("10.96.0.1", "443")
    }
    #expect(error?.message == "\(folder.path)/token: No such file or directory")
  }

  // MARK: - The options

  @Test(arguments: [
    ("https://a", "https://a:443"), ("http://a:8080", "http://a:8080"), ("a:8080", "http://a:8080"),
  ])
  func `an endpoint`(url: String, address: String) throws {
    let configuration = try APIServerConfiguration.endpoint(url)
    #expect(configuration.address.url == address)
    #expect(configuration.credentials == .none && configuration.trust == .system)
  }

  @Test func `an endpoint with certificates is secure by default`() throws {
    let files = try AnyCertificate.files()
    let tls = APIServerConfiguration.TLSFiles(
      certificate: files.certificate, key: files.key, authority: files.certificate)
    let configuration = try APIServerConfiguration.endpoint("a:6443", tls: tls)
    #expect(configuration.address.url == "https://a:6443")
    #expect(configuration.clientCertificate != nil)
    #expect(
      configuration.trust == .authorities(.file(files.certificate, field: "tls")))
  }

  @Test func `a bad endpoint is told`() throws {
    let url = #expect(throws: APIServerConfigurationProblem.self) {
      try APIServerConfiguration.endpoint("https://")
    }
    #expect(url?.field == "endpoint")
    let file = #expect(throws: APIServerConfigurationProblem.self) {
      try APIServerConfiguration.endpoint(
        "https://a",
        tls: APIServerConfiguration.TLSFiles(
          certificate: folder.path, key: folder.path, authority: folder.path))
    }
    #expect(file?.description == "tls: \(folder.path): it is not a regular file")
  }

  @Test func `the kubeconfig comes first, then the endpoint`() throws {
    let kubeconfig = try KubeconfigFolder()
    _ = try kubeconfig.read()
    let both = try APIServerConfiguration.chosen(
      kubeconfig: (kubeconfig.file, nil), endpoint: "https://a", tls: nil)
    #expect(both.address.host == "10.0.0.1")
    let other = try APIServerConfiguration.chosen(
      kubeconfig: (kubeconfig.file, "there"), endpoint: nil, tls: nil)
    #expect(other.address.host == "192.0.2.1")
    let endpoint = try APIServerConfiguration.chosen(
      kubeconfig: nil, endpoint: "https://a", tls: nil)
    #expect(endpoint.address.host == "a")
  }

  @Test(arguments: [
    APIServerConfiguration.Credentials.token("hidden"),
    .basic(userName: "a", password: "hidden"),
  ])
  func `secrets are not told`(credentials: APIServerConfiguration.Credentials) throws {
    var configuration = try APIServerConfiguration.endpoint("https://a")
    configuration.credentials = credentials
    #expect(!"\(configuration)\(credentials)".contains("hidden"))
  }
}
