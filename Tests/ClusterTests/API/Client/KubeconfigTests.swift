import Cluster
import TestSupport
import Testing

@Suite struct KubeconfigTests {
  private let folder: KubeconfigFolder

  init() throws { folder = try KubeconfigFolder() }

  // MARK: - Good files

  @Test func `the current context is used`() throws {
    let configuration = try folder.read()
    #expect(configuration.address.url == "https://10.0.0.1:6443")
    #expect(configuration.credentials == .token("abc"))
    #expect(configuration.trust == .system && configuration.clientCertificate == nil)
  }

  @Test func `another context can be named`() throws {
    let configuration = try folder.read(context: "there")
    #expect(configuration.address.url == "https://192.0.2.1:443")
    #expect(configuration.credentials == .none)
  }

  @Test(arguments: [
    ("token: abc", APIServerConfiguration.Credentials.token("abc")),
    ("username: a, password: \"b:c\"", .basic(userName: "a", password: "b:c")),
    ("username: a", .basic(userName: "a", password: "")), ("", .none),
    ("token: null, exec: null", .none),
  ])
  func `a user's credentials`(
    user: String, credentials: APIServerConfiguration.Credentials
  ) throws {
    #expect(try folder.read(user: user).credentials == credentials)
  }

  @Test func `a token file is beside the kubeconfig and newer than the token`() throws {
    try folder.folder.write("t", "abc\n")
    #expect(
      try folder.read(user: "token: old, tokenFile: t").credentials
        == .tokenFile("\(folder.folder.path)/t"))
  }

  @Test func `certificates are files or data`() throws {
    let files = try AnyCertificate.files()
    let (certificate, key) = (TestFile.text(files.certificate), TestFile.text(files.key))
    try folder.folder.write("c.pem", certificate)
    try folder.folder.write("k.pem", key)
    let fromFiles = try folder.read(
      cluster: "server: https://a:1, certificate-authority: \(files.certificate)",
      user: "client-certificate: c.pem, client-key: ./k.pem")
    #expect(
      fromFiles.trust
        == .authorities(
          .file(files.certificate, field: "clusters[kind].cluster.certificate-authority")))
    #expect(fromFiles.clientCertificate != nil && fromFiles.credentials == .none)
    // Data comes before a file, which need not be there then.
    let fromData = try folder.read(
      cluster: "server: https://a:1, certificate-authority: none, "
        + "certificate-authority-data: \(Base64.text(of: certificate.utf8))",
      user: "client-certificate-data: \(Base64.text(of: certificate.utf8)), "
        + "client-key-data: \(Base64.text(of: key.utf8))")
    #expect(fromData.clientCertificate != nil)
  }

  @Test func `verification is switched off and a name is given`() throws {
    let insecure = try folder.read(
      cluster: "server: https://a:1, insecure-skip-tls-verify: true")
    #expect(insecure.trust == .anything)
    let named = try folder.read(
      cluster: "server: https://10.0.0.1, tls-server-name: kubernetes.default")
    #expect(named.serverName == "kubernetes.default")
  }

  @Test(arguments: [
    ("https://[fd00::1]:6443/", "https://[fd00::1]:6443"),
    (
      "https://a.example.org/k8s/c-1",
      "https://a.example.org:443/k8s/c-1"
    ), ("HTTPS://a", "https://a:443"), ("http://a:80", "http://a:80"),
    ("localhost:8080", "http://localhost:8080"), ("10.0.0.1", "http://10.0.0.1:80"),
  ])
  func `a server's address`(server: String, url: String) throws {
    #expect(try folder.read(cluster: "server: \"\(server)\"").address.url == url)
  }

  @Test func `the file may be JSON`() throws {
    try folder.folder.write(
      "config",
      """
      {"kind":"Config","apiVersion":"v1","current-context":"a",
       "clusters":[{"name":"a","cluster":{"server":"https://a"}}],
       "contexts":[{"name":"a","context":{"cluster":"a"}}]}
      """)
    #expect(try Kubeconfig(file: folder.file).configuration().address.url == "https://a:443")
  }

  // MARK: - Bad files

  @Test(arguments: [
    ("", "the file is empty"), ("# nothing\n", "the file is empty"),
    ("a: [", "line 2, column 1: while parsing a flow node, did not find expected node content"),
    ("- a", "a list is not a mapping"), ("kind: Pod", "kind: this is not a v1 Config"),
    ("apiVersion: v2", "kind: this is not a v1 Config"),
    ("kind: Config\n---\nkind: Config\n", "the file has several documents"),
    ("kind: Config", "current-context: no context is named"),
    ("current-context: [a]", "current-context: a list is not text"),
    ("current-context: a", "contexts: there is no context \"a\""),
    ("current-context: a\ncontexts: b", "contexts: the text \"b\" is not a list"),
    ("current-context: a\ncontexts: [b]", "contexts[0]: the text \"b\" is not a mapping"),
    ("current-context: a\ncontexts: [{name: a}]", "contexts[a].context: the context is missing"),
    (
      "current-context: a\ncontexts: [{name: a, context: {}}]",
      "contexts[a].context.cluster: the cluster is missing"
    ),
    (
      "current-context: a\ncontexts: [{name: a, context: {cluster: b}}]",
      "clusters: there is no cluster \"b\""
    ),
    ("name: a\u{0}", "control characters are not allowed"), ("\u{FEFF}", "the file is empty"),
  ])
  func `a bad file is told in one line`(text: String, problem: String) throws {
    try folder.folder.write("config", text)
    let found = folder.problem { _ = try Kubeconfig(file: folder.file).configuration() }
    #expect(found == "~/config: \(problem)")
  }

  @Test(arguments: [
    ("", "server: the server is missing"),
    ("server: 5", "server: the number 5 is not text; put it in quotes"),
    ("server: ftp://a", "server: \"ftp://a\" is neither an https nor an http URL"),
    (
      "server: \"https://a:0\"",
      "server: \"https://a:0\" has no host, or a host or a port that is none"
    ),
    ("server: \"https://\"", "server: \"https://\" has no host, or a host or a port that is none"),
    (
      "server: \"https://fd00::1\"",
      "server: \"https://fd00::1\" has no host, or a host or a port that is none"
    ),
    (
      "server: \"https://[10.0.0.1]\"",
      "server: \"https://[10.0.0.1]\" has no host, or a host or a port that is none"
    ),
    (
      "server: \"https://a:99999\"",
      "server: \"https://a:99999\" has no host, or a host or a port that is none"
    ),
    (
      "server: \"https://u:p@a\"",
      "server: \"https://u:p@a\" has more than a host, a port and a path"
    ),
    (
      "server: \"https://a/?b\"", "server: \"https://a/?b\" has more than a host, a port and a path"
    ),
    ("server: \"https://a/../b\"", "server: the path of \"https://a/../b\" is not a plain one"),
    ("server: \"https://a b\"", "server: \"https://a b\" is not a URL"),
    (
      "server: https://a, proxy-url: \"http://p\"",
      "proxy-url: proxies are not supported; remove the field"
    ),
    (
      "server: https://a, certificate-authority-data: \"a*\"",
      "certificate-authority-data: this is not Base64"
    ),
    (
      "server: https://a, certificate-authority-data: aGk=",
      "certificate-authority-data: there is no certificate in PEM form"
    ),
    (
      "server: https://a, certificate-authority: none",
      "certificate-authority: ~/none: No such file or directory"
    ),
    (
      "server: https://a, certificate-authority: config",
      "certificate-authority: ~/config: there is no certificate in PEM form"
    ),
    (
      "server: https://a, insecure-skip-tls-verify: \"yes\"",
      "insecure-skip-tls-verify: the text \"yes\" is not true or false"
    ),
    (
      "server: https://a, insecure-skip-tls-verify: true, certificate-authority: b",
      "insecure-skip-tls-verify: there is a certificate authority, "
        + "and verification is off: choose one"
    ),
    (
      "server: https://a, tls-server-name: 10.0.0.1",
      "tls-server-name: \"10.0.0.1\" is not a host name"
    ),
    ("server: https://a, tls-server-name: \"a b\"", "tls-server-name: \"a b\" is not a host name"),
  ])
  func `a bad cluster is told with its field`(cluster: String, problem: String) {
    #expect(
      folder.problem { _ = try folder.read(cluster: cluster) }
        == "~/config: clusters[kind].cluster.\(problem)")
  }

  @Test(arguments: [
    ("token: 5", "token: the number 5 is not text; put it in quotes"),
    ("token: \"a b\"", "token: this is not a token"),
    ("token: \"a\\r\\nb: c\"", "token: this is not a token"),
    ("token: a, username: b", "username: there is a token, too: choose one of them"),
    ("password: b", "username: the password has no user name"),
    ("username: \"a:b\"", "username: a user name has no colon"),
    (
      "auth-provider: {name: gcp}",
      "auth-provider: auth providers are not supported; use exec with a credential plugin"
    ),
    ("as: root", "as: impersonation is not supported; remove the field"),
    ("as-groups: [a]", "as-groups: impersonation is not supported; remove the field"),
    ("client-certificate: c", "client-key: the client certificate has no key"),
    ("client-key-data: aGk=", "client-certificate: the client key has no certificate"),
    ("exec: a", "exec: the text \"a\" is not a mapping"),
    ("exec: {apiVersion: client.authentication.k8s.io/v1}", "exec.command: the command is missing"),
    (
      "exec: {command: a}",
      "exec.apiVersion: \"\" is neither client.authentication.k8s.io/v1 nor v1beta1"
    ),
    (
      "exec: {command: a, apiVersion: client.authentication.k8s.io/v1alpha1}",
      "exec.apiVersion: \"client.authentication.k8s.io/v1alpha1\" is neither "
        + "client.authentication.k8s.io/v1 nor v1beta1"
    ),
    (
      "exec: {command: a, args: [1], apiVersion: client.authentication.k8s.io/v1}",
      "exec.args[0]: the number 1 is not text; put it in quotes"
    ),
    (
      "exec: {command: a, env: [{value: b}], apiVersion: client.authentication.k8s.io/v1}",
      "exec.env[0].name: this is not a variable's name"
    ),
    (
      "exec: {command: a, interactiveMode: Always, apiVersion: client.authentication.k8s.io/v1}",
      "exec.interactiveMode: there is no terminal to ask anybody"
    ),
  ])
  func `a bad user is told with its field`(user: String, problem: String) {
    #expect(
      folder.problem { _ = try folder.read(user: user) }
        == "~/config: users[admin].user.\(problem)")
  }

  @Test func `files of a user must be good`() throws {
    let files = try AnyCertificate.files()
    let other = try TestCertificate(names: "IP:127.0.0.1")
    func problem(_ user: String) -> String { folder.problem { _ = try folder.read(user: user) } }
    #expect(
      problem("client-certificate: none, client-key: \(files.key)")
        == "~/config: users[admin].user.client-certificate: ~/none: No such file or directory")
    #expect(
      problem("client-certificate: \(files.certificate), client-key: config")
        .hasPrefix("~/config: users[admin].user.client-key: ~/config: there is no private key"))
    #expect(
      problem("client-certificate: \(files.certificate), client-key: \(other.keyFile)")
        .hasSuffix("the key is not the client certificate's"))
    #expect(
      problem("tokenFile: none")
        == "~/config: users[admin].user.tokenFile: ~/none: No such file or directory")
    try folder.folder.write("empty", "\n")
    #expect(
      problem("tokenFile: empty")
        == "~/config: users[admin].user.tokenFile: ~/empty: it is not a token")
    #expect(
      folder.problem { _ = try Kubeconfig(file: "\(folder.folder.path)/none") }
        == "~/none: No such file or directory")
  }
}
