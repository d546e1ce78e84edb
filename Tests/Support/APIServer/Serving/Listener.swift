import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Accepts connections, or refuses them.
final class Listener: Sendable {
  /// How often the port of a closed listener is tried again.
  private static let bindCountMax = 50

  private let core: ServerCore
  private let context: NIOSSLContext?
  private let channel = Mutex<(any Channel)?>(nil)

  init(_ core: ServerCore) throws {
    self.core = core
    context = try Self.context(core.options.security)
  }

  private static func context(_ security: APIServerOptions.Security) throws -> NIOSSLContext? {
    guard case .tls(let certificateFile, let keyFile, let authorityFile) = security else {
      return nil
    }
    let chain = try NIOSSLCertificate.fromPEMFile(certificateFile)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: keyFile, format: .pem)))
    configuration.applicationProtocols = ["http/1.1"]
    configuration.minimumTLSVersion = .tlsv12
    if let authorityFile {
      // A client without a certificate may still have a token.
      configuration.certificateVerification = .optionalVerification
      configuration.trustRoots = .file(authorityFile)
    }
    return try NIOSSLContext(configuration: configuration)
  }

  // MARK: - Opening and closing

  /// Listens; returns the port.
  func open(port: Int) async throws -> Int {
    var failureCount = 0
    while true {
      do {
        let new = try await bootstrap().bind(host: core.options.host, port: port).get()
        channel.withLock { $0 = new }
        return new.localAddress?.port ?? port
      } catch {
        failureCount += 1
        guard port > 0, failureCount < Self.bindCountMax else { throw error }
        try await pause(.milliseconds(100))
      }
    }
  }

  /// Stops listening.
  func close() async throws {
    let old = channel.withLock { channel in
      defer { channel = nil }
      return channel
    }
    guard let old, old.isActive else { return }
    try await old.close().get()
  }

  /// Stops listening some time soon, and drops all connections.
  func closeNow() {
    channel.withLock { $0 }?.close(promise: nil)
    core.connections.closeAll()
  }

  /// Lets time pass without a thread.
  func pause(_ time: Duration) async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    try await loop.scheduleTask(in: TimeAmount(time)) {}.futureResult.get()
  }

  // MARK: - Connections

  private func bootstrap() -> ServerBootstrap {
    let core = core
    let context = context
    return ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        core.connections.add(channel)
        return channel.eventLoop.makeCompletedFuture {
          try Self.initialize(channel, core, context)
        }
      }
  }

  private static func initialize(
    _ channel: any Channel, _ core: ServerCore, _ context: NIOSSLContext?
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    switch core.faults.takeConnectionFault() {
    case .closed:
      channel.close(promise: nil)
      return
    case .noTLS:
      try pipeline.addHandler(NoiseHandler())
      return
    case .slow(let time):
      try channel.syncOptions?.setOption(.autoRead, value: false)
      channel.eventLoop.scheduleTask(in: TimeAmount(time)) {
        channel.setOption(.autoRead, value: true).whenSuccess { channel.read() }
      }
    case nil: break
    }
    if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
    try pipeline.addHandler(ConnectionHandler(core: core))
  }
}

/// Answers whatever comes with noise, once, and closes.
private final class NoiseHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let noise = ByteBuffer(bytes: [0x16, 0x03, 0xFF, 0x00, 0x01, 0x2A])
    context.writeAndFlush(wrapOutboundOut(noise), promise: nil)
    context.close(promise: nil)
  }
}
