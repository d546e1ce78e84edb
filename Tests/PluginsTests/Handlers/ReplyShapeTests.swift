import DNSWire
import PluginChain
import Testing

/// `any`, `minimal`, `header` and `nsid`: what they change of a reply, and what they leave.
@Suite struct ReplyShapeTests {
  private func server(_ directives: String) async throws -> TestServer {
    try await TestServer(
      """
      .:53 {
        \(directives)
        local
        kubernetes cluster.local {
          manifests MANIFESTS
        }
      }
      who.example:53 {
        \(directives)
        whoami
      }
      """,
      manifests: [
        Manifest.service("shop/db", "None"), Manifest.slice("shop/s", of: "db", "10.0.0.1=a"),
        Manifest.service("shop/web", "10.96.0.1"),
      ])
  }

  private static let name = "web.shop.svc.cluster.local."
  private static let ports = "_http._tcp.db.shop.svc.cluster.local."

  static let directives: [SetUpCase] = [
    SetUpCase("any"), SetUpCase("any x", "2:5: error: found \"x\"...takes no arguments"),
    SetUpCase("any {\n  x\n}", "3:3: error: ...any takes no options"),
    SetUpCase("minimal"), SetUpCase("minimal x", "2:9: error: found \"x\"...no arguments"),
    SetUpCase("header {\n  response set ra aa\n  query clear rd\n}"),
    SetUpCase("header", "2:1: error: found no rules"),
    SetUpCase("header {\n}", "2:1: error: found no rules"),
    SetUpCase("header {\n  reply set ra\n}", "3:3: error: found the option \"reply\""),
    SetUpCase("header {\n  response ra\n}", "3:3: error: found 1 argument...at least 2"),
    SetUpCase("header {\n  response flip ra\n}", "3:12: error: ...one of set, clear"),
    SetUpCase("header {\n  response set ad\n}", "3:16: error: ...one of aa, ra, rd"),
    SetUpCase("nsid"), SetUpCase("nsid one two"),
    SetUpCase("nsid {\n  x\n}", "3:3: error: ...nsid takes no options"),
    SetUpCase("nsid \(String(repeating: "a", count: 255))"),
    SetUpCase(
      "nsid \(String(repeating: "a", count: 256))", "2:1: error: found 256 octets...at most 255"),
  ]

  @Test(arguments: directives)
  func `a directive`(row: SetUpCase) {
    #expect(row.differences() == [])
  }

  // MARK: - any

  @Test(arguments: [name, "no.example.", "."])
  func `ANY has one HINFO record`(name: String) async throws {
    let server = try await server("any")
    let reply = try server.reply(name, .any)
    #expect(reply.code == .noError)
    #expect(reply.answer.count == 1 && reply.authority.isEmpty && reply.additional.isEmpty)
    let data = [13] + Array("ANY obsoleted".utf8) + [12] + Array("See RFC 8482".utf8)
    #expect(Array(reply.octets.suffix(27)) == data)
    let head: [UInt8] = [0xC0, 12, 0, 13, 0, 1, 0, 0, 33, 34, 0, 27]
    #expect(Array(reply.octets.suffix(39).prefix(12)) == head)
    #expect(try server.reply(Self.name).answers(.a) == ["10.96.0.1"])
  }

  // MARK: - minimal

  @Test func `answers lose what they do not need`() async throws {
    let (plain, minimal) = (try await server(""), try await server("minimal"))
    let full = try plain.reply(Self.ports, .srv)
    #expect(!full.additional.isEmpty)
    let short = try minimal.reply(Ask(Self.ports, .srv, payload: 1232))
    #expect(short.answer == full.answer)
    #expect(short.additional.isEmpty && short.authority.isEmpty)
    #expect(short.payload != nil, "EDNS stays")
    #expect(try minimal.reply("who.example.").additional.isEmpty)
  }

  @Test(arguments: [(name, RRType.txt), ("no.cluster.local.", .a), ("localhost.", .mx)])
  func `denials stay whole`(name: String, type: RRType) async throws {
    let (plain, minimal) = (try await server(""), try await server("minimal"))
    let denial = try minimal.reply(name, type)
    let whole = try plain.reply(name, type)
    #expect(denial.code == whole.code && denial.octets.count == whole.octets.count)
    #expect(denial.authority == whole.authority)
    #expect(denial.authority.count == 1)
  }

  // MARK: - header

  @Test(arguments: [
    ("response set ra", "qr aa rd ra"), ("response clear aa", "qr rd"),
    ("response clear rd aa", "qr"), ("response set ra\n response clear ra", "qr aa rd"),
    ("query clear rd", "qr aa"), ("query clear rd\n response set rd ra", "qr aa rd ra"),
    ("query set aa ra", "qr aa rd"),
  ])
  func `flags are set and cleared in order`(rules: String, flags: String) async throws {
    let server = try await server("header {\n \(rules)\n }")
    for _ in 0..<2 {
      let reply = try server.reply(Self.name)
      #expect(reply.flags == flags)
      #expect(reply.answers(.a) == ["10.96.0.1"])
    }
  }

  // MARK: - nsid

  @Test func `who asks is told`() async throws {
    let server = try await server("nsid replica one")
    var ask = Ask(Self.name, .a, payload: 1232)
    ask.options = [0, 3, 0, 0]
    let reply = try server.reply(ask)
    #expect(reply.answers(.a) == ["10.96.0.1"])
    let text = Array("replica one".utf8)
    #expect(Array(reply.octets.suffix(15)) == [0, 3, 0, 11] + text)
    ask.options = [0, 12, 0, 1, 0, 0, 3, 0, 0]
    #expect(Array((try server.reply(ask)).octets.suffix(11)) == text)
  }

  @Test(arguments: [nil, [], [0, 12, 0, 3, 0, 3, 0]] as [[UInt8]?])
  func `who does not is not`(options: [UInt8]?) async throws {
    let (plain, server) = (try await server(""), try await server("nsid"))
    var ask = Ask(Self.name, .a, payload: options == nil ? nil : 1232)
    ask.options = options ?? []
    #expect(try server.reply(ask).octets == (try plain.reply(ask)).octets)
  }

  @Test func `without data it is the name of the host`() async throws {
    var ask = Ask(Self.name, .a, payload: 1232)
    ask.options = [0, 3, 0, 0]
    let octets = try await server("nsid").reply(ask).octets
    let plain = try await server("").reply(ask).octets
    #expect(octets.count > plain.count + 4)
  }
}
