import NIOCore
import NIOEmbedded
import NIOSSL
import Sockets

/// The client's side of one TLS connection, without any I/O (RFC 7858, RFC 8310): octets of the
/// network go in and out on one side, plaintext on the other.
///
/// NIOSSL comes as a handler of NIO's channels. An `EmbeddedChannel` is the one that needs neither
/// an event loop's thread nor sockets: it does all its work in the call that hands it something, on
/// the caller's thread. So TLS upstreams share the sockets, the queues and the framing of the
/// others, no octet crosses threads, and nothing is locked. Its clock stands still until it is told
/// to move; deadlines are the engine's. It must be made, used and released on one thread: the
/// worker's.
///
/// NIOSSL offers no way to resume a session; connections are kept open instead.
final class TLSSession {
  /// No session can be had: no settings, or a name that no certificate can bear.
  struct Unusable: Error {}

  private let channel: EmbeddedChannel
  private let waiting = WaitingCount()
  private var isEnded = false
  /// Why the session is over: `.tls`, or `.closed` when the peer said so.
  private(set) var failure: ChannelFailure?

  /// Plaintext that waits for the end of the handshake.
  private final class WaitingCount {
    var octetCount = 0
  }

  /// A session whose first octets are ready to be sent.
  ///
  /// The certificate must bear `serverName`, which is also told to the server (SNI), or without a
  /// name, or when the name is an address, that address.
  init(_ settings: TLSSettings, address: Sockets.SocketAddress, serverName: String?) throws {
    let expected = try ExpectedPeer(address: address, serverName: serverName)
    let handler = try NIOSSLClientHandler(
      context: settings.context, serverHostname: expected.name)
    channel = EmbeddedChannel(handler: handler)
    // This connects nothing, but starts the handshake.
    channel.connect(to: expected.address, promise: nil)
    channel.embeddedEventLoop.run()
    noteOutcome()
  }

  deinit {
    end()
  }

  /// Octets of plaintext that wait for the end of the handshake.
  var waitingOctetCount: Int { waiting.octetCount }

  /// Takes octets of the network.
  func receive(_ octets: ArraySlice<UInt8>) {
    guard failure == nil, !isEnded else { return }
    let pipeline = channel.pipeline.syncOperations
    pipeline.fireChannelRead(NIOAny(channel.allocator.buffer(bytes: octets)))
    pipeline.fireChannelReadComplete()
    channel.embeddedEventLoop.run()
    noteOutcome()
  }

  /// Takes plaintext to be sent, at once or after the handshake.
  func send(_ octets: [UInt8]) {
    guard failure == nil, !isEnded else { return }
    let promise = channel.embeddedEventLoop.makePromise(of: Void.self)
    let (waiting, count) = (waiting, octets.count)
    waiting.octetCount += count
    promise.futureResult.assumeIsolated().whenComplete { _ in waiting.octetCount -= count }
    channel.writeAndFlush(channel.allocator.buffer(bytes: octets), promise: promise)
    noteOutcome()
  }

  /// Appends what is for the network.
  func takeOutput(into output: inout [UInt8]) {
    while let buffer = try? channel.readOutbound(as: ByteBuffer.self) {
      output += buffer.readableBytesView
    }
  }

  /// Appends plaintext that came.
  func takeInput(into framing: inout StreamFraming) {
    while let buffer = try? channel.readInbound(as: ByteBuffer.self) {
      framing.append(buffer.readableBytesView)
    }
  }

  /// The network's side has ended: whether that was in the handshake, so that it counts as a
  /// failure of TLS.
  func isRefusedByEnd() -> Bool {
    if failure == nil, !isEnded {
      channel.pipeline.syncOperations.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
      channel.embeddedEventLoop.run()
      noteOutcome()
    }
    return failure == .tls
  }

  /// Says goodbye (close_notify) and gives up everything. Afterwards only output can be taken.
  func end() {
    guard !isEnded else { return }
    isEnded = true
    channel.close(promise: nil)
    // NIOSSL waits for the peer's goodbye, and stops when its time is over: that is now.
    channel.embeddedEventLoop.advanceTime(by: TLSSettings.shutdownTimeout)
  }

  private func noteOutcome() {
    do {
      try channel.throwIfErrorCaught()
      if failure == nil, !channel.isActive { failure = .closed }
    } catch NIOSSLError.uncleanShutdown {
      failure = failure ?? .closed
    } catch {
      failure = failure ?? .tls
    }
  }
}

/// What the certificate is held against.
private struct ExpectedPeer {
  let name: String?
  let address: NIOCore.SocketAddress

  init(address: Sockets.SocketAddress, serverName: String?) throws {
    guard let serverName else {
      name = nil
      self.address = try Self.address(address)
      return
    }
    if let address = try? NIOCore.SocketAddress(ipAddress: serverName, port: 0) {
      name = nil
      self.address = address
    } else {
      // The form of names in certificates and in SNI (RFC 6066 §3).
      name = serverName.hasSuffix(".") ? String(serverName.dropLast()) : serverName
      // NIOSSL also accepts the peer's address in place of the name, which was not asked for; this
      // address no certificate can bear.
      self.address = try NIOCore.SocketAddress(unixDomainSocketPath: "-")
    }
  }

  private static func address(_ address: Sockets.SocketAddress) throws -> NIOCore.SocketAddress {
    var octets = ByteBuffer()
    if address.isV6 {
      octets.writeInteger(address.high)
      octets.writeInteger(address.low)
    } else {
      octets.writeInteger(UInt32(truncatingIfNeeded: address.high >> 32))
    }
    return try NIOCore.SocketAddress(packedIPAddress: octets, port: Int(address.port))
  }
}
