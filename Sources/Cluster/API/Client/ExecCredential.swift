/// What a credential plugin tells: a token, a client certificate, or both, and until when.
struct ExecCredential: Hashable, Sendable {
  /// A bearer token; empty when there is none.
  let token: String
  /// A certificate with its key.
  let pair: APIServerConfiguration.ClientCertificate?
  /// When it ends, in seconds since 1970; `nil` when the server says so with a 401.
  let expiry: Int64?

  /// Reads a plugin's output.
  init(_ octets: [UInt8], apiVersion: String) throws(FieldRefusal) {
    let value: ManifestValue
    do throws(ManifestFormatProblem) {
      value = try JSONDocument.read(octets, keeping: ExecCredentialFields.self)
    } catch {
      throw FieldRefusal(field: "", message: error.message)
    }
    guard case .map = value, try value["kind"].text("kind") == "ExecCredential" else {
      throw FieldRefusal(field: "kind", message: "this is not an ExecCredential")
    }
    guard try value["apiVersion"].text("apiVersion") == apiVersion else {
      throw FieldRefusal(
        field: "apiVersion",
        message: "\(value["apiVersion"].summary) is not \(ManifestText.quoted(apiVersion))")
    }
    let status = try value["status"].mapping("status")
    token = try status["token"].text("status.token") ?? ""
    guard TokenFile.isToken(token.utf8) else {
      throw FieldRefusal(field: "status.token", message: "this is not a token")
    }
    let certificate =
      try status["clientCertificateData"].text("status.clientCertificateData") ?? ""
    let key = try status["clientKeyData"].text("status.clientKeyData") ?? ""
    guard certificate.isEmpty == key.isEmpty else {
      throw FieldRefusal(
        field: "status", message: "a certificate and its key come together or not at all")
    }
    func source(_ field: String, _ text: String) -> PEMSource {
      PEMSource(field: "status.\(field)", content: .octets(Array(text.utf8)))
    }
    pair =
      certificate.isEmpty
      ? nil
      : APIServerConfiguration.ClientCertificate(
        certificate: source("clientCertificateData", certificate),
        key: source("clientKeyData", key))
    guard !token.isEmpty || pair != nil else {
      throw FieldRefusal(field: "status", message: "there is neither a token nor a certificate")
    }
    guard let text = try status["expirationTimestamp"].text("status.expirationTimestamp") else {
      expiry = nil
      return
    }
    guard let seconds = CalendarTime.seconds(timestamp: text) else {
      throw FieldRefusal(
        field: "status.expirationTimestamp",
        message: "\(ManifestText.quoted(text)) is not a time (RFC 3339)")
    }
    expiry = seconds
  }

  /// Credentials are renewed so long before their end, in seconds.
  static let renewalSeconds: Int64 = 10

  /// Whether they are good at a time, in seconds since 1970.
  func isGood(at seconds: Int64) -> Bool {
    expiry.map { seconds < $0 - Self.renewalSeconds } ?? true
  }
}

/// Which fields of an ExecCredential are read.
private enum ExecCredentialFields: KeptFields {
  static func keeps(_ name: String, below parent: String) -> Bool { names.contains(name) }

  private static let names: Set<String> = [
    "apiVersion", "kind", "status", "token", "clientCertificateData", "clientKeyData",
    "expirationTimestamp",
  ]
}
