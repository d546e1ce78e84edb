import Files

// MARK: - Inside a cluster

extension APIServerConfiguration {
  /// Where a Pod finds its token and the authority of its API server.
  package static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// What every Pod is given: the address in the environment, token and authority in files.
  package static func inCluster(
    environment: [String: String] = ProcessEnvironment.variables(),
    folder: String = serviceAccountFolder
  ) throws(APIServerConfigurationProblem) -> APIServerConfiguration {
    var values: [String] = []
    for name in ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"] {
      guard let value = environment[name], !value.isEmpty else {
        throw APIServerConfigurationProblem(
          field: name,
          message: "not set; outside of a cluster, kubeconfig or endpoint says where "
            + "the API server is")
      }
      values.append(value)
    }
    let text = values[0].contains(":") ? "[\(values[0])]" : values[0]
    let address: APIServerAddress
    do throws(AddressProblem) {
      address = try APIServerAddress(
        parsing: "https://\(text):\(values[1])", isSecureByDefault: true)
    } catch {
      throw APIServerConfigurationProblem(
        field: "KUBERNETES_SERVICE_HOST", message: error.message)
    }
    var configuration = APIServerConfiguration(address: address)
    configuration.trust = .authorities(
      PEMSource(field: "ca.crt", content: .file("\(folder)/ca.crt")))
    configuration.credentials = .tokenFile("\(folder)/token")
    try configuration.checkFiles(of: nil)
    return configuration
  }
}

// MARK: - The options of the Corefile

extension APIServerConfiguration {
  /// The files of the option `tls`.
  package struct TLSFiles: Hashable, Sendable {
    let certificate: String
    let key: String
    let authority: String

    /// `tls CERT KEY CA`.
    package init(certificate: String, key: String, authority: String) {
      self.certificate = certificate
      self.key = key
      self.authority = authority
    }
  }

  /// `endpoint URL`, with or without `tls CERT KEY CA`.
  package static func endpoint(
    _ url: String, tls: TLSFiles? = nil
  ) throws(APIServerConfigurationProblem) -> APIServerConfiguration {
    let address: APIServerAddress
    do throws(AddressProblem) {
      address = try APIServerAddress(parsing: url, isSecureByDefault: tls != nil)
    } catch {
      throw APIServerConfigurationProblem(field: "endpoint", message: error.message)
    }
    var configuration = APIServerConfiguration(address: address)
    if let tls {
      func source(_ path: String) -> PEMSource { PEMSource(field: "tls", content: .file(path)) }
      configuration.trust = .authorities(source(tls.authority))
      configuration.clientCertificate = ClientCertificate(
        certificate: source(tls.certificate), key: source(tls.key))
    }
    try configuration.checkFiles(of: nil)
    return configuration
  }

  /// What the options say, the first that is there: `kubeconfig`, `endpoint`, the Pod's own.
  package static func chosen(
    kubeconfig: (file: String, context: String?)?, endpoint url: String?, tls: TLSFiles?
  ) throws(APIServerConfigurationProblem) -> APIServerConfiguration {
    if let kubeconfig {
      return try Kubeconfig(file: kubeconfig.file).configuration(context: kubeconfig.context)
    }
    if let url { return try endpoint(url, tls: tls) }
    return try inCluster()
  }
}

// MARK: - Files

extension APIServerConfiguration {
  /// Reads every file once, so that a mistake is told at once and not as a failed connection.
  func checkFiles(of file: String?) throws(APIServerConfigurationProblem) {
    do throws(FieldRefusal) {
      _ = try TLSMaterial.read(self)
      if case .tokenFile(let path) = credentials { _ = try TokenFile.read(path) }
    } catch {
      throw APIServerConfigurationProblem(error, in: file)
    }
  }
}
