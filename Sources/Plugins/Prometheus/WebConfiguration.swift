import Files
import NIOCore
import NIOSSL
import PluginChain
import Yams

/// The file that `prometheus`'s `tls` names: what Prometheus and its exporters call a web
/// configuration. Its `tls_server_config` is read; what is not known there or beside it is an
/// error, since it may be meant for safety.
struct WebConfiguration: Sendable {
  /// Certificates or a key in PEM form.
  enum Source: Equatable, Sendable {
    /// The path of a file.
    case file(String)
    /// The text itself.
    case text(String)

    /// The octets of it; a file is read now.
    var octets: [UInt8] {
      get throws(StartError) {
        switch self {
        case .text(let text): return Array(text.utf8)
        case .file(let path): return try WebConfiguration.read(path)
        }
      }
    }
  }

  /// Octets of the file, and of each that it names.
  private static let octetCountMax = 1 << 20

  private var fields = WebConfigurationFields()

  /// Reads the file at `path`; relative paths in it start from its folder.
  init(path: String) throws(StartError) {
    let text = String(decoding: try Self.read(path), as: UTF8.self)
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    do {
      // `.basic` leaves plain scalars as they are.
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      if let root = try parser.nextRoot() { try fields.read(root, folder: RootFolder(folder)) }
    } catch let error as WebConfigurationFields.Fault {
      throw StartError("\(path):\(error.line): \(error.words)")
    } catch {
      throw StartError("\(path): the YAML text cannot be read")
    }
    guard fields.certificate != nil, fields.key != nil else {
      throw StartError("\(path): tls_server_config has no cert_file or no key_file")
    }
    guard (fields.clientAuthority == nil) == (fields.verification == CertificateVerification.none)
    else { throw StartError("\(path): client_ca_file and client_auth_type go together") }
  }

  /// The settings of the endpoint. The server's own certificate and key are read again for each
  /// handshake, so that renewing them needs nothing else; one that cannot be read ends the
  /// handshake.
  func settings() throws(StartError) -> TLSConfiguration {
    let (chain, key) = try pair()
    var settings = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain, privateKey: key)
    settings.minimumTLSVersion = fields.minimumVersion
    settings.maximumTLSVersion = fields.maximumVersion
    settings.certificateVerification = fields.verification
    if let authority = fields.clientAuthority {
      settings.trustRoots = .certificates(try Self.certificates(authority))
    }
    settings.sslContextCallback = { _, promise in
      do {
        var renewed = NIOSSLContextConfigurationOverride()
        (renewed.certificateChain, renewed.privateKey) = try pair()
        promise.succeed(renewed)
      } catch {
        promise.fail(error)
      }
    }
    return settings
  }

  private func pair() throws(StartError) -> ([NIOSSLCertificateSource], NIOSSLPrivateKeySource) {
    guard let certificate = fields.certificate, let source = fields.key else {
      throw StartError("there is no certificate")
    }
    let chain = try Self.certificates(certificate)
    let octets = try source.octets
    guard let key = try? NIOSSLPrivateKey(bytes: octets, format: .pem) else {
      throw StartError("key_file: there is no private key in PEM form")
    }
    return (chain.map { .certificate($0) }, .privateKey(key))
  }

  private static func certificates(_ source: Source) throws(StartError) -> [NIOSSLCertificate] {
    let octets = try source.octets
    guard let list = try? NIOSSLCertificate.fromPEMBytes(octets), !list.isEmpty else {
      throw StartError("cert_file or client_ca_file: there is no certificate in PEM form")
    }
    return list
  }

  private static func read(_ path: String) throws(StartError) -> [UInt8] {
    do throws(PosixProblem) {
      return try PosixFile.read(path, octetCountMax: octetCountMax).octets
    } catch {
      throw StartError("\(path): \(error.message)")
    }
  }
}
