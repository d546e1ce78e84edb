import TestSupport
import Testing

/// Upstreams that are not ours: NSD, which is authoritative, and Unbound, which resolves.
@Suite struct UpstreamDaemonTests {
  /// Ways to forward to NSD.
  enum Way: String, CaseIterable, Sendable {
    case plain = ""
    case forceTCP = "force_tcp"
    case preferUDP = "prefer_udp"
    case cached = "cache"
  }

  private static let servers = Result {
    try Dictionary(uniqueKeysWithValues: Way.allCases.map(start))
  }

  private static func start(_ way: Way) throws -> (Way, UpstreamServer) {
    let upstream = try AuthoritativeServer.shared().text
    let lines =
      way == .cached
      ? "cache\nforward . \(upstream)" : "forward . \(upstream) {\n\(way.rawValue)\n}"
    return (way, try UpstreamServer(lines))
  }

  private static let labels: [(String, Query.Kind)] = [
    ("www", .a), ("www", .aaaa), ("WWW", .txt), ("", .soa), ("", .ns), ("", .mx), ("", .txt),
    ("chain1", .a), ("chain1", .aaaa), ("chain1", .txt), ("chain1", .cname), ("dangling", .a),
    ("nope", .a), ("deep.nope", .mx), ("mx", .mx), ("txt", .txt), ("svc", .srv), ("caa", .caa),
    ("wild.star", .a), ("Other.STAR", .txt), ("star", .a), ("lb.cloud", .a), ("cloud", .a),
    ("big", .txt), ("www", .any), ("www", .https),
  ]

  static let questions = labels.map { label, kind in
    (label.isEmpty ? "example.com." : "\(label).example.com.", kind)
  }

  /// The answer, the code and what denies, whatever the order.
  private struct Content: Equatable {
    var code: UInt16
    var answer: Set<String>
    var denial: Set<String>

    init(_ message: ParsedMessage) {
      code = message.responseCode
      answer = Set(message.records(in: .answer).map { Self.text($0) })
      denial = Set(message.records(in: .authority).filter { $0.type == 6 }.map { Self.text($0) })
    }

    /// A cached TTL may have begun to count down.
    private static func text(_ record: ParsedMessage.Record) -> String {
      "\(record.owner.lowercased()) \(RecordText.mnemonic(record.type)) \(record.data)"
    }
  }

  @Test(arguments: Way.allCases, questions)
  func `answers are those of NSD`(way: Way, question: (String, Query.Kind)) throws {
    let server = try #require(try Self.servers.get()[way])
    let upstream = try AuthoritativeServer.shared()
    for (id, isStream, size) in [
      (1, true, nil), (2, false, 1232), (3, false, 4096), (4, true, 1232),
    ]
      as [(UInt16, Bool, UInt16?)]
    {
      let query = Query(question.0, question.1, id: id, payloadSize: size).bytes
      let got = try ParsedMessage(
        isStream ? server.client.tcp(query) : server.client.udp(query))
      let wanted = try ParsedMessage(upstream.client.tcp(query))
      #expect(Content(got) == Content(wanted), "\(question.0) \(question.1) \(isStream)")
      #expect(!got.header.has(.tc) && (got.edns == nil) == (size == nil))
      let ttls = zip(got.records(in: .answer).map(\.ttl), wanted.records(in: .answer).map(\.ttl))
      #expect(ttls.allSatisfy { $0 == $1 || $0 < $1 && way == .cached })
    }
  }

  @Test(arguments: Way.allCases)
  func `what is too large for UDP is truncated`(way: Way) throws {
    let server = try #require(try Self.servers.get()[way])
    let reply = try ParsedMessage(server.client.udp(Query("big.example.com.", .txt).bytes))
    #expect(reply.header.has(.tc) && reply.responseCode == 0 && reply.byteCount <= 512)
  }

  @Test func `two upstreams share the names by zone`() throws {
    let resolver = try ResolvingServer.start()
    let authoritative = try AuthoritativeServer.shared()
    let server = try UpstreamServer(
      "cache\nforward . \(resolver.text)",
      blocks: ["example.com": "forward . \(authoritative.text)"])
    for _ in 0..<2 {
      #expect(try server.ask("www.example.com.").addresses == ["192.0.2.10"])
      let message = try server.ask("resolver.example.")
      #expect(message.addresses == ["192.0.2.7"] && message.header.has(.ra))
      #expect(try server.ask("none.example.").responseCode == 3)
      #expect(
        try server.ask("7.2.0.192.in-addr.arpa.", .ptr).records(in: .answer).map(\.data)
          == ["resolver.example."])
      #expect(
        try server.ask("resolver.example.", .txt).records(in: .answer).map(\.data) == [#""hello""#])
      let alias = try server.ask("alias.example.").records(in: .answer).map(\.type)
      #expect(alias.first == 5)
    }
    #expect(try server.ask(UpstreamServer.clusterName).addresses == [UpstreamServer.clusterAddress])
  }

  @Test func `one of two resolvers may stop`() throws {
    let first = try ResolvingServer.start()
    let second = try ResolvingServer.start()
    let server = try UpstreamServer("forward . \(first.text) \(second.text)")
    func ask(_ count: Int) throws -> Int {
      try (0..<count).count { _ in try server.ask("resolver.example.").addresses == ["192.0.2.7"] }
    }
    #expect(try ask(50) == 50)
    first.stop()
    #expect(try ask(100) == 100)
  }
}
