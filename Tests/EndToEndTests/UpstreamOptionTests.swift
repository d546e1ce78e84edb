import TestSupport
import Testing

/// Options of `forward` that show from outside.
@Suite struct UpstreamOptionTests {
  private func ask(_ server: UpstreamServer, _ count: Int) throws {
    for n in 0..<count { #expect(try server.ask("ok.n\(n).test.").isGood) }
  }

  private func counts(_ upstreams: [EvilUpstream]) -> [Int] {
    upstreams.map { $0.received.count { $0.name.hasPrefix("ok.n") } }
  }

  @Test func `sequential asks the first`() throws {
    let upstreams = [try EvilUpstream(), try EvilUpstream(), try EvilUpstream()]
    let list = upstreams.map(\.text).joined(separator: " ")
    try ask(try UpstreamServer("forward . \(list) {\npolicy sequential\n}"), 30)
    #expect(counts(upstreams).first == 30)
  }

  @Test(arguments: ["round_robin", "random"])
  func `other policies ask all`(policy: String) throws {
    let upstreams = [try EvilUpstream(), try EvilUpstream(), try EvilUpstream()]
    let list = upstreams.map(\.text).joined(separator: " ")
    try ask(try UpstreamServer("forward . \(list) {\npolicy \(policy)\n}"), 90)
    let counts = counts(upstreams)
    // Of 90 throws of a die with three sides fewer than 8 of one side come once in a million times.
    #expect(counts.allSatisfy { $0 >= 8 } && counts.reduce(0, +) >= 90, "\(counts)")
  }

  @Test func `force_tcp asks by TCP alone`() throws {
    let upstream = try EvilUpstream()
    try ask(try UpstreamServer("forward . \(upstream.text) {\nforce_tcp\n}"), 20)
    let questions = upstream.received.filter { $0.name.hasPrefix("ok.n") }
    #expect(questions.count == 20 && questions.allSatisfy(\.isStream))
    #expect(Set(questions.map(\.connection)).count < 20, "connections are used again")
  }

  @Test(arguments: [("", true), ("prefer_udp", false)])
  func `the client's transport decides, or prefer_udp`(option: String, isStream: Bool) throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer("forward . \(upstream.text) {\n\(option)\n}")
    for n in 0..<10 {
      let query = Query("ok.n\(n).test.", .a, id: 3).bytes
      #expect(try ParsedMessage(server.client.tcp(query)).isGood)
    }
    let questions = upstream.received.filter { $0.name.hasPrefix("ok.n") }
    #expect(questions.count == 10 && questions.allSatisfy { $0.isStream == isStream })
  }

  @Test func `queries leave from the source address, from changing ports`() throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer("forward . \(upstream.text) {\nsource_address 127.0.0.5\n}")
    try ask(server, 40)
    let questions = upstream.received.filter { $0.name.hasPrefix("ok.n") }
    let own = try #require(SocketAddress(host: "127.0.0.5", port: 0))
    #expect(questions.allSatisfy { $0.source.isSameHost(as: own) })
    #expect(Set(questions.map(\.sourcePort)).count >= 38)
  }

  @Test(arguments: [("failover SERVFAIL REFUSED", true), ("", false)])
  func `failover asks the next upstream`(option: String, isGood: Bool) throws {
    let first = try EvilUpstream { asked in [.send(asked.empty.with { $0.code = 5 })] }
    let second = try EvilUpstream()
    let server = try UpstreamServer(
      "forward . \(first.text) \(second.text) {\npolicy sequential\n\(option)\n}")
    #expect(try server.ask("ok.n1.test.").isGood == isGood)
  }

  @Test(arguments: [
    ("next NXDOMAIN", "nx", true), ("next_on_nodata", "nodata", true), ("", "nx", false),
  ])
  func `next hands a reply to the next forward`(option: String, mode: String, isGood: Bool) throws {
    let first = try EvilUpstream()
    let second = try EvilUpstream { asked in [.send(asked.good)] }
    let server = try UpstreamServer(
      "forward . \(first.text) {\n\(option)\n}\nforward . \(second.text)")
    #expect(try server.ask("\(mode).n1.test.").isGood == isGood)
    #expect(try server.ask("ok.n2.test.").isGood)
    #expect(second.received(for: "ok.n2.test.").isEmpty)
  }

  @Test func `an upstream that failed is probed with the name that was told`() throws {
    let isDead = Flag()
    isDead.set()
    let upstream = try EvilUpstream { asked in isDead.isSet ? [] : [.send(asked.good)] }
    let server = try UpstreamServer(
      "forward . \(upstream.text) {\nhealth_check 0.2s no_rec domain probe.example\n}")
    #expect(try server.ask("ok.n1.test.").responseCode == 2)
    let isProbed = waitUntil(.seconds(60)) {
      upstream.received(for: "probe.example.").contains { !$0.message.header.has(.rd) }
    }
    #expect(isProbed)
    isDead.set(to: false)
    var count = 1
    let isBack = try waitUntil(.seconds(60)) {
      count += 1
      return try server.ask("ok.n\(count).test.").isGood
    }
    #expect(isBack)
  }

  @Test func `IPv6 upstreams are asked`() throws {
    let upstream: EvilUpstream
    do {
      upstream = try EvilUpstream(host: "::1")
    } catch {
      return  // no IPv6 on this machine
    }
    try ask(try UpstreamServer("forward . \(upstream.text)"), 5)
    #expect(counts([upstream]) == [5])
  }
}
