import Foundation

/// The configuration of a client, as kubectl has it.
package enum Kubeconfig {
  /// The file for a server; `authorityFile` is the PEM file of its authority, if it has TLS.
  package static func text(url: String, authorityFile: String?, token: String) throws -> String {
    var cluster = "    server: \(url)\n"
    if let authorityFile {
      let data = try Data(contentsOf: URL(fileURLWithPath: authorityFile))
      cluster += "    certificate-authority-data: \(data.base64EncodedString())\n"
    }
    return """
      apiVersion: v1
      kind: Config
      current-context: simulator
      clusters:
      - name: simulator
        cluster:
      \(cluster)contexts:
      - name: simulator
        context:
          cluster: simulator
          user: simulator
      users:
      - name: simulator
        user:
          token: \(token)

      """
  }
}
