import Cluster
import TestSupport

/// Kubeconfig files for tests, written into a folder of their own.
final class KubeconfigFolder: Sendable {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  var file: String { "\(folder.path)/config" }

  /// The configuration of a file with one cluster and one user, their fields in flow notation.
  func read(
    cluster: String = "server: https://10.0.0.1:6443", user: String = "token: abc",
    context: String? = nil
  ) throws -> APIServerConfiguration {
    try folder.write(
      "config",
      """
      apiVersion: v1
      kind: Config
      current-context: here
      preferences: {}
      clusters:
      - {name: other, cluster: {server: "https://192.0.2.1"}}
      - {name: kind, cluster: {\(cluster)}}
      users:
      - {name: admin, user: {\(user)}}
      contexts:
      - {name: here, context: {cluster: kind, user: admin, namespace: shop}}
      - {name: there, context: {cluster: other, user: ""}}

      """)
    return try Kubeconfig(file: file).configuration(context: context)
  }

  /// What is wrong with a file, without the folder's name; empty when nothing is.
  func problem(_ read: () throws -> Void) -> String {
    do {
      try read()
      return ""
    } catch {
      return "\(error)".split(separator: folder.path, omittingEmptySubsequences: false)
        .joined(separator: "~")
    }
  }
}

/// A certificate for tests that need any.
enum AnyCertificate {
  static let shared = Result { try TestCertificate(names: "IP:127.0.0.1") }

  static func files() throws -> (certificate: String, key: String) {
    let certificate = try shared.get()
    return (certificate.certificateFile, certificate.keyFile)
  }
}
