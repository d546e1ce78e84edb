import Foundation
import TestSupport
import Testing

/// `prometheus { tls FILE }` on the bare binary: HTTPS with the file that Prometheus's own
/// exporters read.
@Suite struct PrometheusTLSTests {
  private static let fetch = """
    import ssl, sys, urllib.request
    context = ssl.create_default_context(cafile=sys.argv[2])
    if len(sys.argv) > 3: context.load_cert_chain(sys.argv[3], sys.argv[4])
    page = urllib.request.urlopen(sys.argv[1], timeout=10, context=context)
    sys.stdout.write(page.read().decode())
    """

  /// The page, when `authority` signed the server and the server takes this client.
  private func page(
    _ port: UInt16, authority: TestCertificate, client: TestCertificate? = nil
  ) throws -> String? {
    let folder = try TemporaryFolder()
    let identity = client.map { [$0.certificateFile, $0.keyFile] } ?? []
    let process = try ChildProcess(
      executable: "python3",
      arguments: [
        "-c", Self.fetch, "https://localhost:\(port)/metrics", authority.certificateFile,
      ] + identity,
      folder: folder.path, standardOutput: folder.path("page"),
      standardError: folder.path("problem"))
    return process.waitForEnd(.seconds(30)) == .exit(0) ? folder.read("page") : nil
  }

  private func serve(
    _ text: String, in folder: TemporaryFolder
  ) throws -> (daemon: Daemon, port: UInt16) {
    let port = try freePort()
    try folder.write(text, to: "web.yaml")
    let daemon = try Daemon(folder: folder, readiness: .answers) { dns in
      """
      .:\(dns) {
          root \(folder.path)
          prometheus 127.0.0.1:\(port) {
              tls web.yaml
          }
          whoami
      }

      """
    }
    return (daemon, port)
  }

  /// Copies a certificate and its key to where `web.yaml` names them.
  private func install(_ certificate: TestCertificate, in folder: TemporaryFolder) throws {
    for (name, path) in [("c.pem", certificate.certificateFile), ("k.pem", certificate.keyFile)] {
      try folder.write(String(contentsOfFile: path, encoding: .utf8), to: name)
    }
  }

  @Test func `the page comes over TLS, and a renewed certificate is used at once`() throws {
    let folder = try TemporaryFolder()
    let (first, second) = (
      try TestCertificate(names: "DNS:localhost"), try TestCertificate(names: "DNS:localhost")
    )
    try install(first, in: folder)
    let (daemon, port) = try serve(
      """
      tls_server_config:
        cert_file: c.pem
        key_file: k.pem
        min_version: TLS13
      http_server_config:
        http2: false

      """, in: folder)
    #expect(waitUntil(.seconds(60)) { (try? page(port, authority: first)) != nil })
    #expect(try page(port, authority: first)?.contains("coredns_build_info") == true)
    #expect(try page(port, authority: second) == nil)
    try install(second, in: folder)
    #expect(try page(port, authority: second)?.contains("coredns_build_info") == true)
    #expect(try page(port, authority: first) == nil)
    // Nobody gets it in clear.
    let plain = try TCPConnection(to: DNSClient(port: port))
    try plain.send(Array("GET /metrics HTTP/1.0\r\n\r\n".utf8))
    let answer = (try? plain.receiveSome(timeout: .seconds(10))) ?? []
    #expect(!answer.starts(with: Array("HTTP".utf8)))
    _ = daemon
  }

  @Test func `only clients of the authority are let in`() throws {
    let folder = try TemporaryFolder()
    let (own, client, stranger) = (
      try TestCertificate(names: "DNS:localhost"), try TestCertificate(names: "DNS:scraper"),
      try TestCertificate(names: "DNS:scraper")
    )
    try install(own, in: folder)
    let (daemon, port) = try serve(
      """
      tls_server_config:
        cert_file: \(folder.path)/c.pem
        key_file: k.pem
        client_ca_file: \(client.certificateFile)
        client_auth_type: RequireAndVerifyClientCert

      """, in: folder)
    #expect(waitUntil(.seconds(60)) { (try? page(port, authority: own, client: client)) != nil })
    #expect(try page(port, authority: own) == nil)
    #expect(try page(port, authority: own, client: stranger) == nil)
    _ = daemon
  }

  @Test(arguments: [
    ("tls_server_config:\n  cert_file: c.pem\n", "web.yaml: tls_server_config has no"),
    ("tls_server_config:\n  cert_file: c.pem\n  key_file: k.pem\n", "c.pem: "),
    ("tls_server_config:\n  cipher_suites: [A]\n", "web.yaml:2: cipher_suites is no text"),
    ("basic_auth_users:\n  me: x\n", "web.yaml:2: basic_auth_users is not supported"),
    (
      "tls_server_config:\n  cert: x\n  key: x\n  client_ca: x\n",
      "web.yaml: client_ca_file and client_auth_type go together"
    ),
    (
      "tls_server_config:\n  cert: x\n  key: x\n  min_version: SSL3\n",
      "web.yaml:4: found \"SSL3\""
    ),
    ("tls_server_config:\n  cert: x\n  key: x\n", "there is no"),
    ("a: [\n", "web.yaml: the YAML text cannot be read"),
    ("", "web.yaml: tls_server_config has no"),
  ])
  func `a file that cannot be kept to keeps the server from starting`(text: String, words: String)
    throws
  {
    let folder = try TemporaryFolder()
    let error = #expect(throws: Daemon.StartError.self) { try serve(text, in: folder) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }
}
