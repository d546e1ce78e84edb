import NIOCore
import NIOSSL

/// What TLS upstreams of one `forward` directive must prove, and what we prove to them. Made once,
/// at setup, because it reads files; shared by the workers.
package struct TLSSettings: Sendable {
  /// Moves an embedded clock only: long enough to be over when the time is told to pass.
  static let shutdownTimeout = TimeAmount.seconds(1)

  /// The files, all PEM, as the options of `tls` name them.
  package struct Files: Hashable, Sendable {
    /// Our certificate and those between it and its root; `keyFile` belongs to it.
    package var certificateFile: String?
    /// The private key of our certificate.
    package var keyFile: String?
    /// The authorities that may have signed the upstreams' certificates; the system's without.
    package var authorityFile: String?

    /// Paths that can be opened from where the server runs.
    package init(
      certificateFile: String? = nil, keyFile: String? = nil, authorityFile: String? = nil
    ) {
      self.certificateFile = certificateFile
      self.keyFile = keyFile
      self.authorityFile = authorityFile
    }
  }

  /// A file that is of no use.
  package struct InvalidFile: Error, Hashable, Sendable, CustomStringConvertible {
    /// The path, as it was given.
    package let file: String
    /// What is the matter with it.
    package let reason: String

    /// `/etc/tls/key.pem: no private key in PEM form can be read from it`.
    package var description: String { "\(file): \(reason)" }
  }

  /// Loaded once; safe to use from every thread.
  let context: NIOSSLContext

  /// Reads the files. TLS 1.2 is the least that is spoken (RFC 9325 §3.1.1).
  package init(_ files: Files = Files()) throws(InvalidFile) {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    configuration.certificateVerification = .fullVerification
    configuration.shutdownTimeout = Self.shutdownTimeout
    if let file = files.authorityFile {
      configuration.trustRoots = .certificates(try Self.certificates(file))
    }
    if let file = files.certificateFile {
      configuration.certificateChain = try Self.certificates(file).map { .certificate($0) }
    }
    if let file = files.keyFile {
      do {
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: file, format: .pem))
      } catch {
        throw InvalidFile(file: file, reason: "no private key in PEM form can be read from it")
      }
    }
    do {
      context = try NIOSSLContext(configuration: configuration)
    } catch {
      throw if let file = files.keyFile {
        InvalidFile(file: file, reason: "the key does not belong to the certificate")
      } else {
        InvalidFile(file: "the system's certificate authorities", reason: "\(error)")
      }
    }
  }

  private static func certificates(_ file: String) throws(InvalidFile) -> [NIOSSLCertificate] {
    guard let certificates = try? NIOSSLCertificate.fromPEMFile(file), !certificates.isEmpty else {
      throw InvalidFile(file: file, reason: "no certificate in PEM form can be read from it")
    }
    return certificates
  }
}
