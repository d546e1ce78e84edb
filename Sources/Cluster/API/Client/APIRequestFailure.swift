import AsyncHTTPClient
import Files
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Why there is no response, or no more of it, in one line.
package struct APIRequestFailure: Error, Hashable, Sendable {
  /// The reason.
  package let message: String
  /// Whether the server and the client did not believe each other.
  let isTLS: Bool

  /// A reason in words for people.
  package init(message: String) {
    self.message = message
    isTLS = false
  }

  /// The same of a request that came nowhere, with the server's name.
  func reaching(_ server: String) -> APIRequestFailure {
    APIRequestFailure(message: "cannot reach \(server): \(message)", isTLS: isTLS)
  }

  private init(message: String, isTLS: Bool) {
    self.message = message
    self.isTLS = isTLS
  }

  /// What a library threw.
  init(_ error: any Error) {
    if let failure = error as? APIRequestFailure {
      self = failure
      return
    }
    isTLS = error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError
    message = Self.words(error)
  }

  private static let characterCountMax = 300

  private static func words(_ error: any Error) -> String {
    switch error {
    case let error as APIDecodingProblem: "the answer cannot be read: \(error.message)"
    case is CancellationError: "called off"
    case let error as HTTPClientError: words(error)
    case let error as NIOConnectionError: words(error)
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      "the TLS handshake failed: the server's certificate has another name"
    case is NIOSSLExtraError, is BoringSSLError, is NIOSSLError:
      "the TLS handshake failed: \(tlsReason("\(error)"))"
    case let error as IOError: system(error)
    case HTTPParserError.invalidEOFState: "the connection was closed"
    default: short("\(error)")
    }
  }

  private static func words(_ error: HTTPClientError) -> String {
    switch error {
    case .connectTimeout: "the connection took too long to be made"
    case .tlsHandshakeTimeout: "the TLS handshake took too long"
    case .deadlineExceeded: "there was no response in time"
    case .remoteConnectionClosed: "the connection was closed"
    case .cancelled: "called off"
    default: short(error.shortDescription)
    }
  }

  private static func words(_ error: NIOConnectionError) -> String {
    if let first = error.connectionErrors.first {
      return (first.error as? IOError).map(system) ?? short("\(first.error)")
    }
    return "the name has no address"
  }

  /// The system's words alone: `Connection refused`.
  private static func system(_ error: IOError) -> String {
    errno = error.errnoCode
    return PosixProblem.current().message
  }

  /// BoringSSL's name for what is wrong, such as `CERTIFICATE_VERIFY_FAILED`.
  private static func tlsReason(_ text: String) -> String {
    let mark = "OPENSSL_internal:"
    guard let start = text.firstRange(of: mark)?.upperBound else { return short(text) }
    return String(text[start...].prefix { $0.isUppercase || $0.isNumber || $0 == "_" })
  }

  private static func short(_ text: String) -> String {
    String(text.filter { !$0.isNewline }.prefix(characterCountMax))
  }
}
