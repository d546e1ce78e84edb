import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle

/// One page over HTTP, for GET alone, with limits on what clients may hold.
struct HTTPEndpoint: Sendable {
  /// Connections at once; one more costs the oldest.
  private static let connectionCountMax = 64
  /// How long a connection may stay without a whole request.
  private static let idleSeconds: Int64 = 30
  /// Octets of all header fields of a request.
  private static let headerOctetCountMax = 8_192
  /// Header fields of a request.
  private static let headerFieldCountMax = 64

  /// How long replies under way may take when it ends.
  private static let graceLimit = Duration.seconds(1)

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
    let router = Router()
    router.get(RouterPath(path)) { [contentType, page] _, _ -> Response in
      let (isAvailable, text) = page()
      return Response(
        status: isAvailable ? .ok : .serviceUnavailable, headers: [.contentType: contentType],
        body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
    try await Self.serve(
      router.buildResponder(), host: host, port: port, tls: tls, onBound: onBound)
  }

  private static let configuration = HTTP1Channel.Configuration(
    idleTimeout: .seconds(idleSeconds),
    httpDecoderConfiguration: .init(
      maxHeaderFieldSize: headerOctetCountMax, maxHeaderListSize: headerOctetCountMax,
      maxHeaderFieldCount: headerFieldCountMax))

  /// Serves what `responder` makes of requests, within the limits, until cancelled.
  static func serve(
    _ responder: some HTTPResponder<BasicRequestContext>, host: String, port: Int,
    tls: TLSConfiguration? = nil, onBound: @escaping @Sendable () -> Void
  ) async throws {
    let logger = Logger(label: "http") { _ in SwiftLogNoOpLogHandler() }
    let room = ConnectionRoom(countMax: connectionCountMax)
    let server = HTTPServerBuilder { responder in
      let plain = HTTP1Channel(responder: responder, configuration: configuration)
      guard let tls else { return RoomedChannel(base: plain, room: room) }
      return RoomedChannel(base: try TLSChannel(plain, tlsConfiguration: tls), room: room)
    }
    let application = Application(
      responder: responder, server: server,
      configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
      onServerRunning: { _ in onBound() },
      logger: logger)
    // Cut off in the middle, a connection would end the process: requests under way are ended.
    let group = ServiceGroup(services: [application], logger: logger)
    let serving = Task { try await group.run() }
    try await withTaskCancellationHandler {
      try await serving.value
    } onCancel: {
      Task {
        await group.triggerGracefulShutdown()
        // A client that does not take its reply would keep the end waiting.
        try? await Task.sleep(for: graceLimit)
        room.close()
      }
    }
  }
}
