import NIOCore
import NIOEmbedded
import NIOSSL
import TestSupport

/// A TLS upstream on the test's own thread: NIOSSL's server side behind a `StreamPeer`.
final class TLSPeer {
  let network: StreamPeer
  /// Plaintext that came.
  private(set) var received: [UInt8] = []
  /// What the handshake failed of, if it did.
  private(set) var error: (any Error)?
  private let context: NIOSSLContext
  private var channel: EmbeddedChannel?
  private var fedCount = 0

  /// A server with a certificate, which demands one of clients when there is a `clientAuthority`.
  init(
    _ fixture: TestCertificate, clientAuthority: TestCertificate? = nil,
    newest: TLSVersion = .tlsv13
  ) throws {
    network = try StreamPeer()
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(fixture.certificateFile).map {
        .certificate($0)
      },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: fixture.keyFile, format: .pem)))
    configuration.maximumTLSVersion = newest
    if let clientAuthority {
      configuration.certificateVerification = .noHostnameVerification
      configuration.trustRoots = .file(clientAuthority.certificateFile)
    }
    context = try NIOSSLContext(configuration: configuration)
  }

  deinit {
    forget()
  }

  /// Accepts, reads, and answers as TLS wants it.
  func turn() throws {
    try network.turn()
    guard network.stream != nil, !network.isEnded else { return }
    let channel = try self.channel ?? start()
    let octets = network.received[fedCount...]
    guard !octets.isEmpty, error == nil else { return }
    fedCount = network.received.count
    do {
      try channel.writeInbound(ByteBuffer(bytes: octets))
    } catch {
      self.error = error
    }
    while let buffer = try channel.readInbound(as: ByteBuffer.self) {
      received += buffer.readableBytesView
    }
    try flush(channel)
  }

  private func start() throws -> EmbeddedChannel {
    let channel = EmbeddedChannel(handler: NIOSSLServerHandler(context: context))
    channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    self.channel = channel
    return channel
  }

  private func flush(_ channel: EmbeddedChannel) throws {
    while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
      try network.send(Array(buffer.readableBytesView))
    }
  }

  /// The client has said goodbye.
  var hasHeardGoodbye: Bool { channel?.isActive == false && error == nil }

  /// Sends plaintext.
  func send(_ octets: [UInt8]) throws {
    guard let channel else { return }
    channel.writeAndFlush(ByteBuffer(bytes: octets), promise: nil)
    try flush(channel)
  }

  /// Says goodbye, without ending the connection.
  func sayGoodbye() throws {
    guard let channel else { return }
    channel.close(promise: nil)
    try flush(channel)
  }

  /// Is ready for the next connection.
  func forget() {
    if let channel {
      channel.close(promise: nil)
      channel.embeddedEventLoop.advanceTime(by: .hours(1))
    }
    channel = nil
    network.forget()
    received = []
    error = nil
    fedCount = 0
  }
}
