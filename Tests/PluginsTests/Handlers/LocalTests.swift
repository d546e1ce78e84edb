import DNSWire
import PluginChain
import Testing

/// `local`: names of the machine itself (docs/plugins/local.md).
@Suite struct LocalTests {
  /// A question, and the code and records that answer it; `next` is whoami, further down.
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let type: RRType
    let code: ResponseCode
    let answer: [String]

    init(_ name: String, _ type: RRType, _ code: ResponseCode, _ answer: String...) {
      self.name = name
      self.type = type
      self.code = code
      self.answer = answer
    }

    var testDescription: String { "\(name) \(type)" }
  }

  private static let numbers = "root.localhost. 0 0 0 604800"

  static let rows: [Row] = [
    Row("localhost.", .a, .noError, "localhost. 604800 A 127.0.0.1"),
    Row("LOCALHOST.", .aaaa, .noError, "LOCALHOST. 604800 AAAA ::1"),
    Row("localhost.", .soa, .noError, "localhost. 604800 SOA localhost. \(numbers)"),
    Row("localhost.", .ns, .noError, "localhost. 604800 NS localhost."),
    Row("localhost.", .mx, .noError), Row("localhost.", .any, .noError),
    Row("a.b.localhost.", .a, .noError, "a.b.localhost. 604800 A 127.0.0.1"),
    Row("a.localhost.", .aaaa, .noError, "a.localhost. 604800 AAAA ::1"),
    Row("a.localhost.", .soa, .noError), Row("a.localhost.", .ns, .noError),
    Row("localhost.cluster.local.", .a, .noError, "localhost.cluster.local. 604800 A 127.0.0.1"),
    Row("LocalHost.x.", .aaaa, .noError, "LocalHost.x. 604800 AAAA ::1"),
    Row("localhost.x.", .txt, .noError),
    Row(
      "1.0.0.127.in-addr.arpa.", .ptr, .noError,
      "1.0.0.127.in-addr.arpa. 604800 PTR localhost."),
    Row("1.0.0.127.in-addr.arpa.", .a, .noError),
    Row("0.0.127.in-addr.arpa.", .ptr, .noError), Row("0.127.in-addr.arpa.", .a, .noError),
    Row("127.in-addr.arpa.", .ns, .noError, "127.in-addr.arpa. 604800 NS localhost."),
    Row(
      "255.in-addr.arpa.", .soa, .noError,
      "255.in-addr.arpa. 604800 SOA localhost. \(numbers)"),
    Row("0.in-addr.arpa.", .a, .noError),
    Row("2.0.0.127.in-addr.arpa.", .ptr, .nameError), Row("1.127.in-addr.arpa.", .a, .nameError),
    Row("x.0.in-addr.arpa.", .ptr, .nameError), Row("255.255.in-addr.arpa.", .any, .nameError),
    Row("x.1.0.0.127.in-addr.arpa.", .ptr, .nameError),
  ]

  private func server(_ options: String = "") async throws -> TestServer {
    try await TestServer(".:53 {\n whoami\n local {\n \(options)\n }\n}\n")
  }

  @Test(arguments: rows)
  func `a local name`(row: Row) async throws {
    let reply = try await server().reply(row.name, row.type)
    #expect(reply.code == row.code)
    #expect(reply.answer == row.answer)
    #expect(reply.flags == "qr aa rd")
    // No answer is a negative one, with the zone's SOA (RFC 2308 §3).
    #expect(reply.authority.count == (row.answer.isEmpty ? 1 : 0))
    #expect(reply.authority.allSatisfy { $0.contains(" 604800 SOA localhost. \(Self.numbers)") })
    #expect(reply.additional == [])
  }

  @Test(arguments: [
    "example.org.", "xlocalhost.", "localhos.x.", "localhostx.y.", "x.localhost.y.",
    "128.in-addr.arpa.", "in-addr.arpa.", "1127.in-addr.arpa.", "1.ip6.arpa.", ".",
  ])
  func `other names go on`(name: String) async throws {
    let reply = try await server().reply(name)
    #expect(reply.additional.count == 2, "whoami's answer")
  }

  @Test func `the prefix may be left alone`() async throws {
    let server = try await server("localhost_prefix off")
    #expect(try server.reply("localhost.x.").additional.count == 2, "whoami's answer")
    #expect(try server.reply("localhost.").answers(.a) == ["127.0.0.1"])
    #expect(try server.reply("x.localhost.").answers(.a) == ["127.0.0.1"])
  }

  @Test func `names below localhost and those that only begin with it are counted`() async throws {
    let server = try await TestServer(".:53 {\n local\n whoami\n}\n")
    for name in ["localhost.a.", "LOCALHOST.b.c.", "localhost.", "a.localhost.", "localhosts.a."] {
      _ = try server.reply(name)
    }
    let family = server.corefile.setup.metrics.first {
      $0.name == "coredns_local_localhost_requests_total"
    }
    #expect(family?.read().map(\.value) == [3])
  }
}
