import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport
import Testing

/// A web server on loopback whose answers a test writes, one request at a time.
final class LoopbackServer: Sendable {
  struct Request: Sendable {
    let number: Int
    let uri: String
    let headers: [String: String]
  }

  struct Reply: Sendable, CustomTestStringConvertible {
    var status = 200
    var headers: [String: String] = ["content-type": "application/json"]
    var body: [UInt8] = []
    /// Whether the response goes on.
    var isOpen = false

    var testDescription: String { "\(status), \(body.count) octets" }
  }

  /// What is sent to a response that goes on.
  enum Part: Sendable {
    case octets([UInt8])
    case end
    case drop
  }

  struct State {
    var requests: [Request] = []
    var channels: [Int: any Channel] = [:]
    var tls: NIOSSLContext?
  }

  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  fileprivate let state: Mutex<State>
  fileprivate let reply: @Sendable (Request) -> Reply
  private let listener: Mutex<(any Channel)?>
  private let usesTLS: Bool
  private let boundPort = Mutex(0)

  /// A server with or without TLS.
  init(
    _ certificate: TestCertificate? = nil, reply: @escaping @Sendable (Request) -> Reply
  ) async throws {
    self.reply = reply
    state = Mutex(State())
    listener = Mutex(nil)
    usesTLS = certificate != nil
    if let certificate { try use(certificate) }
    let channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          if usesTLS, let tls = state.withLock({ $0.tls }) {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Answering(self))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    listener.withLock { $0 = channel }
    boundPort.withLock { $0 = channel.localAddress?.port ?? 0 }
  }

  var port: Int { boundPort.withLock { $0 } }
  var requests: [Request] { state.withLock { $0.requests } }
  func headers(_ name: String) -> [String] { requests.map { $0.headers[name] ?? "" } }

  /// The certificate of connections from now on, and that of the only client that is let in.
  func use(_ certificate: TestCertificate, client: TestCertificate? = nil) throws {
    let chain = try NIOSSLCertificate.fromPEMFile(certificate.certificateFile)
    var settings = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.keyFile, format: .pem)))
    if let client {
      settings.certificateVerification = .noHostnameVerification
      settings.trustRoots = .file(client.certificateFile)
    }
    let context = try NIOSSLContext(configuration: settings)
    state.withLock { $0.tls = context }
  }

  /// Sends more to a response that is open.
  func send(_ part: Part, to number: Int) {
    guard let channel = state.withLock({ $0.channels[number] }) else { return }
    switch part {
    case .octets(let octets):
      let buffer = channel.allocator.buffer(bytes: octets)
      channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(buffer)), promise: nil)
    case .end: channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    case .drop: channel.close(promise: nil)
    }
  }

  /// Whether the connection of a request is there.
  func isOpen(_ number: Int) -> Bool {
    state.withLock { $0.channels[number]?.isActive } ?? false
  }

  /// Ends everything; harmless when it is done already.
  func close() async {
    let channel = listener.withLock { listener in
      defer { listener = nil }
      return listener
    }
    guard let channel else { return }
    try? await channel.close().get()
    for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    try? await group.shutdownGracefully()
  }
}

private final class Answering: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let server: LoopbackServer

  init(_ server: LoopbackServer) { self.server = server }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let head) = unwrapInboundIn(data) else { return }
    let channel = context.channel
    let headers = Dictionary(
      head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
    let request = server.state.withLock { state in
      let request = LoopbackServer.Request(
        number: state.requests.count, uri: head.uri, headers: headers)
      state.requests.append(request)
      state.channels[request.number] = channel
      return request
    }
    let reply = server.reply(request)
    let answer = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status),
      headers: HTTPHeaders(reply.headers.map { ($0.key, $0.value) }))
    context.write(wrapOutboundOut(.head(answer)), promise: nil)
    let body = context.channel.allocator.buffer(bytes: reply.body)
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    if !reply.isOpen { context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
