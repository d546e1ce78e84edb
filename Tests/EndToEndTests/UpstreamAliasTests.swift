import TestSupport
import Testing

/// Aliases that lead out of the cluster, and into it.
@Suite struct UpstreamAliasTests {
  private static let inside = "kubernetes.default.svc.cluster.local."

  private static func service(_ name: String) -> String { "\(name).default.svc.cluster.local." }

  /// What a service is an alias of, and what its name must give.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let target: String
    let type: Query.Kind
    let code: UInt16
    /// `OWNER TYPE DATA` of the answer, after the service's own CNAME.
    let records: [String]
    let hasSOA: Bool

    init(
      _ description: String, _ target: String, _ type: Query.Kind = .a, code: UInt16 = 0,
      then records: [String] = [], hasSOA: Bool = false
    ) {
      testDescription = description
      self.target = target
      self.type = type
      self.code = code
      self.records = records
      self.hasSOA = hasSOA
    }
  }

  /// The last name of a chain decides the code (RFC 6604 section 3), and the SOA comes along
  /// (RFC 2308 section 2.1).
  static let cases = [
    Case("an address", "ok.out.test", then: ["ok.out.test. A 192.0.2.80"]),
    Case(
      "an alias of its own", "alias.out.test",
      then: ["alias.out.test. CNAME other.test.", "other.test. A 192.0.2.80"]),
    Case("no such name", "nx.out.test", code: 3, hasSOA: true),
    Case("no data", "nodata.out.test", hasSOA: true),
    Case("another type", "ok.out.test", .aaaa, hasSOA: true),
    Case(
      "an alias of a name that does not exist", "alias-denied.out.test", code: 3,
      then: ["alias-denied.out.test. CNAME other.test."], hasSOA: true),
    Case(
      "back into the cluster", "back.out.test", then: ["back.out.test. CNAME \(inside)", inner]),
    Case(
      "back to nothing", "gone.out.test", code: 3, then: ["gone.out.test. CNAME \(gone)"],
      hasSOA: true),
    Case("the alias alone", "ok.out.test", .cname),
  ]

  private static let inner = "\(inside) A \(UpstreamServer.clusterAddress)"
  private static let gone = "gone.default.svc.cluster.local."

  private static let server = Result { try start() }

  private static func start() throws -> (UpstreamServer, EvilUpstream) {
    let upstream = try EvilUpstream { asked in
      let target: String
      switch asked.mode {
      case "back": target = inside
      case "gone": target = gone
      case "again": target = service("again")
      case "two": target = service("one")
      default: return UpstreamMode.steps(for: asked)
      }
      return [.send(asked.empty.with { $0.answer = [RecordDraft.alias(Octets.name(target))] })]
    }
    var world = ""
    for (index, item) in cases.enumerated() {
      world += UpstreamServer.externalName("out\(index)", item.target)
    }
    for (name, target) in [
      ("again", "again.out.test"), ("one", "two.out.test"), ("big", "big.out.test"),
      ("servfail", "servfail.out.test"), ("silent", "silent.out.test"),
      ("self", "self.default.svc.cluster.local"), ("huge", "tc-huge.out.test"),
    ] {
      world += UpstreamServer.externalName(name, target)
    }
    return (try UpstreamServer("forward . \(upstream.text)", world: world), upstream)
  }

  @Test(arguments: Array(cases.enumerated()), [false, true])
  func `an external name is followed`(item: (offset: Int, element: Case), isStream: Bool) throws {
    let (server, _) = try Self.server.get()
    let name = Self.service("out\(item.offset)")
    let query = Query(name, item.element.type, id: 9, payloadSize: 1232).bytes
    let reply = isStream ? try server.client.tcp(query) : try server.client.udp(query)
    let message = try ParsedMessage(reply)
    #expect(message.responseCode == item.element.code)
    let answer = message.records(in: .answer).map {
      "\($0.owner) \(RecordText.mnemonic($0.type)) \($0.data)"
    }
    #expect(answer == ["\(name) CNAME \(item.element.target)."] + item.element.records)
    let soas = message.records(in: .authority).filter { $0.type == 6 }
    #expect(soas.isEmpty != item.element.hasSOA, "SOA (RFC 2308 section 2.1)")
  }

  /// A loop through an upstream ends, with few queries.
  @Test(arguments: ["again", "one", "self"])
  func `a loop is bounded`(name: String) throws {
    let (server, upstream) = try Self.server.get()
    let message = try server.ask(Self.service(name))
    #expect([0, 2].contains(message.responseCode))
    #expect(message.addresses.isEmpty && message.records(in: .answer).count <= 11)
    let target = name == "one" ? "two.out.test." : "again.out.test."
    #expect(upstream.received(for: target).count <= 10)
    #expect(try server.ask(Self.inside).addresses == [UpstreamServer.clusterAddress])
  }

  @Test(arguments: ["servfail", "silent"])
  func `a target that fails is SERVFAIL`(name: String) throws {
    let (server, _) = try Self.server.get()
    #expect(try server.ask(Self.service(name)).responseCode == 2)
  }

  @Test func `a large target is truncated over UDP and whole over TCP`() throws {
    let (server, _) = try Self.server.get()
    for (name, count) in [("big", 90), ("huge", 4000)] {
      let short = try server.ask(Self.service(name))
      #expect(short.header.has(.tc) && short.responseCode == 0 && short.byteCount <= 1232)
      let query = Query(Self.service(name), .a, id: 9).bytes
      let whole = try ParsedMessage(server.client.tcp(query))
      // A chain cannot be longer than a message: 65,535 octets hold 4,000 records of 16 octets.
      #expect(whole.addresses.count == count || whole.header.has(.tc))
      #expect(whole.addresses.count > count - 100)
    }
  }

  @Test func `a client that asks an upstream's alias into the cluster gets the cluster's address`()
    throws
  {
    let (server, _) = try Self.server.get()
    let message = try server.ask("back.direct.test.")
    #expect(message.responseCode == 0)
    #expect(message.records(in: .answer).map(\.type) == [5, 1])
    #expect(message.addresses == [UpstreamServer.clusterAddress])
    let gone = try server.ask("gone.direct.test.")
    #expect(gone.responseCode == 3)
    let lie = try server.ask("alias-to-cluster.direct.test.")
    #expect(lie.addresses == [UpstreamServer.clusterAddress])
  }
}
