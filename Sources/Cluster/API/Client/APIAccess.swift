import Files
import NIOSSL

/// What a request needs to be let in, and to know whom it talks to.
struct APIGrant: Sendable {
  /// Which it is: another whenever anything changed.
  let number: UInt64
  /// The `Authorization` header; `nil` for none.
  let authorization: String?
  /// The settings of the connection; `nil` without TLS.
  let tls: TLSConfiguration?
}

/// Keeps credentials, certificates and keys current: files are read again when they change, and
/// what a credential plugin told is asked for again when it ends.
actor APIAccess {
  private struct TokenRead {
    let token: String
    let signature: FileSignature
    let time: ContinuousClock.Instant
  }

  /// A token file is read again after this time even if it seems to be the same.
  static let tokenAgeMax = Duration.seconds(10)

  private let configuration: APIServerConfiguration
  private var number: UInt64 = 0
  private var authorization: String?
  private var tls: TLSConfiguration?
  /// The files that `tls` was made of; `nil` before the first time, and when they are distrusted.
  private var tlsSignatures: [FileStatus]?
  private var tlsPair: APIServerConfiguration.ClientCertificate?
  private var tokenRead: TokenRead?
  private var credential: ExecCredential?
  /// The plugin's run that all requests wait for, and how many do.
  private var run: Task<Result<ExecCredential, ExecPluginFailure>, Never>?
  private var waiterCount = 0

  /// Has read nothing yet.
  init(_ configuration: APIServerConfiguration) { self.configuration = configuration }

  /// What the next request takes along.
  func grant() async throws(APIRequestFailure) -> APIGrant {
    let authorization: String?
    var pair: APIServerConfiguration.ClientCertificate?
    switch configuration.credentials {
    case .none: authorization = nil
    case .token(let token): authorization = "Bearer \(token)"
    case .basic(let userName, let password):
      authorization = "Basic \(Base64.text(of: Array("\(userName):\(password)".utf8)))"
    case .tokenFile(let path): authorization = "Bearer \(try token(path))"
    case .exec(let plugin):
      let credential = try await credential(of: plugin)
      authorization = credential.token.isEmpty ? nil : "Bearer \(credential.token)"
      pair = credential.pair
    }
    let isOther = authorization != self.authorization || number == 0
    if try updateTLS(pair) || isOther { number &+= 1 }
    self.authorization = authorization
    return APIGrant(number: number, authorization: authorization, tls: tls)
  }

  /// The server refused credentials of a grant: they are read again, unless they are others by now.
  func refresh(after refused: UInt64) async {
    guard refused == number else { return }
    tokenRead = nil
    credential = nil
    // A failure is told when the next request needs them.
    _ = try? await grant()
  }

  /// No connection could be made: certificates and keys are read again.
  func distrustCertificates() {
    tlsSignatures = nil
    if credential?.pair != nil { credential = nil }
  }

  /// Calls off what runs.
  func close() { run?.cancel() }

  // MARK: - Tokens

  private func token(_ path: String) throws(APIRequestFailure) -> String {
    let now = ContinuousClock.now
    if let tokenRead, now - tokenRead.time < Self.tokenAgeMax,
      PosixFile.status(path) == .file(tokenRead.signature)
    {
      return tokenRead.token
    }
    do throws(FieldRefusal) {
      let (token, signature) = try TokenFile.read(path)
      tokenRead = TokenRead(token: token, signature: signature, time: now)
      return token
    } catch {
      // The file may be about to be replaced; what was read last may do for a while.
      if let tokenRead { return tokenRead.token }
      throw APIRequestFailure(message: "\(error.field): \(error.message)")
    }
  }

  // MARK: - Credential plugins

  private func credential(of plugin: ExecPlugin) async throws(APIRequestFailure) -> ExecCredential {
    if let credential, credential.isGood(at: Int64(WallClock.now)) { return credential }
    let run =
      self.run
      ?? Task {
        do throws(ExecPluginFailure) {
          return .success(try await plugin.credential())
        } catch {
          return .failure(error)
        }
      }
    self.run = run
    waiterCount += 1
    let result = await withTaskCancellationHandler {
      await run.value
    } onCancel: {
      Task { await self.leave(run) }
    }
    if self.run == run {
      self.run = nil
      waiterCount = 0
    }
    do throws(ExecPluginFailure) {
      let credential = try result.get()
      self.credential = credential
      return credential
    } catch {
      throw APIRequestFailure(message: error.message)
    }
  }

  /// A request does not wait any more; a run that nobody waits for is called off.
  private func leave(_ run: Task<Result<ExecCredential, ExecPluginFailure>, Never>) {
    guard self.run == run else { return }
    waiterCount -= 1
    if waiterCount <= 0 { run.cancel() }
  }

  // MARK: - Certificates

  /// Reads certificates and keys if they changed; whether they are others now.
  private func updateTLS(
    _ pair: APIServerConfiguration.ClientCertificate?
  ) throws(APIRequestFailure) -> Bool {
    guard configuration.address.isSecure else { return false }
    let signatures = configuration.files.map { PosixFile.status($0) }
    guard signatures != tlsSignatures || pair != tlsPair else { return false }
    do throws(FieldRefusal) {
      tls = try TLSMaterial.read(configuration, pair: pair)
    } catch {
      // Half a rotation: what was read before is still the best there is.
      guard tls == nil else { return false }
      throw APIRequestFailure(message: "\(error.field): \(error.message)")
    }
    tlsSignatures = signatures
    tlsPair = pair
    return true
  }
}
