import TestSupport
import Testing

/// A client that sends and receives apart, over one transport or the other.
struct Asker: ~Copyable {
  private let channel: UDPChannel
  private let connection: TCPConnection
  private let overTCP: Bool

  /// A client of `server`.
  init(_ server: TestServer, overTCP: Bool = false) throws {
    let channel = try UDPChannel(to: server.client)
    let connection = try TCPConnection(to: server.client)
    self.channel = channel
    self.connection = connection
    self.overTCP = overTCP
  }

  /// Sends one query.
  borrowing func send(_ packet: Packet) throws {
    if overTCP { try connection.send(packet) } else { try channel.send(packet.octets) }
  }

  /// The next reply, taken apart.
  borrowing func reply() throws -> ParsedMessage {
    if overTCP { return try connection.reply() }
    return try ParsedMessage(channel.receive(timeout: .seconds(20)))
  }

  /// Asks and waits for the reply.
  borrowing func ask(_ packet: Packet) throws -> ParsedMessage {
    try send(packet)
    return try reply()
  }
}

/// Both transports, for tests that both must pass.
let overEither = [false, true]

/// There was no reply where a test needs one.
struct NoReply: Error {}
