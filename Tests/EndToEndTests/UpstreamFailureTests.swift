import TestSupport
import Testing

/// Upstreams that die, and come back.
@Suite struct UpstreamFailureTests {
  /// How an upstream is dead.
  enum Death: String, CaseIterable, Sendable {
    /// It takes queries and says nothing.
    case silent
    /// Nobody listens.
    case refusing
    /// It refuses every query.
    case broken

    /// Something dead, with its address; it stays dead as long as the upstream is held.
    func upstream() throws -> EvilUpstream {
      switch self {
      case .silent: return try EvilUpstream { _ in [] }
      case .refusing:
        let upstream = try EvilUpstream()
        upstream.stop()
        return upstream
      case .broken:
        return try EvilUpstream { asked in [UpstreamStep(.reply(Octets.word(asked.id)))] }
      }
    }
  }

  private func names(_ prefix: String, _ count: Int) -> [[UInt8]] {
    (0..<count).map { n in
      Query("ok.\(prefix)\(n).test.", .a, id: UInt16(n + 1), payloadSize: 1232).bytes
    }
  }

  @Test(arguments: Death.allCases, ["", "policy sequential", "policy round_robin"])
  func `one of two upstreams dead costs no answer`(death: Death, policy: String) throws {
    let dead = try death.upstream()
    let alive = try EvilUpstream()
    let server = try UpstreamServer("forward . \(dead.text) \(alive.text) {\n\(policy)\n}")
    var codes: [UInt16] = []
    for round in 0..<10 {
      let replies = try QueryBurst.ask(names("r\(round)-", 50), of: server.client)
      codes += try replies.map { try $0.map { try ParsedMessage($0).responseCode } ?? 9999 }
    }
    #expect(codes.count == 500 && codes.allSatisfy { $0 == 0 }, "\(Set(codes))")
  }

  @Test(arguments: Death.allCases)
  func `all upstreams dead is SERVFAIL with the reason`(death: Death) throws {
    let first = try death.upstream()
    let second = try death.upstream()
    let server = try UpstreamServer("forward . \(first.text) \(second.text)")
    for round in 0..<2 {
      let replies = try QueryBurst.ask(names("r\(round)-", 20), of: server.client)
      for reply in replies {
        let message = try ParsedMessage(try #require(reply, "nothing within 5 s"))
        #expect(message.responseCode == 2)
        let errors = UpstreamServer.extendedErrors(message)
        #expect(!errors.isEmpty && errors.allSatisfy { [22, 23].contains($0) }, "EDE \(errors)")
      }
    }
    #expect(try server.ask(UpstreamServer.clusterName).addresses == [UpstreamServer.clusterAddress])
  }

  @Test(
    arguments: zip(
      ["", "immediate", "verify", "verify"], [Death.silent, .refusing, .silent, .refusing]))
  func `a stale answer is better than none`(mode: String, death: Death) throws {
    let isDead = Flag()
    let upstream = try EvilUpstream { asked in
      isDead.isSet ? [] : [.send(asked.empty.with { $0.answer = [RecordDraft.address(ttl: 1)] })]
    }
    let server = try UpstreamServer(
      """
      cache {
          success 9984 3600 1
          serve_stale 1h \(mode)
      }
      forward . \(upstream.text)
      """)
    #expect(try server.ask("ok.stale.test.").isGood)
    isDead.set()
    if death == .refusing { upstream.stop() }
    var wrong: [String] = []
    let isStale = try waitUntil(.seconds(60)) {
      let message = try server.ask("ok.stale.test.")
      if !message.isGood { wrong.append("code \(message.responseCode)") }
      return UpstreamServer.extendedErrors(message).contains(3)
    }
    #expect(isStale && wrong.isEmpty, "\(wrong)")
    let message = try server.ask("ok.stale.test.")
    #expect(message.records(in: .answer).allSatisfy { $0.ttl <= 30 })
    #expect(try server.ask("ok.unknown.test.").responseCode == 2)
  }

  @Test(arguments: ["", "force_tcp"])
  func `an upstream that comes back is used again`(option: String) throws {
    var upstream = try EvilUpstream()
    let server = try UpstreamServer("forward . \(upstream.text) {\n\(option)\n}")
    for round in 0..<2 {
      #expect(try server.ask("ok.before\(round).test.").isGood)
      upstream.stop()
      // Twenty failures and more: it must count as down.
      let replies = try QueryBurst.ask(names("down\(round)-", 20), of: server.client)
      #expect(try replies.allSatisfy { try $0.map { try ParsedMessage($0).responseCode } == 2 })
      upstream = try EvilUpstream(port: upstream.port)
      // Each worker has to find out: ten good answers in a row, each from a port of its own.
      var count = 0
      let isBack = try waitUntil(.seconds(60)) {
        count += 1
        return try (0..<10).allSatisfy { n in
          try server.ask("ok.again\(round)-\(count)-\(n).test.").isGood
        }
      }
      #expect(isBack, "round \(round)")
    }
  }

  @Test func `an upstream that flaps harms nobody`() throws {
    let flag = Flag()
    let flapping = try EvilUpstream { asked in flag.isSet ? [] : [.send(asked.good)] }
    let alive = try EvilUpstream()
    let server = try UpstreamServer("forward . \(flapping.text) \(alive.text)")
    for round in 0..<8 {
      flag.set(to: round.isMultiple(of: 2))
      let replies = try QueryBurst.ask(names("f\(round)-", 20), of: server.client)
      #expect(
        try replies.allSatisfy { try $0.map { try ParsedMessage($0).isGood } == true },
        "round \(round)")
    }
  }

  @Test func `names that nobody answers take nothing from others`() throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer("forward . \(upstream.text)")
    let silent = (0..<200).map { n in
      Query("silent.n\(n).test.", .a, id: UInt16(n + 1001), payloadSize: 1232).bytes
    }
    let replies = try QueryBurst.ask(silent + names("beside", 200), of: server.client)
    let messages = try replies.map { try ParsedMessage(try #require($0, "nothing within 5 s")) }
    #expect(messages.prefix(200).allSatisfy { $0.responseCode == 2 })
    #expect(messages.suffix(200).count(where: \.isGood) == 200)
    #expect(try server.ask("ok.after.test.").isGood)
  }
}
