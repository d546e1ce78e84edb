import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What a control request comes to.
package struct ControlAnswer: Sendable {
  /// The status code.
  package let code: Int
  /// The body: JSON.
  package let body: Tree

  /// An answer from its parts.
  package init(code: Int = 200, _ body: Tree) {
    self.code = code
    self.body = body
  }
}

/// Takes requests about the simulator itself, on a port of its own: plain HTTP, loopback only, so
/// that a restart of the API server or a lost token does not matter.
package final class ControlServer: Sendable {
  /// Answers a request: method, path and query.
  package typealias Answer =
    @Sendable (_ method: String, _ path: String, _ query: [String: String]) async -> ControlAnswer

  private let channel: any Channel

  /// Where it listens.
  package var port: Int { channel.localAddress?.port ?? 0 }

  /// Begins to listen.
  package init(port: Int = 0, _ answer: @escaping Answer) async throws {
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
          try pipeline.addHandler(ControlHandler(answer))
        }
      }.bind(host: "127.0.0.1", port: port).get()
  }

  /// Waits until it is stopped.
  package func wait() async throws { try await channel.closeFuture.get() }

  /// Ends for good.
  package func stop() async throws { try await channel.close().get() }
}

private final class ControlHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart

  private let answer: ControlServer.Answer
  private var head: HTTPRequestHead?

  init(_ answer: @escaping ControlServer.Answer) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      self.head = nil
      respond(to: head, context.channel)
    }
  }

  private func respond(to head: HTTPRequestHead, _ channel: any Channel) {
    let parts = head.uri.split(separator: "?", maxSplits: 1)
    let path = String(parts.first ?? "")
    let query = APICall.query(parts.count > 1 ? parts[1] : "")
    let answer = answer
    Task {
      let result = await answer(head.method.rawValue, path, query)
      let body = ByteBuffer(bytes: JSONText.octets(result.body) + [UInt8(ascii: "\n")])
      let response = HTTPResponseHead(
        version: .http1_1, status: HTTPResponseStatus(statusCode: result.code),
        headers: [
          "Content-Type": "application/json", "Content-Length": "\(body.readableBytes)",
          "Connection": "close",
        ])
      channel.write(HTTPServerResponsePart.head(response), promise: nil)
      channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil)
      try? await channel.writeAndFlush(HTTPServerResponsePart.end(nil)).get()
      try? await channel.close().get()
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
