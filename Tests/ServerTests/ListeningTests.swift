import DNSWire
import Glibc
import PluginChain
import Server
import Sockets
import Synchronization
import TestSupport
import Testing

/// Addresses and ports of a running server, and what is left of it when it stops.
@Suite(.timeLimit(.minutes(10))) struct ListeningTests {
  private func routes(_ chain: Chain = .answering()) -> RouteTable {
    RouteTable([(.root, chain)])
  }

  private func expectAnswers(
    _ host: String, _ port: UInt16, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let client = DNSClient(host: host, port: port)
    let replies = [try client.ask(Packet(id: 1)), try client.askOverTCP(Packet(id: 1))]
    for reply in replies {
      #expect(reply.header.id == 1, sourceLocation: sourceLocation)
      #expect(reply.records.count == 1, sourceLocation: sourceLocation)
    }
  }

  // MARK: - Addresses

  @Test(arguments: [
    (SocketAddress.loopback(), ["127.0.0.1"]),
    (.loopback(2), ["127.0.0.2"]),
    (.loopbackV6(), ["::1"]),
    (.wildcard(isV6: false, port: 0), ["127.0.0.1", "127.0.0.2", "127.255.255.254"]),
    (.wildcard(isV6: true, port: 0), ["::1"]),
  ])
  func `UDP and TCP are served on one free port`(address: SocketAddress, hosts: [String]) throws {
    let server = try TestServer(.answering(), on: [address])
    #expect(server.server.addresses.count == 1)
    var expected = address
    expected.port = server.port
    #expect(server.server.addresses == [expected])
    #expect(server.port != 0)
    for host in hosts { try expectAnswers(host, server.port) }
  }

  @Test func `both wildcards share a port number and stay apart`() throws {
    let port = try freePort()
    let server = try TestServer(
      .answering(),
      on: [.wildcard(isV6: false, port: port), .wildcard(isV6: true, port: port)])
    for host in ["127.0.0.1", "127.0.0.9", "::1"] { try expectAnswers(host, port) }
    #expect(server.server.addresses.map(\.port) == [port, port])
  }

  @Test func `each address has its own server blocks`() throws {
    let first = Listener(.loopback(1), routes(.answering(recordCount: 1)))
    let second = Listener(.loopback(2), routes(.answering(recordCount: 2)))
    let server = try DNSServer([first, second], workerCount: 2)
    defer { server.stop() }
    #expect(server.addresses.count == 2)
    for (index, address) in server.addresses.enumerated() {
      let client = DNSClient(host: "127.0.0.\(index + 1)", port: address.port)
      #expect(try client.ask(Packet()).records.count == index + 1)
      #expect(try client.askOverTCP(Packet()).records.count == index + 1)
    }
  }

  @Test func `the chain is told who asks and what was asked`() throws {
    let seen = Mutex<[String]>([])
    let chain = Chain.doing { exchange in
      let text = "\(exchange.client.address) \(exchange.server.address):\(exchange.server.port)"
      seen.withLock { $0.append(text) }
      return .unanswered
    }
    let server = try TestServer(chain, on: [.wildcard(isV6: false, port: 0)])
    let port = server.port
    let client = DNSClient(host: "127.0.0.5", port: port)
    let source = try #require(ClientAddress(host: "127.0.0.77", port: 0))
    let asked = try #require(ClientAddress(host: "127.0.0.5", port: port))
    _ = try UDPChannel.exchange(
      Packet().octets, with: asked, from: source, timeout: .seconds(20))
    _ = try client.askOverTCP(Packet())
    #expect(seen.withLock { $0[0] } == "127.0.0.77 127.0.0.5:\(port)")
    #expect(seen.withLock { $0[1].hasSuffix(" 127.0.0.5:\(port)") })
  }

  // MARK: - Reply source (RFC 2181 §4.1)

  @Test(arguments: ["127.0.0.1", "127.0.0.2", "127.1.2.3", "::1"], [false, true])
  func `a reply leaves from the address that was asked`(host: String, waits: Bool) throws {
    let gate = Gate()
    let isV6 = host.contains(":")
    let server = try TestServer(
      Chain([{ GateHandler(gate, next: $0) }]), on: [.wildcard(isV6: isV6, port: 0)])
    let asked = try #require(ClientAddress(host: host, port: server.port))
    let source = try #require(
      ClientAddress(host: isV6 ? "::1" : "127.0.0.77", port: 0))
    let packet = Packet(id: 3, name: Query.wireName(waits ? "slow.test" : "fast.test"))
    let resumer = try SystemThread(name: "resumer") {
      if waits, let waiting = gate.arrival(id: 3) { server.resume(waiting) }
    }
    let (reply, from) = try UDPChannel.exchange(
      packet.octets, with: asked, from: source, timeout: .seconds(20))
    resumer.join()
    #expect(try ParsedMessage(reply).records.count == 1)
    #expect(from?.isSameEndpoint(as: asked) == true)
  }

  // MARK: - Workers

  @Test func `several workers share a port`() throws {
    let workers = Mutex<Set<Int>>([])
    let chain = Chain.doing { exchange in
      let worker = exchange.worker
      workers.withLock { _ = $0.insert(worker) }
      return .unanswered
    }
    let server = try TestServer(chain, workerCount: 4)
    #expect(server.server.addresses.count == 1)
    // The kernel spreads by source port.
    let allAnswerUDP = try waitUntil(.seconds(60), every: .zero) {
      _ = try server.client.ask(Packet())
      return workers.withLock { $0.count == 4 }
    }
    #expect(allAnswerUDP)
    workers.withLock { $0.removeAll() }
    let allAnswerTCP = try waitUntil(.seconds(60), every: .zero) {
      _ = try server.client.askOverTCP(Packet())
      return workers.withLock { $0.count == 4 }
    }
    #expect(allAnswerTCP)
    #expect(workers.withLock { $0 } == [0, 1, 2, 3])
    for worker in 0..<4 { #expect(server.server.mailbox(worker: worker) != nil) }
    #expect(server.server.mailbox(worker: 4) == nil)
    #expect(server.server.mailbox(worker: -1) == nil)
  }

  @Test func `there is always a worker`() throws {
    let server = try TestServer(.answering(), workerCount: 0)
    try expectAnswers("127.0.0.1", server.port)
  }

  @Test func `a burst larger than a batch is answered whole`() throws {
    let server = try TestServer(.answering())
    let channel = try UDPChannel(to: server.client)
    let count = 200
    for id in 0..<count { try channel.send(Packet(id: UInt16(id)).octets) }
    var ids: Set<UInt16> = []
    for _ in 0..<count {
      ids.insert(try ParsedMessage(channel.receive(timeout: .seconds(20))).header.id)
    }
    #expect(ids.count == count)
  }

  @Test func `a datagram that gets no reply does not disturb the next`() throws {
    let server = try TestServer(.answering())
    let channel = try UDPChannel(to: server.client)
    for octets in [[], [1], Packet(flags: 0x8000).octets, [UInt8](repeating: 0xFF, count: 60_000)] {
      try channel.send(octets)
    }
    try channel.send(Packet(id: 77).octets)
    #expect(try ParsedMessage(channel.receive(timeout: .seconds(20))).header.id == 77)
  }

  // MARK: - Stop

  /// Whether the port can be had: soon, for a process that another test is starting holds copies of
  /// all descriptors until it is another program.
  private func isFree(_ address: SocketAddress, _ isStream: Bool) -> Bool {
    waitUntil(.seconds(20)) { (try? RawSocket(isStream: isStream, boundTo: address)) != nil }
  }

  @Test func `stop ends everything and frees the ports`() throws {
    let server = try TestServer(
      .answering(), on: [.loopback(), .loopback(2), .loopbackV6()], workerCount: 3)
    let addresses = server.server.addresses
    let connection = try TCPConnection(to: server.client)
    try connection.send(Packet())
    _ = try connection.reply()
    // Returns when every worker's thread has ended.
    server.stop()
    let hasEnded = connection.ends()
    #expect(hasEnded)
    for address in addresses {
      for isStream in [false, true] { #expect(isFree(address, isStream)) }
    }
  }

  @Test func `stop answers what has come and lets no connection hold it up`() throws {
    let server = try TestServer(.answering(recordCount: 4000)) {
      $0.tcpIdleNanoseconds = .max
      $0.tcpFirstOctetNanoseconds = .max
      $0.tcpMessageNanoseconds = .max
      $0.stopNanoseconds = 600_000_000_000
    }
    let silent = try RawSocket.connected(to: server.address)
    let unfinished = try RawSocket.connected(to: server.address)
    let late = try RawSocket.connected(to: server.address)
    let isSent = unfinished.sendAll([0, 40, 1])
    let isSentToo = late.sendAll((0..<50).flatMap { TCPConnection.framed(Packet(id: $0).octets) })
    #expect(isSent && isSentToo)
    guard case .octets(let start) = late.receiveSome(countMax: 10) else {
      Issue.record("no reply")
      return
    }
    let stopper = try SystemThread(name: "stopper") { server.stop() }
    let (octets, end) = late.drain()
    #expect(start.count + octets.count == 50 * (2 + 33 + 16 * 4000))
    #expect(end == .end)
    for received in [silent.drain(), unfinished.drain()] {
      #expect(received.octets.isEmpty)
      #expect(received.end == .end || received.end == .reset)
    }
    stopper.join()
  }

  // MARK: - Failures

  @Test(arguments: [false, true], [false, true])
  func `a port that is taken is an error that names it`(isStream: Bool, isOptional: Bool) throws {
    let port = try freePort()
    let address = SocketAddress.loopback(port: port)
    do {
      let holder = try RawSocket(isStream: isStream, boundTo: address)
      if isStream { holder.listen() }
      let error = #expect(throws: ListenError.self) {
        try DNSServer(
          [
            Listener(.loopback(2), routes()), Listener(address, routes(), isOptional: isOptional),
          ], workerCount: 2)
      }
      #expect(error?.address == address)
      #expect(error?.cause == SystemError("bind", code: EADDRINUSE))
      _ = consume holder
    }
    // Nothing of the failed start holds the port.
    try #require(isFree(address, isStream))
    let server = try DNSServer([Listener(address, routes())], workerCount: 2)
    server.stop()
  }

  @Test func `an address that this machine does not have is an error`() {
    // TEST-NET-3, RFC 5737.
    let elsewhere = SocketAddress(isV6: false, high: 0xCB00_7101 << 32, low: 0, port: 0)
    let error = #expect(throws: ListenError.self) {
      try DNSServer([Listener(elsewhere, routes())], workerCount: 1)
    }
    #expect(error?.address.high == elsewhere.high)
    #expect(error?.cause == SystemError("bind", code: EADDRNOTAVAIL))
  }

  @Test func `an optional address that cannot be had is left out`() throws {
    let elsewhere = SocketAddress(isV6: false, high: 0xCB00_7101 << 32, low: 0, port: 0)
    let server = try DNSServer(
      [
        Listener(elsewhere, routes(), isOptional: true), Listener(.loopback(3), routes()),
        Listener(.loopback(4), routes(), isOptional: true),
      ], workerCount: 3)
    defer { server.stop() }
    #expect(server.addresses.map(\.high) == [3, 4].map { SocketAddress.loopback($0).high })
    for (host, address) in zip(["127.0.0.3", "127.0.0.4"], server.addresses) {
      try expectAnswers(host, address.port)
    }
  }
}
