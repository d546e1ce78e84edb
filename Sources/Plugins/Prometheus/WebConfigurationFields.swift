import Corefile
import NIOSSL
import PluginChain
import Yams

/// The fields of a web configuration that are known here.
struct WebConfigurationFields: Sendable {
  /// What is wrong with a field, and where.
  struct Fault: Error {
    let line: Int
    let words: String
  }

  private(set) var certificate: WebConfiguration.Source?
  private(set) var key: WebConfiguration.Source?
  /// The authorities that certificates of clients come from.
  private(set) var clientAuthority: WebConfiguration.Source?
  /// What a client has to show.
  private(set) var verification: CertificateVerification = .none
  private(set) var minimumVersion = TLSVersion.tlsv12
  private(set) var maximumVersion: TLSVersion?

  /// Takes the fields of a whole document; paths start from `folder`.
  mutating func read(_ root: Node, folder: RootFolder) throws(Fault) {
    for (name, value) in try Self.entries(root) {
      switch name {
      case "tls_server_config":
        for (name, value) in try Self.entries(value) { try take(name, value, folder) }
      // HTTP/2 or not: this endpoint speaks HTTP/1.1, which every client does.
      case "http_server_config":
        for (name, value) in try Self.entries(value) where name != "http2" {
          throw Self.fault(value, "\(name) is not supported")
        }
      default: throw Self.fault(value, "\(name) is not supported")
      }
    }
  }

  private mutating func take(
    _ name: String, _ value: Node, _ folder: RootFolder
  ) throws(Fault) {
    guard let text = value.scalar?.string else { throw Self.fault(value, "\(name) is no text") }
    switch name {
    case "cert_file": certificate = .file(folder.file(text))
    case "key_file": key = .file(folder.file(text))
    case "client_ca_file": clientAuthority = text.isEmpty ? nil : .file(folder.file(text))
    case "cert": certificate = .text(text)
    case "key": key = .text(text)
    case "client_ca": clientAuthority = .text(text)
    case "client_auth_type": verification = try Self.clientPolicy(text, value)
    case "min_version": minimumVersion = try Self.version(text, value)
    case "max_version": maximumVersion = try Self.version(text, value)
    default: throw Self.fault(value, "\(name) is not supported")
    }
  }

  /// Go's names of what a client has to show. To ask for a certificate that nobody looks at is to
  /// ask for none.
  private static func clientPolicy(
    _ text: String, _ node: Node
  ) throws(Fault) -> CertificateVerification {
    switch text {
    case "", "NoClientCert", "RequestClientCert": .none
    case "VerifyClientCertIfGiven": .optionalVerification
    case "RequireAndVerifyClientCert": .noHostnameVerification
    default:
      throw fault(
        node,
        "client_auth_type: found \(quotedForMessage(text)), expected NoClientCert, "
          + "RequestClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert")
    }
  }

  private static let versions: [String: TLSVersion] = [
    "TLS10": .tlsv1, "TLS11": .tlsv11, "TLS12": .tlsv12, "TLS13": .tlsv13,
  ]

  private static func version(_ text: String, _ node: Node) throws(Fault) -> TLSVersion {
    guard let version = versions[text] else {
      throw fault(node, "found \(quotedForMessage(text)), expected TLS10, TLS11, TLS12 or TLS13")
    }
    return version
  }

  private static func entries(_ node: Node) throws(Fault) -> [(String, Node)] {
    guard let mapping = node.mapping else { throw fault(node, "found no fields") }
    return mapping.map { ($0.key.scalar?.string ?? "", $0.value) }
  }

  private static func fault(_ node: Node, _ words: String) -> Fault {
    Fault(line: node.mark?.line ?? 1, words: words)
  }
}
