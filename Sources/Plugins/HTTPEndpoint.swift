import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle

/// One page over HTTP, for GET alone, with limits on what clients may hold.
struct HTTPEndpoint: Sendable {
  /// Connections at once; those beyond wait in the kernel.
  private static let connectionCountMax = 64
  /// How long a connection may stay without a whole request.
  private static let idleSeconds: Int64 = 30
  /// Octets of all header fields of a request.
  private static let headerOctetCountMax = 8_192
  /// Header fields of a request.
  private static let headerFieldCountMax = 64

  private let path: String
  private let contentType: String
  private let page: @Sendable () -> (isAvailable: Bool, text: String)

  /// An endpoint whose `path` shows what `page` returns at each request: with 200, or with 503 when
  /// it is not available.
  init(
    _ path: String, contentType: String,
    page: @escaping @Sendable () -> (isAvailable: Bool, text: String)
  ) {
    self.path = path
    self.contentType = contentType
    self.page = page
  }

  /// Serves on `host` and `port` until cancelled, over TLS if told how; `onBound` is
  /// called once clients can connect.
  func run(
    host: String, port: Int, tls: TLSConfiguration? = nil,
    onBound: @escaping @Sendable () -> Void = {}
  ) async throws {
    let logger = Logger(label: "http") { _ in SwiftLogNoOpLogHandler() }
    let router = Router()
    router.get(RouterPath(path)) { [contentType, page] _, _ -> Response in
      let (isAvailable, text) = page()
      return Response(
        status: isAvailable ? .ok : .serviceUnavailable, headers: [.contentType: contentType],
        body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
    let plain = HTTPServerBuilder.http1(
      configuration: HTTP1Channel.Configuration(
        idleTimeout: .seconds(Self.idleSeconds),
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: Self.headerOctetCountMax,
          maxHeaderListSize: Self.headerOctetCountMax,
          maxHeaderFieldCount: Self.headerFieldCountMax)))
    let application = Application(
      router: router,
      server: try tls.map { try .tls(plain, tlsConfiguration: $0) } ?? plain,
      configuration: ApplicationConfiguration(
        address: .hostname(host, port: port),
        availableConnectionsDelegate: MaximumAvailableConnections(
          Self.connectionCountMax, logger: logger)),
      onServerRunning: { _ in onBound() },
      logger: logger)
    // Cut off in the middle, a connection would end the process: requests under way are ended.
    let group = ServiceGroup(services: [application], logger: logger)
    let serving = Task { try await group.run() }
    try await withTaskCancellationHandler {
      try await serving.value
    } onCancel: {
      Task { await group.triggerGracefulShutdown() }
    }
  }
}
