import Sockets
import TestSupport
import Testing
import Upstreams

/// Addresses of this host, in the server's form.
enum Loopback {
  /// An address of 127.0.0.0/8 by its last octet.
  static func address(_ last: UInt8 = 1, port: UInt16 = 0) -> Sockets.SocketAddress {
    let bits = UInt64(0x7F00_0000 | UInt32(last)) << 32
    return Sockets.SocketAddress(isV6: false, high: bits, low: 0, port: port)
  }

  /// A port of 127.0.0.1 where nobody listens.
  static func freeAddress() throws -> Sockets.SocketAddress {
    address(port: try freePort())
  }

  /// An upstream there.
  static func upstream(
    _ address: Sockets.SocketAddress, _ transport: Upstream.Transport = .plain
  ) -> Upstream {
    Upstream(address: address, transport: transport, text: "loopback")
  }
}

/// Notes what comes, and may act upon it as the engine does.
final class RecordingEvents: UpstreamEvents {
  struct Message: Equatable {
    let octets: [UInt8]
    let channel: UInt64
  }

  struct Failure: Equatable {
    let channel: UInt64
    let failure: ChannelFailure
  }

  private(set) var messages: [Message] = []
  private(set) var failures: [Failure] = []
  private(set) var times: Set<UInt64> = []
  /// Runs for each message, with its channel.
  var onMessage: (UInt64) -> Void = { _ in }
  /// Runs for each failure, with its channel.
  var onFailure: (UInt64) -> Void = { _ in }

  func received(_ message: borrowing Span<UInt8>, on channel: UInt64, now: UInt64) {
    var octets: [UInt8] = []
    octets.reserveCapacity(message.count)
    for index in message.indices { octets.append(message[index]) }
    messages.append(Message(octets: octets, channel: channel))
    times.insert(now)
    onMessage(channel)
  }

  func failed(_ channel: UInt64, _ failure: ChannelFailure, now: UInt64) {
    failures.append(Failure(channel: channel, failure: failure))
    times.insert(now)
    onFailure(channel)
  }

  /// The octets of the messages.
  var octets: [[UInt8]] { messages.map(\.octets) }
}

/// Channels with their events, driven as a worker drives them: when the descriptor is readable.
final class ChannelsBench {
  let channels: SocketChannels
  let events = RecordingEvents()
  private let poll: EventPoll

  init(source: Sockets.SocketAddress? = nil, tls: TLSSettings? = nil) throws {
    channels = try SocketChannels(source: source, tls: tls)
    poll = try EventPoll()
    try poll.add(channels.descriptor, token: 1, interest: .read)
  }

  /// Whether the worker would be woken.
  var isReady: Bool { poll.wait(milliseconds: 0) > 0 }

  /// Serves the channels, and runs `turn` of the other side, until `condition` holds.
  func run(_ turn: () throws -> Void, until condition: () -> Bool) rethrows -> Bool {
    try waitUntil(.seconds(20), every: .milliseconds(1)) {
      for _ in 0..<50 {
        if isReady { channels.receive(into: events, now: 7) }
        try turn()
        if condition() { return true }
      }
      return false
    }
  }

  /// Serves the channels until `condition` holds.
  func run(until condition: () -> Bool) -> Bool {
    run({}, until: condition)
  }
}

/// An upstream that is asked by UDP.
final class DatagramPeer {
  struct Arrival {
    let octets: [UInt8]
    let client: Sockets.SocketAddress
  }

  private let socket: UDPSocket

  init(_ address: Sockets.SocketAddress = Loopback.address()) throws {
    socket = try UDPSocket(address)
  }

  var address: Sockets.SocketAddress { socket.local }

  /// Waits for the next datagram.
  func next() throws -> Arrival {
    var batch = DatagramBatch(slotCount: 1)
    let hasCome = waitUntil(.seconds(20), every: .milliseconds(1)) {
      batch.receive(from: socket) > 0
    }
    try #require(hasCome)
    var octets: [UInt8] = []
    batch.withQuery(0, &octets) { span, octets in
      for index in span.indices { octets.append(span[index]) }
    }
    return Arrival(octets: octets, client: batch.client(0))
  }

  func send(_ octets: [UInt8], to client: Sockets.SocketAddress) {
    socket.send(octets.span, to: client, from: socket.local)
  }
}

/// The upstream's side of one TCP connection.
final class StreamPeer {
  private let listener: TCPListener
  private(set) var stream: TCPStream?
  /// What has been received.
  private(set) var received: [UInt8] = []
  /// The other side has finished, or is gone.
  private(set) var isEnded = false

  init() throws {
    listener = try TCPListener(Loopback.address())
  }

  var address: Sockets.SocketAddress { listener.local }

  /// Accepts a connection, and reads what there is.
  func turn() throws {
    if stream == nil { stream = try listener.accept()?.stream }
    guard let stream, !isEnded else { return }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    do {
      guard let count = try stream.read(into: &buffer, at: 0) else { return }
      if count == 0 { isEnded = true }
      received += buffer[..<count]
    } catch {
      isEnded = true
    }
  }

  /// Sends octets as they are.
  func send(_ octets: [UInt8]) throws {
    _ = try stream?.write(octets, 0..<octets.count)
  }

  /// Ends the connection; with a reset when `isAbrupt`.
  func end(isAbrupt: Bool = false) {
    if isAbrupt { stream?.resetOnClose() }
    stream = nil
    isEnded = true
  }

  /// Is ready for the next connection.
  func forget() {
    end()
    received = []
    isEnded = false
  }
}

/// The message with its length in front.
func framed(_ message: [UInt8]) -> [UInt8] {
  TCPConnection.framed(message)
}
