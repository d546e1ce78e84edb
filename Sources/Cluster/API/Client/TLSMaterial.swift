import Files
import NIOSSL

/// Turns certificates and keys in PEM form into the settings of TLS connections.
enum TLSMaterial {
  /// The settings of a configuration, its files read now; `nil` without TLS. `pair` takes the place
  /// of its own client certificate.
  static func read(
    _ configuration: APIServerConfiguration,
    pair: APIServerConfiguration.ClientCertificate? = nil
  ) throws(FieldRefusal) -> TLSConfiguration? {
    guard configuration.address.isSecure else { return nil }
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    switch configuration.trust {
    case .system: break
    case .authorities(let source): tls.trustRoots = .certificates(try certificates(source))
    case .anything: tls.certificateVerification = .none
    }
    if let pair = pair ?? configuration.clientCertificate {
      tls.certificateChain = try certificates(pair.certificate).map { .certificate($0) }
      tls.privateKey = .privateKey(try key(pair.key))
      try check(tls, pair)
    }
    return tls
  }

  /// The octets of a source.
  static func octets(_ source: PEMSource) throws(FieldRefusal) -> [UInt8] {
    switch source.content {
    case .octets(let octets): return octets
    case .file(let path):
      do throws(PosixProblem) {
        return try PosixFile.read(path, octetCountMax: PEMSource.octetCountMax).octets
      } catch {
        throw FieldRefusal(field: source.field, message: "\(path): \(error.message)")
      }
    }
  }

  private static func certificates(
    _ source: PEMSource
  ) throws(FieldRefusal) -> [NIOSSLCertificate] {
    let octets = try octets(source)
    guard let certificates = try? NIOSSLCertificate.fromPEMBytes(octets), !certificates.isEmpty
    else { throw refusal(source, "there is no certificate in PEM form") }
    return certificates
  }

  private static func key(_ source: PEMSource) throws(FieldRefusal) -> NIOSSLPrivateKey {
    let octets = try octets(source)
    guard let key = try? NIOSSLPrivateKey(bytes: octets, format: .pem) else {
      throw refusal(source, "there is no private key in PEM form, or it needs a passphrase")
    }
    return key
  }

  /// A key must be the certificate's.
  private static func check(
    _ tls: TLSConfiguration, _ pair: APIServerConfiguration.ClientCertificate
  ) throws(FieldRefusal) {
    var plain = tls
    // What the system trusts is of no concern here, and large.
    plain.certificateVerification = .none
    plain.trustRoots = .certificates([])
    guard (try? NIOSSLContext(configuration: plain)) != nil else {
      throw refusal(pair.key, "the key is not the client certificate's")
    }
  }

  private static func refusal(_ source: PEMSource, _ message: String) -> FieldRefusal {
    guard case .file(let path) = source.content else {
      return FieldRefusal(field: source.field, message: message)
    }
    return FieldRefusal(field: source.field, message: "\(path): \(message)")
  }
}

/// A file with a bearer token.
enum TokenFile {
  /// The longest token that is read, in octets: 64 KiB.
  static let octetCountMax = 1 << 16

  /// The token without blanks around it, and the signature it was read under.
  static func read(
    _ path: String, field: String = "token"
  ) throws(FieldRefusal) -> (token: String, signature: FileSignature) {
    let file: (octets: [UInt8], signature: FileSignature)
    do throws(PosixProblem) {
      file = try PosixFile.read(path, octetCountMax: octetCountMax)
    } catch {
      throw FieldRefusal(field: field, message: "\(path): \(error.message)")
    }
    let words = file.octets.split { $0 <= 0x20 }
    guard let word = words.first, words.count == 1, isToken(word) else {
      throw FieldRefusal(field: field, message: "\(path): it is not a token")
    }
    return (String(decoding: word, as: UTF8.self), file.signature)
  }

  /// Whether these octets may stand in a header.
  static func isToken(_ octets: some Sequence<UInt8>) -> Bool {
    octets.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }
}
