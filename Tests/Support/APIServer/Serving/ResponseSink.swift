import NIOCore
import NIOHTTP1

/// Writes the body of one response, whole, torn or slowly. Lives on its connection's event loop.
final class ResponseSink {
  /// Octets of one chunk.
  private static let chunkOctetCount = 64 << 10

  private let context: ChannelHandlerContext
  private let closesAtEnd: Bool
  private let fault: Fault?
  private var restCount = Int.max
  private var waiting = ByteBuffer()
  private var tick: Scheduled<Void>?
  private var isEnding = false
  private(set) var isOver = false

  init(_ context: ChannelHandlerContext, fault: Fault?, closesAtEnd: Bool) {
    self.context = context
    self.fault = fault
    self.closesAtEnd = closesAtEnd
    if case .tornBody(let octetCount, _) = fault { restCount = octetCount }
  }

  /// Whether the client takes what is written.
  var isWritable: Bool { context.channel.isWritable }

  func head(_ head: HTTPResponseHead) {
    write(.head(head))
    context.flush()
  }

  func body(_ buffer: ByteBuffer) {
    guard !isOver, buffer.readableBytes > 0 else { return }
    if case .slowBody(let octetCount, let pause) = fault {
      waiting.writeImmutableBuffer(buffer)
      if tick == nil { trickle(octetCount, pause) }
      return
    }
    send(buffer)
    context.flush()
  }

  /// The response is over.
  func end() {
    guard !isOver else { return }
    isEnding = true
    if waiting.readableBytes > 0 { return }
    finish(isWhole: true)
  }

  /// The connection is over.
  func cut() {
    guard !isOver else { return }
    finish(isWhole: false)
  }

  // MARK: - Parts

  private func send(_ buffer: ByteBuffer) {
    var rest = buffer
    if rest.readableBytes >= restCount, let part = rest.readSlice(length: restCount) {
      restCount = 0
      chunks(part)
      if case .tornBody(_, true) = fault { finish(isWhole: true) } else { finish(isWhole: false) }
      return
    }
    restCount -= rest.readableBytes
    chunks(rest)
  }

  private func chunks(_ buffer: ByteBuffer) {
    var rest = buffer
    while let part = rest.readSlice(length: min(rest.readableBytes, Self.chunkOctetCount)),
      part.readableBytes > 0
    {
      write(.body(.byteBuffer(part)))
    }
  }

  private func trickle(_ octetCount: Int, _ pause: Duration) {
    tick = nil
    guard !isOver, context.channel.isActive,
      let part = waiting.readSlice(length: min(octetCount, waiting.readableBytes))
    else { return }
    waiting.discardReadBytes()
    if part.readableBytes > 0 {
      chunks(part)
      context.flush()
    }
    guard waiting.readableBytes > 0 else {
      if isEnding { finish(isWhole: true) }
      return
    }
    tick = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(pause)) { [self] in
      trickle(octetCount, pause)
    }
  }

  private func finish(isWhole: Bool) {
    isOver = true
    tick?.cancel()
    tick = nil
    guard isWhole else {
      context.flush()
      context.close(promise: nil)
      return
    }
    let loop = context.eventLoop.assumeIsolated()
    let promise = loop.nonisolated().makePromise(of: Void.self)
    if closesAtEnd {
      promise.futureResult.assumeIsolated().whenComplete { [context] _ in
        context.close(promise: nil)
      }
    }
    context.writeAndFlush(part(.end(nil)), promise: promise)
  }

  private func write(_ response: HTTPServerResponsePart) {
    context.write(part(response), promise: nil)
  }

  private func part(_ response: HTTPServerResponsePart) -> NIOAny { NIOAny(response) }
}
