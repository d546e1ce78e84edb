/// What an API server is like. Plain values; what may change while it runs is in `APIServer`.
package struct APIServerOptions: Sendable {
  /// How connections are secured.
  package enum Security: Sendable {
    /// Not at all.
    case plain
    /// With this certificate and key, PEM files; `clientAuthorityFile` has the authorities of
    /// clients' certificates, which are asked for when it is given.
    case tls(certificateFile: String, keyFile: String, clientAuthorityFile: String?)
  }

  /// How connections are secured.
  package var security = Security.plain
  /// The address that is listened on.
  package var host = "127.0.0.1"
  /// The port; 0 for any that is free.
  package var port = 0
  /// The token that is accepted at first.
  package var token = "token-1"
  /// How often bookmarks are sent.
  package var bookmarkInterval = Duration.seconds(60)
  /// Whether objects are written in protobuf for those who want it; else all is JSON.
  package var hasProtobuf = true
  /// Whether a watch may begin with all objects (`sendInitialEvents`); else that gets 422.
  package var offersWatchList = true
  /// Whether there are ServiceImports (a custom resource); else that path gets 404.
  package var hasServiceImports = true
  /// Whether a watch from a forgotten version gets 410 at once. API servers accept it and send an
  /// ERROR event.
  package var refusesExpiredWatches = false
  /// Whether a watch from a version that is yet to come gets 504. API servers with a watch cache
  /// accept it, and nothing comes until then.
  package var refusesFutureWatches = true

  /// A plain server on the loopback address.
  package init() {}
}
