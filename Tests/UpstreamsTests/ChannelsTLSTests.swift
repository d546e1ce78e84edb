import NIOSSL
import TestSupport
import Testing
import Upstreams

/// TLS channels against a TLS server over real sockets (RFC 7858).
@Suite(.timeLimit(.minutes(10))) struct ChannelsTLSTests {
  /// Sends one query and serves both sides until it arrives or the channel fails; whether it
  /// arrived.
  private func ask(
    _ bench: ChannelsBench, _ peer: TLSPeer, serverName: String?
  ) throws -> (channel: UInt64, isServed: Bool) {
    let upstream = Loopback.upstream(peer.network.address, .tls(serverName: serverName))
    let channel = try #require(bench.channels.open(.stream, to: upstream))
    #expect(bench.channels.send([1, 2, 3], on: channel))
    let isOver = try bench.run(peer.turn) {
      peer.received.count >= 5 || !bench.events.failures.isEmpty
    }
    #expect(isOver)
    return (channel, peer.received == [0, 3, 1, 2, 3])
  }

  private func contains(_ octets: [UInt8], _ text: String) -> Bool {
    octets.firstRange(of: Array(text.utf8)) != nil
  }

  // MARK: - Who is there

  @Test(arguments: ["dns.example", "DNS.Example", "dns.example."])
  func `a certificate with the name is accepted, and the name is told`(name: String) throws {
    let fixture = try TestCertificate.named.get()
    let bench = try ChannelsBench(tls: fixture.settings())
    let peer = try TLSPeer(fixture)
    let (channel, isServed) = try ask(bench, peer, serverName: name)
    #expect(isServed)
    #expect(contains(peer.network.received, name.hasSuffix(".") ? "dns.example" : name))
    #expect(!contains(peer.network.received, "dns.example."))
    #expect(peer.network.received.firstRange(of: [1, 2, 3] as [UInt8]) == nil, "it is encrypted")
    try peer.send(framed([4]) + framed([5, 6]) + [0])
    #expect(try bench.run(peer.turn) { bench.events.messages.count == 2 })
    try peer.send([2])
    try peer.send([7, 8])
    #expect(try bench.run(peer.turn) { bench.events.messages.count == 3 })
    #expect(bench.events.octets == [[4], [5, 6], [7, 8]])
    #expect(bench.events.messages.allSatisfy { $0.channel == channel })
    #expect(bench.events.failures.isEmpty)
    #expect(!bench.isReady)
  }

  @Test(arguments: [nil, "127.0.0.1"])
  func `without a name the certificate bears the address, and none is told`(name: String?) throws {
    let fixture = try TestCertificate.addressed.get()
    let bench = try ChannelsBench(tls: fixture.settings())
    let peer = try TLSPeer(fixture)
    #expect(try ask(bench, peer, serverName: name).isServed)
    #expect(!contains(peer.network.received, "127.0.0.1"))
  }

  /// A certificate, and a name that it does not bear.
  enum Mismatch: CaseIterable {
    case otherName, noName, otherAddress, addressForName, parent, notOne

    var isNamed: Bool { self != .addressForName && self != .otherAddress }
    var name: String? {
      switch self {
      case .otherName: "dns.test"
      case .noName: nil
      case .otherAddress: "127.0.0.2"
      case .addressForName: "dns.example"
      case .parent: "example"
      case .notOne: "dns example"
      }
    }
  }

  @Test(arguments: Mismatch.allCases)
  func `another certificate is refused, and no query is sent`(mismatch: Mismatch) throws {
    let fixture = try (mismatch.isNamed ? TestCertificate.named : TestCertificate.addressed).get()
    let bench = try ChannelsBench(tls: fixture.settings())
    let peer = try TLSPeer(fixture)
    let (channel, isServed) = try ask(bench, peer, serverName: mismatch.name)
    #expect(!isServed)
    #expect(peer.received.isEmpty)
    #expect(bench.events.failures == [.init(channel: channel, failure: .tls)])
    #expect(bench.channels.openCount == 0)
    #expect(try bench.run(peer.turn) { peer.network.isEnded })
  }

  @Test(arguments: [false, true])
  func `an authority that is not trusted is refused`(ownAuthority: Bool) throws {
    let fixture = try TestCertificate.named.get()
    let settings = ownAuthority ? try TestCertificate.addressed.get().settings() : try TLSSettings()
    let bench = try ChannelsBench(tls: settings)
    let peer = try TLSPeer(fixture)
    #expect(try !ask(bench, peer, serverName: "dns.example").isServed)
    #expect(bench.events.failures.map(\.failure) == [.tls])
    #expect(try bench.run(peer.turn) { peer.error != nil })
    #expect("\(peer.error.map { "\($0)" } ?? "")".contains("ALERT"), "the server is told")
  }

  @Test func `a client certificate is shown when the server wants one`() throws {
    let fixture = try TestCertificate.named.get()
    let client = try TestCertificate.addressed.get()
    let peer = try TLSPeer(fixture, clientAuthority: client)
    let settings = try TLSSettings(
      .init(
        certificateFile: client.certificateFile, keyFile: client.keyFile,
        authorityFile: fixture.certificateFile))
    #expect(try ask(ChannelsBench(tls: settings), peer, serverName: "dns.example").isServed)
    peer.forget()
    let bench = try ChannelsBench(tls: fixture.settings())
    #expect(try !ask(bench, peer, serverName: "dns.example").isServed)
    #expect(bench.events.failures.map(\.failure) == [.tls])
  }

  @Test(arguments: [(TLSVersion.tlsv11, false), (.tlsv12, true), (.tlsv13, true)])
  func `old versions are not spoken`(newest: TLSVersion, isSpoken: Bool) throws {
    let fixture = try TestCertificate.named.get()
    let bench = try ChannelsBench(tls: fixture.settings())
    let peer = try TLSPeer(fixture, newest: newest)
    #expect(try ask(bench, peer, serverName: "dns.example").isServed == isSpoken)
    #expect(bench.events.failures.map(\.failure) == (isSpoken ? [] : [.tls]))
  }

  // MARK: - Handshakes that come to nothing

  /// What a server sends instead of its part of the handshake, before it ends the connection.
  @Test(arguments: [[], [22], [22, 3, 3, 0, 4, 2, 0, 0], [72, 84, 84, 80, 47, 49, 46, 49, 32]])
  func `an end in the handshake is a failure of TLS`(octets: [UInt8]) throws {
    let bench = try ChannelsBench(tls: TestCertificate.named.get().settings())
    let peer = try StreamPeer()
    let upstream = Loopback.upstream(peer.address, .tls(serverName: "dns.example"))
    let channel = try #require(bench.channels.open(.stream, to: upstream))
    #expect(bench.channels.send([1, 2, 3], on: channel))
    #expect(try bench.run(peer.turn) { !peer.received.isEmpty })
    try peer.send(octets)
    bench.channels.receive(into: bench.events, now: 7)
    peer.end()
    #expect(bench.run { !bench.events.failures.isEmpty })
    #expect(bench.events.failures == [.init(channel: channel, failure: .tls)])
  }

  @Test func `a half-done handshake just waits, and can be given up`() throws {
    let bench = try ChannelsBench(tls: TestCertificate.named.get().settings())
    let peer = try StreamPeer()
    let upstream = Loopback.upstream(peer.address, .tls(serverName: "dns.example"))
    let channel = try #require(bench.channels.open(.stream, to: upstream))
    #expect(bench.channels.send([1, 2, 3], on: channel))
    #expect(try bench.run(peer.turn) { !peer.received.isEmpty })
    // The start of a ServerHello.
    try peer.send([22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3])
    #expect(bench.run { !bench.isReady })
    #expect(bench.events.failures.isEmpty)
    bench.channels.close(channel)
    #expect(try bench.run(peer.turn) { peer.isEnded })
    #expect(bench.events.failures.isEmpty)
  }

  @Test func `what waits for the handshake is bounded`() throws {
    let bench = try ChannelsBench(tls: TestCertificate.named.get().settings())
    let peer = try StreamPeer()
    let upstream = Loopback.upstream(peer.address, .tls(serverName: nil))
    let channel = try #require(bench.channels.open(.stream, to: upstream))
    #expect(try bench.run(peer.turn) { !peer.received.isEmpty })
    let message = [UInt8](repeating: 0, count: 65_535)
    for _ in 0..<16 { #expect(bench.channels.send(message, on: channel)) }
    #expect(bench.run { !bench.events.failures.isEmpty })
    #expect(bench.events.failures == [.init(channel: channel, failure: .error)])
  }

  @Test func `without settings a TLS channel fails`() throws {
    let bench = try ChannelsBench()
    let upstream = Loopback.upstream(try Loopback.freeAddress(), .tls(serverName: nil))
    let channel = try #require(bench.channels.open(.stream, to: upstream))
    #expect(bench.run { !bench.events.failures.isEmpty })
    #expect(bench.events.failures == [.init(channel: channel, failure: .tls)])
  }

  // MARK: - Ends

  @Test(arguments: [false, true])
  func `the server's goodbye, or its end without one, ends the channel`(saysGoodbye: Bool) throws {
    let fixture = try TestCertificate.named.get()
    let bench = try ChannelsBench(tls: fixture.settings())
    let peer = try TLSPeer(fixture)
    let (channel, isServed) = try ask(bench, peer, serverName: "dns.example")
    #expect(isServed)
    try peer.send(framed([4]) + framed([5]) + [0, 9])
    if saysGoodbye { try peer.sayGoodbye() } else { peer.network.end() }
    #expect(bench.run { !bench.events.failures.isEmpty })
    #expect(bench.events.octets == [[4], [5]])
    #expect(bench.events.failures == [.init(channel: channel, failure: .closed)])
  }

  @Test func `closing says goodbye`() throws {
    let fixture = try TestCertificate.named.get()
    let bench = try ChannelsBench(tls: fixture.settings())
    let peer = try TLSPeer(fixture)
    let (channel, isServed) = try ask(bench, peer, serverName: "dns.example")
    #expect(isServed)
    bench.channels.close(channel)
    #expect(try bench.run(peer.turn) { peer.hasHeardGoodbye })
    #expect(try bench.run(peer.turn) { peer.network.isEnded })
  }

  @Test func `a record that was changed on its way is refused`() throws {
    let fixture = try TestCertificate.named.get()
    let bench = try ChannelsBench(tls: fixture.settings())
    let peer = try TLSPeer(fixture)
    let (channel, isServed) = try ask(bench, peer, serverName: "dns.example")
    #expect(isServed)
    try peer.network.send([23, 3, 3, 0, 32] + [UInt8](repeating: 0, count: 32))
    #expect(bench.run { !bench.events.failures.isEmpty })
    #expect(bench.events.messages.isEmpty)
    #expect(bench.events.failures == [.init(channel: channel, failure: .tls)])
  }
}
