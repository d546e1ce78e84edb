import DNSWire
import PluginChain
import Server
import Sockets
import Synchronization
import TestSupport
import Testing

/// A server that runs in this process, stopped with its owner.
final class TestServer: Sendable {
  /// The server.
  let server: DNSServer
  private let isStopped = Mutex(false)

  /// A server on `addresses` that sends every query to `chain`.
  convenience init(
    _ chain: Chain, on addresses: [SocketAddress] = [.loopback()], workerCount: Int = 1,
    residents: [[Resident]] = [], _ adjust: (inout ServerLimits) -> Void = { _ in }
  ) throws {
    try self.init(
      RouteTable([(DomainName.root, chain)]), on: addresses, workerCount: workerCount,
      residents: residents, adjust)
  }

  /// A server on `addresses` that sends queries where `routes` says.
  init(
    _ routes: RouteTable, on addresses: [SocketAddress] = [.loopback()], workerCount: Int = 1,
    residents: [[Resident]] = [], _ adjust: (inout ServerLimits) -> Void = { _ in }
  ) throws {
    var limits = ServerLimits.patient
    adjust(&limits)
    server = try DNSServer(
      addresses.map { Listener($0, routes) }, workerCount: workerCount, limits: limits,
      residents: residents)
  }

  deinit {
    stop()
  }

  /// Stops it, once.
  func stop() {
    let isFirst = isStopped.withLock { stopped in
      defer { stopped = true }
      return !stopped
    }
    if isFirst { server.stop() }
  }

  /// The port of the first address.
  var port: UInt16 { server.addresses.first?.port ?? 0 }
  /// The first address.
  var address: SocketAddress { .loopback(port: port) }
  /// A client of it.
  var client: DNSClient { DNSClient(port: port) }

  /// Both transports must answer.
  func expectAnswers(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let overUDP = try client.ask(Packet())
    let overTCP = try client.askOverTCP(Packet())
    #expect(overUDP.responseCode == 0, sourceLocation: sourceLocation)
    #expect(overTCP.responseCode == 0, sourceLocation: sourceLocation)
  }

  /// Lets a waiting query go on.
  func resume(_ waiting: Gate.Waiting) {
    server.mailbox(worker: waiting.worker)?.resume(ticket: waiting.ticket)
  }
}

extension ServerLimits {
  /// Those of a server whose tests may have to wait for threads: nothing ends by its time unless a
  /// test says so.
  static var patient: ServerLimits {
    let long: UInt64 = 600_000_000_000
    var limits = ServerLimits()
    limits.tcpIdleNanoseconds = long
    limits.tcpFirstOctetNanoseconds = long
    limits.tcpMessageNanoseconds = long
    limits.tcpWriteNanoseconds = long
    limits.tcpAgeNanosecondsMax = long
    limits.waitingNanoseconds = long
    return limits
  }
}

extension DNSClient {
  /// Asks over UDP and takes the reply apart.
  func ask(_ packet: Packet) throws -> ParsedMessage {
    try ParsedMessage(udp(packet.octets, timeout: .seconds(20)))
  }

  /// Asks over a connection of its own.
  func askOverTCP(_ packet: Packet) throws -> ParsedMessage {
    try ParsedMessage(tcp(packet.octets, timeout: .seconds(20)))
  }
}

extension TCPConnection {
  /// Sends one query.
  borrowing func send(_ packet: Packet) throws {
    try sendMessage(packet.octets)
  }

  /// The next reply, taken apart.
  borrowing func reply() throws -> ParsedMessage {
    try ParsedMessage(receiveMessage(timeout: .seconds(20)))
  }

  /// Whether the server has ended the connection, once it has.
  borrowing func ends() -> Bool {
    do {
      return try receiveSome(timeout: .seconds(20)).isEmpty
    } catch SocketError.system(_, _) {
      return true
    } catch {
      return false
    }
  }
}
