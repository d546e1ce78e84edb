/// A certificate with its key, made by the openssl tool; it is its own authority.
package struct TestCertificate: Sendable {
  /// Why there is none.
  package struct Failure: Error, CustomStringConvertible {
    /// What openssl said.
    package let description: String
  }

  /// Where the certificate is, in PEM form.
  package let certificateFile: String
  /// Where its key is.
  package let keyFile: String
  private let folder: TemporaryFolder

  /// A certificate with subject alternative names, as openssl writes them: `DNS:dns.example`.
  package init(names: String) throws {
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
    guard process.waitForEnd(.seconds(30)) == .exit(0) else {
      throw Failure(description: "openssl: \(folder.read("stderr.txt"))")
    }
  }
}
