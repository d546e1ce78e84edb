import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Sends one request without TLS and keeps what comes back. For tests of the server itself.
package final class PlainClient: Sendable {
  private struct State {
    var code = 0
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    var isOver = false
    var isWhole = false
  }

  private let state = Mutex(State())
  private let channel: any Channel

  private init(_ channel: any Channel) { self.channel = channel }

  /// Sends a request; `target` is path and query.
  package static func ask(
    _ target: String, of server: APIServer, accept: String = "application/json",
    method: String = "GET", token: String? = "token-1"
  ) async throws -> PlainClient {
    try await ask(target, port: server.port, accept: accept, method: method, token: token)
  }

  /// Sends a request to a port of 127.0.0.1.
  package static func ask(
    _ target: String, port: Int, accept: String = "*/*", method: String = "GET",
    token: String? = nil
  ) async throws -> PlainClient {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
        }
      }.connect(host: "127.0.0.1", port: port).get()
    let client = PlainClient(channel)
    var headers: HTTPHeaders = [
      "Host": "127.0.0.1", "Accept": accept, "User-Agent": "plain", "Connection": "close",
    ]
    if let token { headers.add(name: "Authorization", value: "Bearer \(token)") }
    let head = HTTPRequestHead(
      version: .http1_1, method: HTTPMethod(rawValue: method), uri: target, headers: headers)
    try await channel.eventLoop.submit {
      try channel.pipeline.syncOperations.addHandler(Keeper(client))
      channel.write(HTTPClientRequestPart.head(head), promise: nil)
      channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }.get()
    return client
  }

  deinit { channel.close(promise: nil) }

  // MARK: - What came

  /// The status code; 0 before the response.
  package var code: Int { state.withLock { $0.code } }

  /// The octets of the body so far.
  package var body: [UInt8] { state.withLock { $0.body } }

  /// The body so far as text.
  package var text: String { String(decoding: body, as: UTF8.self) }

  /// Whether nothing more comes.
  package var isOver: Bool { state.withLock { $0.isOver } }

  /// Whether the response ended as HTTP has it.
  package var isWhole: Bool { state.withLock { $0.isWhole } }

  /// A header; `nil` when absent. Names in lower case.
  package func header(_ name: String) -> String? { state.withLock { $0.headers[name] } }

  /// Waits for the end of the connection.
  package func end() async throws -> PlainClient {
    try await channel.closeFuture.get()
    return self
  }

  /// Ends the connection.
  package func close() { channel.close(promise: nil) }

  private func take(_ part: HTTPClientResponsePart) {
    state.withLock { state in
      switch part {
      case .head(let head):
        state.code = Int(head.status.code)
        for (name, value) in head.headers { state.headers[name.lowercased()] = value }
      case .body(let buffer): state.body += Array(buffer.readableBytesView)
      case .end: state.isWhole = true
      }
    }
  }

  private func end() { state.withLock { $0.isOver = true } }

  private final class Keeper: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private weak var client: PlainClient?

    init(_ client: PlainClient) { self.client = client }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let part = unwrapInboundIn(data)
      client?.take(part)
      if case .end = part { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { client?.end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}
