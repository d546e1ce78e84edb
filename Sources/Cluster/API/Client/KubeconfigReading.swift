/// A cluster of a kubeconfig.
struct KubeconfigCluster {
  let value: ManifestValue
  /// Its place in the file.
  let field: String
  /// The file's folder.
  let folder: String

  /// The server and what makes it believed.
  func configuration() throws(FieldRefusal) -> APIServerConfiguration {
    guard let server = try value["server"].text("\(field).server"), !server.isEmpty else {
      throw FieldRefusal(field: "\(field).server", message: "the server is missing")
    }
    if let proxy = try value["proxy-url"].text("\(field).proxy-url"), !proxy.isEmpty {
      throw FieldRefusal(
        field: "\(field).proxy-url", message: "proxies are not supported; remove the field")
    }
    let authority = try value.source("certificate-authority", field, folder)
    let skip = "insecure-skip-tls-verify"
    let isInsecure = try value[skip].bool("\(field).\(skip)") ?? false
    if isInsecure, authority != nil {
      throw FieldRefusal(
        field: "\(field).\(skip)",
        message: "there is a certificate authority, and verification is off: choose one")
    }
    var configuration: APIServerConfiguration
    do throws(AddressProblem) {
      configuration = APIServerConfiguration(
        address: try APIServerAddress(
          parsing: server, isSecureByDefault: authority != nil || isInsecure))
    } catch {
      throw FieldRefusal(field: "\(field).server", message: error.message)
    }
    if let authority { configuration.trust = .authorities(authority) }
    if isInsecure { configuration.trust = .anything }
    let name = try value["tls-server-name"].text("\(field).tls-server-name") ?? ""
    guard name.isEmpty || APIServerAddress.isHost(name[...]) && name.contains(where: \.isLetter)
    else {
      throw FieldRefusal(
        field: "\(field).tls-server-name",
        message: "\(ManifestText.quoted(name)) is not a host name")
    }
    configuration.serverName = name
    return configuration
  }
}

/// A user of a kubeconfig.
struct KubeconfigUser {
  let value: ManifestValue
  /// Its place in the file.
  let field: String
  /// The file's folder.
  let folder: String

  /// Adds who asks.
  func apply(to configuration: inout APIServerConfiguration) throws(FieldRefusal) {
    for name in ["as", "as-uid", "as-groups", "as-user-extra"] where value[name] != .null {
      throw FieldRefusal(
        field: "\(field).\(name)", message: "impersonation is not supported; remove the field")
    }
    if value["auth-provider"] != .null {
      throw FieldRefusal(
        field: "\(field).auth-provider",
        message: "auth providers are not supported; use exec with a credential plugin")
    }
    let certificate = try value.source("client-certificate", field, folder)
    let key = try value.source("client-key", field, folder)
    switch (certificate, key) {
    case (let certificate?, let key?):
      configuration.clientCertificate = APIServerConfiguration.ClientCertificate(
        certificate: certificate, key: key)
    case (nil, nil): break
    case (_?, nil):
      throw FieldRefusal(
        field: "\(field).client-key", message: "the client certificate has no key")
    case (nil, _?):
      throw FieldRefusal(
        field: "\(field).client-certificate", message: "the client key has no certificate")
    }
    configuration.credentials = try credentials(for: configuration)
  }

  private func credentials(
    for configuration: APIServerConfiguration
  ) throws(FieldRefusal) -> APIServerConfiguration.Credentials {
    let token = try value["token"].text("\(field).token") ?? ""
    let file = try value["tokenFile"].text("\(field).tokenFile") ?? ""
    let userName = try value["username"].text("\(field).username") ?? ""
    let password = try value["password"].text("\(field).password") ?? ""
    let hasToken = !token.isEmpty || !file.isEmpty
    if hasToken, !userName.isEmpty {
      throw FieldRefusal(
        field: "\(field).username", message: "there is a token, too: choose one of them")
    }
    if userName.isEmpty, !password.isEmpty {
      throw FieldRefusal(field: "\(field).username", message: "the password has no user name")
    }
    // A token in a file is newer than one beside it.
    if !file.isEmpty {
      let path = FieldPath.resolved(file, in: folder)
      _ = try TokenFile.read(path, field: "\(field).tokenFile")
      return .tokenFile(path)
    }
    guard TokenFile.isToken(token.utf8) else {
      throw FieldRefusal(field: "\(field).token", message: "this is not a token")
    }
    if !token.isEmpty { return .token(token) }
    if !userName.isEmpty {
      guard !userName.contains(":") else {
        throw FieldRefusal(field: "\(field).username", message: "a user name has no colon")
      }
      return .basic(userName: userName, password: password)
    }
    guard value["exec"] != .null else { return .none }
    return .exec(
      try ExecPlugin(
        try value["exec"].mapping("\(field).exec"), field: "\(field).exec", folder: folder,
        server: configuration))
  }
}

/// Paths in a kubeconfig.
enum FieldPath {
  /// A path seen from a folder.
  static func resolved(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") ? path : folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
  }
}

extension ManifestValue {
  /// Text in PEM form: `NAME-data` in Base64, or else the file `NAME`; `nil` when neither is there.
  fileprivate func source(
    _ name: String, _ field: String, _ folder: String
  ) throws(FieldRefusal) -> PEMSource? {
    let path = try self[name].text("\(field).\(name)") ?? ""
    let text = try self["\(name)-data"].text("\(field).\(name)-data") ?? ""
    if !text.isEmpty {
      guard let octets = Base64.octets(of: text) else {
        throw FieldRefusal(field: "\(field).\(name)-data", message: "this is not Base64")
      }
      return PEMSource(field: "\(field).\(name)-data", content: .octets(octets))
    }
    guard !path.isEmpty else { return nil }
    return PEMSource(
      field: "\(field).\(name)", content: .file(FieldPath.resolved(path, in: folder)))
  }
}
