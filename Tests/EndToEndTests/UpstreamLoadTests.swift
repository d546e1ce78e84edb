import Foundation
import TestSupport
import Testing

/// Many queries at once: what waits must not hold up what need not, and nothing may be left over.
@Suite struct UpstreamLoadTests {
  private static func slow(_ delay: Duration) throws -> EvilUpstream {
    try EvilUpstream { asked in [.send(asked.good, after: delay)] }
  }

  private func names(_ mode: String, _ count: Int, from first: Int = 0) -> [[UInt8]] {
    (first..<first + count).map { n in
      Query("\(mode).n\(n).test.", .a, id: UInt16(n + 1), payloadSize: 1232).bytes
    }
  }

  @Test func `a slow upstream does not block a connection`() throws {
    let upstream = try Self.slow(.seconds(1))
    let server = try UpstreamServer("forward . \(upstream.text)")
    let connection = try TCPConnection(to: server.client)
    let count = 200
    let external = (1...count).map {
      TCPConnection.framed(Query("ok.t\($0).test.", .a, id: UInt16($0)).bytes)
    }
    let local = TCPConnection.framed(Query(UpstreamServer.clusterName, .a, id: 9999).bytes)
    try connection.send(external.flatMap { $0 } + local)
    let first = try ParsedMessage(connection.receiveMessage())
    #expect(first.header.id == 9999 && first.addresses == [UpstreamServer.clusterAddress])
    var ids: Set<UInt16> = []
    for _ in 0..<count {
      let message = try ParsedMessage(connection.receiveMessage())
      #expect(message.isGood)
      ids.insert(message.header.id)
    }
    #expect(ids == Set(1...UInt16(count)))
  }

  @Test(arguments: [QueryBurst.Transport.datagrams, .streams])
  func `more than max_concurrent is REFUSED`(transport: QueryBurst.Transport) throws {
    let upstream = try Self.slow(.seconds(2))
    let server = try UpstreamServer("forward . \(upstream.text) {\nmax_concurrent 10\n}")
    let queries = names("ok", 100)
    let local = Query(UpstreamServer.clusterName, .a, id: 9999).bytes
    let replies = try QueryBurst.ask(queries + [local], of: server.client, over: transport)
    let messages = try replies.map { try ParsedMessage(try #require($0)) }
    let codes = messages.dropLast().map(\.responseCode)
    #expect(codes.count { $0 == 5 } == 100 - codes.count { $0 == 0 }, "\(Set(codes))")
    #expect((1...10).contains(codes.count { $0 == 0 }))
    #expect(messages.last?.addresses == [UpstreamServer.clusterAddress])
    // What was refused took no place.
    let again = try QueryBurst.ask(names("ok", 5, from: 200), of: server.client)
    #expect(try again.allSatisfy { try $0.map { try ParsedMessage($0).isGood } == true })
  }

  @Test func `a thousand different names at once are all answered`() throws {
    let upstream = try Self.slow(.milliseconds(100))
    let server = try UpstreamServer("forward . \(upstream.text)")
    let replies = try QueryBurst.ask(names("ok", 1000), of: server.client)
    #expect(try replies.count { try $0.map { try ParsedMessage($0).isGood } == true } == 1000)
  }

  /// CVE-2026-33596: identifiers of a connection that come round must not meet.
  @Test func `many queries on few upstream connections get their own answers`() throws {
    let upstream = try EvilUpstream { asked in
      let label = asked.name.split(separator: ".").dropFirst().first ?? ""
      let number = Int(label.dropFirst()) ?? 0
      let address = "10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
      return [.send(asked.empty.with { $0.answer = [RecordDraft.address(address)] })]
    }
    let server = try UpstreamServer("forward . \(upstream.text) {\nforce_tcp\n}")
    for round in 0..<20 {
      let first = round * 1000
      let queries = (0..<1000).map { n in
        Query("ok.n\(first + n).test.", .a, id: UInt16(n + 1)).bytes
      }
      let replies = try QueryBurst.ask(queries, of: server.client)
      for (n, reply) in replies.enumerated() {
        let number = first + n
        let message = try ParsedMessage(try #require(reply))
        #expect(message.addresses == ["10.\(number >> 16).\(number >> 8 & 255).\(number & 255)"])
      }
    }
    let connections = Set(upstream.received.filter(\.isStream).map(\.connection))
    #expect(connections.count < 200)
  }

  @Test func `no descriptor is left open`() throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer("forward . \(upstream.text) {\nexpire 1s\n}")
    func descriptorCount() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server.daemon.pid)/fd").count
    }
    let before = try descriptorCount()
    for round in 0..<5 {
      let modes = ["ok", "tc", "wrong-id-50", "silent", "tc-reset", "tc-silent", "lost-1"]
      for (index, mode) in modes.enumerated() {
        let queries = names(mode, 60, from: round * 600 + index * 60)
        let isStream = index.isMultiple(of: 2)
        let limit: Duration = mode.hasSuffix("silent") ? .milliseconds(50) : .seconds(5)
        _ = try QueryBurst.ask(
          queries, of: server.client, over: isStream ? .streams : .datagrams, limit: limit)
      }
    }
    // A few sockets may wait for the next query.
    let spareCountMax = 16
    var count = 0
    let isBack = try waitUntil(.seconds(30), every: .milliseconds(200)) {
      count = try descriptorCount()
      return count <= before + spareCountMax
    }
    #expect(isBack, "\(before) descriptors before, \(count) after")
    #expect(try server.ask("ok.after.test.").isGood)
  }
}
