import NIOCore
import NIOHTTP1
import NIOSSL

/// One connection: answers requests, one after the other.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let core: ServerCore
  private var head: HTTPRequestHead?
  private var watch: WatchStream?
  private var hasCertificate = false

  init(core: ServerCore) { self.core = core }

  // MARK: - Channel

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      self.head = nil
      answer(head, context)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { watch?.pump() }
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    watch?.stop()
    watch = nil
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  // MARK: - Answers

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    watch?.stop()
    watch = nil
    let call = APICall(head)
    let certificate = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
      .peerCertificate
    let refusal = core.access.complaint(
      call, authorization: head.headers.first(name: "authorization"),
      hasCertificate: certificate != nil)
    let format = WireFormat(
      accept: head.headers[canonicalForm: "accept"].joined(separator: ","),
      hasProtobuf: core.options.hasProtobuf && call.kind != .serviceImports)
    let fault = refusal == nil ? core.faults.take(call) : nil
    let outcome = core.outcome(call, format, refusal: refusal, fault: fault)
    core.log.add(
      RequestRecord(
        call: call, target: head.uri, userAgent: head.headers.first(name: "user-agent") ?? "",
        code: outcome.code, isProtobuf: format == .protobuf))
    let sink = ResponseSink(context, fault: fault, closesAtEnd: !head.isKeepAlive)
    send(outcome, format ?? .json, to: sink, context, fault)
  }

  private func send(
    _ outcome: Outcome, _ format: WireFormat, to sink: ResponseSink,
    _ context: ChannelHandlerContext, _ fault: Fault?
  ) {
    switch outcome {
    case .silence: break
    case .refusal(let refusal):
      let body = ByteBuffer(bytes: refusal.octets(format))
      sink.head(
        responseHead(refusal.code, format.contentType(isWatch: false), body) { headers in
          guard refusal.retryAfterSeconds > 0 else { return }
          headers.add(name: "Retry-After", value: "\(refusal.retryAfterSeconds)")
        })
      sink.body(body)
      sink.end()
    case .list(let body):
      // A length is promised only where it is kept, and where real servers do.
      let isTorn = if case .tornBody(_, true) = fault { true } else { false }
      let isShort = body.readableBytes < 128 << 10 && !isTorn
      sink.head(
        responseHead(200, format.contentType(isWatch: false), isShort ? body : nil))
      sink.body(body)
      sink.end()
    case .watch(let request):
      sink.head(responseHead(200, format.contentType(isWatch: true), nil))
      let stream = WatchStream(
        request, core: core, sink: sink, loop: context.eventLoop, fault: fault)
      watch = stream
      stream.start()
    }
  }

  private func responseHead(
    _ code: Int, _ contentType: String, _ body: ByteBuffer?,
    _ add: (inout HTTPHeaders) -> Void = { _ in }
  ) -> HTTPResponseHead {
    var headers: HTTPHeaders = [
      "Audit-Id": "8f4b0a52-6f0e-4f0b-9f0c-2b8f4c1a7d10", "Cache-Control": "no-cache, private",
      "Content-Type": contentType,
    ]
    if let body {
      headers.add(name: "Content-Length", value: "\(body.readableBytes)")
    } else {
      headers.add(name: "Transfer-Encoding", value: "chunked")
    }
    add(&headers)
    return HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: code), headers: headers)
  }
}
