/// Where the API server is, how it is known to be the right one, and who asks.
package struct APIServerConfiguration: Hashable, Sendable {
  /// Where it is.
  package var address: APIServerAddress
  /// Which certificates are believed.
  package var trust = Trust.system
  /// The name that the certificate must have, instead of the address's host; empty for none.
  package var serverName = ""
  /// The certificate that is shown to the server.
  package var clientCertificate: ClientCertificate?
  /// What is sent with each request.
  package var credentials = Credentials.none
  /// How much is asked at most.
  package var limits = RequestLimits()

  /// Which certificates are believed.
  package enum Trust: Hashable, Sendable {
    /// Those of the system's authorities.
    case system
    /// Those of these authorities, in PEM form.
    case authorities(PEMSource)
    /// Any at all.
    case anything
  }

  /// A certificate and its key.
  package struct ClientCertificate: Hashable, Sendable {
    /// The certificate, followed by those between it and its authority.
    package let certificate: PEMSource
    /// Its key.
    package let key: PEMSource
  }

  /// What is sent with each request to say who asks.
  package enum Credentials: Hashable, Sendable {
    /// Nothing, or a client certificate alone.
    case none
    /// A token that never changes.
    case token(String)
    /// A file with a token, which may change.
    case tokenFile(String)
    /// A name and a password (RFC 7617).
    case basic(userName: String, password: String)
    /// A program that tells a token or a certificate.
    case exec(ExecPlugin)
  }

  /// Any client of a server.
  package init(address: APIServerAddress) { self.address = address }

  /// The files that are read again when they change.
  var files: [String] {
    var sources: [PEMSource] = []
    if case .authorities(let source) = trust { sources.append(source) }
    if let pair = clientCertificate { sources += [pair.certificate, pair.key] }
    return sources.compactMap { source in
      if case .file(let path) = source.content { path } else { nil }
    }
  }
}

extension APIServerConfiguration: CustomStringConvertible {
  /// The address; tokens, passwords and keys have no business in a log.
  package var description: String { address.url }
}

extension APIServerConfiguration.Credentials: CustomStringConvertible {
  /// What kind they are, without what is secret.
  package var description: String {
    switch self {
    case .none: "none"
    case .token: "a token"
    case .tokenFile(let path): "the token in \(path)"
    case .basic(let userName, _): "the password of \(userName)"
    case .exec(let plugin): "what \(plugin.program) tells"
    }
  }
}

/// How much an API server is asked at most.
package struct RequestLimits: Hashable, Sendable {
  /// Requests a second, in the long run.
  package var ratePerSecond = 50.0
  /// Requests that may come at once.
  package var burst = 100
  /// Requests at a time; watches do not count.
  package var inflightMax = 16

  /// What an API server hardly notices and a start does not wait for.
  package init() {}
}

/// Where text in PEM form comes from.
package struct PEMSource: Hashable, Sendable {
  /// The place.
  package enum Content: Hashable, Sendable {
    /// A file.
    case file(String)
    /// The octets themselves.
    case octets([UInt8])
  }

  /// What a person wrote it in, such as `users[admin].user.client-key`.
  let field: String
  /// The place.
  let content: Content

  /// The largest file that is read, in octets: 1 MiB.
  static let octetCountMax = 1 << 20

  /// A place, and what a person wrote it in.
  init(field: String, content: Content) {
    self.field = field
    self.content = content
  }

  /// A file that `field` names.
  package static func file(_ path: String, field: String) -> PEMSource {
    PEMSource(field: field, content: .file(path))
  }
}

/// Why an API server cannot be asked, in one line.
package struct APIServerConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file that says so; `nil` when it is none.
  package let file: String?
  /// The field, such as `clusters[kind].cluster.server`; `nil` when it concerns the file.
  package let field: String?
  /// What is wrong.
  package let message: String

  /// A problem from its parts.
  init(file: String? = nil, field: String? = nil, message: String) {
    self.file = file
    self.field = field
    self.message = message
  }

  /// A refused field of a file.
  init(_ refusal: FieldRefusal, in file: String?) {
    self.init(
      file: file, field: refusal.field.isEmpty ? nil : refusal.field, message: refusal.message)
  }

  /// `config: users[admin].user.token: a list is not text`.
  package var description: String {
    [file, field, message].compactMap(\.self).joined(separator: ": ")
  }
}
