import TestSupport
import Testing
import Upstreams

/// Certificates with their keys, made by the openssl tool when a test first needs one; each is its
/// own authority.
struct TLSFixture {
  /// Where the certificate is, in PEM form.
  let certificateFile: String
  /// Where its key is.
  let keyFile: String
  private let folder: TemporaryFolder

  /// A certificate with subject alternative names, as openssl writes them: `DNS:dns.example`.
  init(names: String) throws {
    folder = try TemporaryFolder()
    certificateFile = folder.path("certificate.pem")
    keyFile = folder.path("key.pem")
    let process = try ChildProcess(
      executable: "openssl",
      arguments: [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "2", "-subj", "/CN=swiftlet test", "-addext", "subjectAltName=\(names)",
        "-keyout", keyFile, "-out", certificateFile,
      ],
      folder: folder.path, standardOutput: folder.path("stdout.txt"),
      standardError: folder.path("stderr.txt"))
    let end = process.waitForEnd(.seconds(30))
    try #require(end == .exit(0), "openssl: \(folder.read("stderr.txt"))")
  }

  /// Bears the name `dns.example`.
  static let named = Result { try TLSFixture(names: "DNS:dns.example") }
  /// Bears the address 127.0.0.1.
  static let addressed = Result { try TLSFixture(names: "IP:127.0.0.1") }

  /// Settings of a client that trusts this certificate only.
  func settings() throws -> TLSSettings {
    try TLSSettings(.init(authorityFile: certificateFile))
  }
}
