import DNSWire
import PluginChain
import Testing

/// What `hosts` answers, beside the names that go on to `whoami` below it.
@Suite struct HostsAnswerTests {
  /// A question and the answer: the code, its flags, and the data of all records of the answer.
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let type: RRType
    let expected: String

    init(_ name: String, _ type: RRType, _ expected: String) {
      self.name = name
      self.type = type
      self.expected = expected
    }

    var testDescription: String { "\(name) \(type)" }
  }

  private static let file = """
    # A comment, and then an empty line.

    127.0.0.1\tlocalhost  localhost.localdomain # not.this
    ::1        localhost ip6-localhost
    192.0.2.10 Web.Example.org www.example.org.
    192.0.2.11 web.example.org
    2001:db8::10 web.example.org
    192.0.2.10 WEB.example.org
    192.0.2.20 *.wild.example.org
    192.0.2.21 one.wild.example.org
    2001:db8::20 *.wild.example.org
    192.0.2.22 *
    192.0.2.30 other.example.net
    fe80::7%eth0 six.example.org
    ::ffff:192.0.2.40 mapped.example.org
    """

  private func server(
    _ directive: String, zone: String = ".", file: String = file, below: String = "whoami"
  ) async throws -> TestServer {
    let folder = try ManifestFolder(file)
    let directive = directive.replacing("FILE", with: folder.path)
    return try await TestServer("\(zone):53 {\nloadbalance\n\(directive)\n\(below)\n}\n")
  }

  private func text(_ reply: Reply) -> String {
    let names = [0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN"]
    let code = names[Int(reply.code.rawValue)] ?? "\(reply.code)"
    // `whoami` has its say in the additional section alone.
    let end = reply.additional.isEmpty ? "" : " below"
    let data = reply.answer.map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") }
    let flags = reply.flags.split(separator: " ").dropFirst().joined(separator: " ")
    return ([code + end, flags] + data.sorted()).joined(separator: ", ")
  }

  private func expect(_ row: Row, _ server: TestServer) throws {
    let reply = try server.reply(row.name, row.type)
    #expect(text(reply) == row.expected, "\(reply)")
    #expect(reply.authority.isEmpty)
    for record in reply.answer {
      // The question's own case comes back.
      #expect(record.hasPrefix(row.name + " 3600 "), "\(record)")
    }
  }

  // MARK: - With fallthrough

  static let handedOn = [
    Row("localhost.", .a, "NOERROR, aa rd, A 127.0.0.1"),
    Row("localhost.", .aaaa, "NOERROR, aa rd, AAAA ::1"),
    Row("localhost.localdomain.", .a, "NOERROR, aa rd, A 127.0.0.1"),
    Row("web.example.org.", .a, "NOERROR, aa rd, A 192.0.2.10, A 192.0.2.11"),
    Row("wEb.exAmple.ORG.", .a, "NOERROR, aa rd, A 192.0.2.10, A 192.0.2.11"),
    Row("web.example.org.", .aaaa, "NOERROR, aa rd, AAAA 2001:db8::10"),
    Row("www.example.org.", .a, "NOERROR, aa rd, A 192.0.2.10"),
    Row("six.example.org.", .aaaa, "NOERROR, aa rd, AAAA fe80::7"),
    Row("mapped.example.org.", .a, "NOERROR, aa rd, A 192.0.2.40"),
    // A name that is there has no data of other types.
    Row("www.example.org.", .aaaa, "NOERROR, aa rd"),
    Row("six.example.org.", .a, "NOERROR, aa rd"),
    Row("web.example.org.", .txt, "NOERROR, aa rd"),
    Row("web.example.org.", .soa, "NOERROR, aa rd"),
    // ANY is answered with one set.
    Row("web.example.org.", .any, "NOERROR, aa rd, A 192.0.2.10, A 192.0.2.11"),
    Row("six.example.org.", .any, "NOERROR, aa rd, AAAA fe80::7"),
    // A wildcard stands for one label and for no name that is there itself.
    Row("any.wild.example.org.", .a, "NOERROR, aa rd, A 192.0.2.20"),
    Row("any.wild.example.org.", .aaaa, "NOERROR, aa rd, AAAA 2001:db8::20"),
    Row("any.wild.example.org.", .mx, "NOERROR, aa rd"),
    Row("*.wild.example.org.", .a, "NOERROR, aa rd, A 192.0.2.20"),
    Row("one.wild.example.org.", .a, "NOERROR, aa rd, A 192.0.2.21"),
    Row("one.wild.example.org.", .aaaa, "NOERROR, aa rd"),
    Row("wild.example.org.", .a, "NOERROR below, aa rd"),
    Row("com.", .a, "NOERROR below, aa rd"),
    Row("a.b.wild.example.org.", .a, "NOERROR below, aa rd"),
    // What is not there goes on.
    Row("example.org.", .a, "NOERROR below, aa rd"),
    Row("not.this.", .a, "NOERROR below, aa rd"),
    Row("b.example.org.", .a, "NOERROR below, aa rd"),
    Row(".", .a, "NOERROR below, aa rd"),
    Row("org.", .any, "NOERROR below, aa rd"),
  ]

  @Test(arguments: handedOn)
  func `names, and what goes on`(row: Row) async throws {
    try expect(row, try await server("hosts FILE {\nfallthrough\n}"))
  }

  static let reverse = [
    Row(
      "1.0.0.127.in-addr.arpa.", .ptr,
      "NOERROR, aa rd, PTR localhost., "
        + "PTR localhost.localdomain."),
    Row(
      "10.2.0.192.in-addr.arpa.", .ptr,
      "NOERROR, aa rd, PTR web.example.org., "
        + "PTR www.example.org."),
    Row(
      "10.2.0.192.IN-ADDR.arpa.", .ptr,
      "NOERROR, aa rd, PTR web.example.org., "
        + "PTR www.example.org."),
    Row("40.2.0.192.in-addr.arpa.", .ptr, "NOERROR, aa rd, PTR mapped.example.org."),
    Row(
      "0.1.0.0" + String(repeating: ".0", count: 20) + ".8.b.d.0.1.0.0.2.ip6.arpa.", .ptr,
      "NOERROR, aa rd, PTR web.example.org."),
    Row(
      "9.2.2.0.0.0.0.C.f.f.f.f" + String(repeating: ".0", count: 20) + ".ip6.arpa.", .ptr,
      "NOERROR below, aa rd"),
    Row(
      "a.0.2.0.0.0.0.C.F.f.f.f" + String(repeating: ".0", count: 20) + ".ip6.arpa.", .ptr,
      "NOERROR, aa rd, PTR web.example.org., PTR www.example.org."),
    // A wildcard has no reverse name.
    Row("20.2.0.192.in-addr.arpa.", .ptr, "NOERROR below, aa rd"),
    // No address, part of one, too much of one.
    Row("010.2.0.192.in-addr.arpa.", .ptr, "NOERROR below, aa rd"),
    Row("266.2.0.192.in-addr.arpa.", .ptr, "NOERROR below, aa rd"),
    Row("2.0.192.in-addr.arpa.", .ptr, "NOERROR below, aa rd"),
    Row("1.10.2.0.192.in-addr.arpa.", .ptr, "NOERROR below, aa rd"),
    Row("x.2.0.192.in-addr.arpa.", .ptr, "NOERROR below, aa rd"),
    Row("in-addr.arpa.", .ptr, "NOERROR below, aa rd"),
    Row("1.0.0.2.ip6.arpa.", .ptr, "NOERROR below, aa rd"),
    Row("localhost.", .ptr, "NOERROR below, aa rd"),
  ]

  @Test(arguments: reverse)
  func `addresses have names, and others go on whether told so or not`(row: Row) async throws {
    try expect(row, try await server("hosts FILE"))
    // The zones do not matter here.
    let listed = try await server("hosts FILE example.org localdomain localhost")
    try expect(row, listed)
  }

  @Test func `names of an address keep the order of the text`() async throws {
    let server = try await server("hosts FILE {\n192.0.2.10 first.example.org\n}")
    for _ in 0..<10 {
      let reply = try server.reply("10.2.0.192.in-addr.arpa.", .ptr)
      #expect(
        reply.answers(.ptr) == ["web.example.org.", "www.example.org.", "first.example.org."])
    }
  }

  // MARK: - Without

  static let refused = [
    Row("www.example.org.", .a, "NOERROR, aa rd, A 192.0.2.10"),
    Row("www.example.org.", RRType(rawValue: 65), "NOERROR, aa rd"),
    Row("none.example.org.", .a, "SERVFAIL, rd"),
    Row("none.example.org.", .txt, "SERVFAIL, rd"),
    Row("10.2.0.192.in-addr.arpa.", .a, "SERVFAIL, rd"),
  ]

  @Test(arguments: refused)
  func `without fallthrough a name that is not there fails`(row: Row) async throws {
    try expect(row, try await server("hosts FILE"))
  }

  @Test func `the failure says why`() async throws {
    let server = try await server("hosts FILE")
    #expect(try server.reply(Ask("none.", payload: 1232)).extendedError == 0)
  }

  @Test func `fallthrough may be for some zones alone`() async throws {
    let server = try await server("hosts FILE {\nfallthrough example.net\n}")
    try expect(Row("none.example.net.", .a, "NOERROR below, aa rd"), server)
    try expect(Row("none.example.org.", .a, "SERVFAIL, rd"), server)
  }

  @Test func `other types of known names go on when told so`() async throws {
    let server = try await server(
      "hosts FILE {\nfallthrough example.org\nfallthrough_unsupported\n}")
    try expect(Row("www.example.org.", .txt, "NOERROR below, aa rd"), server)
    try expect(Row("x.wild.example.org.", RRType(rawValue: 65), "NOERROR below, aa rd"), server)
    try expect(Row("www.example.org.", .aaaa, "NOERROR, aa rd"), server)
    try expect(Row("web.example.org.", .any, "NOERROR, aa rd, A 192.0.2.10, A 192.0.2.11"), server)
    try expect(Row("other.example.net.", .txt, "NOERROR, aa rd"), server)
  }

  // MARK: - Zones and options

  @Test func `only names of the zones are answered or kept`() async throws {
    for directive in ["hosts FILE example.org", "hosts FILE EXAMPLE.ORG. 10.0.0.0/8"] {
      let server = try await server(directive)
      try expect(Row("www.example.org.", .a, "NOERROR, aa rd, A 192.0.2.10"), server)
      try expect(Row("none.example.org.", .a, "SERVFAIL, rd"), server)
      try expect(Row("other.example.net.", .a, "NOERROR below, aa rd"), server)
      try expect(Row("localhost.", .a, "NOERROR below, aa rd"), server)
      try expect(Row("30.2.0.192.in-addr.arpa.", .ptr, "NOERROR below, aa rd"), server)
    }
    let block = try await server("hosts FILE", zone: "example.org")
    try expect(Row("www.example.org.", .a, "NOERROR, aa rd, A 192.0.2.10"), block)
    try expect(Row("none.example.org.", .a, "SERVFAIL, rd"), block)
  }

  @Test func `ttl and no_reverse`() async throws {
    let server = try await server("hosts FILE {\nttl 60\nno_reverse\n}")
    #expect(
      try server.reply("www.example.org.").answer == ["www.example.org. 60 A 192.0.2.10"])
    try expect(Row("10.2.0.192.in-addr.arpa.", .ptr, "NOERROR below, aa rd"), server)
  }

  @Test func `lines of the Corefile stand behind the file`() async throws {
    let server = try await server(
      "hosts FILE {\n192.0.2.50 www.example.org host.k3s.internal\n"
        + "2001:db8::50 *.wild.example.org\nfallthrough\n}", below: "whoami")
    try expect(Row("host.k3s.internal.", .a, "NOERROR, aa rd, A 192.0.2.50"), server)
    try expect(Row("www.example.org.", .a, "NOERROR, aa rd, A 192.0.2.10, A 192.0.2.50"), server)
    try expect(
      Row("x.wild.example.org.", .aaaa, "NOERROR, aa rd, AAAA 2001:db8::20, AAAA 2001:db8::50"),
      server)
    let alone = try await self.server("hosts /none/hosts {\n192.0.2.50 a\nfallthrough\n}")
    try expect(Row("a.", .a, "NOERROR, aa rd, A 192.0.2.50"), alone)
    #expect(
      alone.log == [
        "[WARNING] plugin/hosts: /none/hosts: No such file or directory; it is tried again"
      ])
  }

  @Test func `a relative path starts at root`() async throws {
    let folder = try ManifestFolder("192.0.2.1 a\n")
    let parent = folder.path.split(separator: "/").dropLast().joined(separator: "/")
    let server = try await TestServer(".:53 {\nroot /\(parent)\nhosts world.yaml\n}\n")
    try expect(Row("a.", .a, "NOERROR, aa rd, A 192.0.2.1"), server)
  }

  @Test func `each reply starts at another address`() async throws {
    let addresses = (1...5).map { "192.0.2.\($0)" }
    let server = try await server(
      "hosts FILE", file: addresses.map { "\($0) a\n2001:db8::1 a\n" }.joined())
    let replies = try server.replies(Array(repeating: Ask("a."), count: 200))
    var firsts: [String: Int] = [:]
    for reply in replies {
      let list = reply.answers(.a)
      let start = try #require(addresses.firstIndex(of: list.first ?? ""))
      #expect(list == Array(addresses[start...] + addresses[..<start]))
      firsts[list[0], default: 0] += 1
    }
    #expect(firsts.count == addresses.count)
    #expect(try server.reply("a.", .aaaa).answers(.aaaa) == ["2001:db8::1"])
  }

  @Test func `what does not fit is cut whole record by whole record`() async throws {
    let server = try await server(
      "hosts FILE",
      file: (0..<100).map { "192.0.2.\($0) a\n203.0.113.1 n\($0).example.org\n" }.joined())
    let reply = try server.reply("a.")
    #expect(reply.isTruncated && reply.octets.count <= 512)
    #expect(reply.answer.count == (512 - 19) / 16)
    let names = try server.reply("1.113.0.203.in-addr.arpa.", .ptr)
    #expect(names.isTruncated && names.octets.count <= 512)
    let whole = try server.reply(Ask("1.113.0.203.in-addr.arpa.", .ptr, .tcp))
    #expect(whole.answers(.ptr) == (0..<100).map { "n\($0).example.org." })
    #expect(try server.reply(Ask("a.", .a, .tcp)).answer.count == 100)
  }

  @Test func `the target of an alias is found here`() async throws {
    let folder = try ManifestFolder("192.0.2.1 host.k3s.internal\n")
    let server = try await TestServer(
      """
      .:53 {
        kubernetes cluster.local {
          manifests MANIFESTS
        }
        hosts \(folder.path) {
          fallthrough
        }
      }
      """,
      manifests: [Manifest.namespace("a"), Manifest.alias("a/node", to: "host.k3s.internal")])
    let reply = try server.reply("node.a.svc.cluster.local.")
    #expect(reply.answers(.cname) == ["host.k3s.internal."])
    #expect(reply.answers(.a) == ["192.0.2.1"])
  }

  @Test func `nothing of it passes the cache`() async throws {
    let server = try await server(
      "hosts FILE {\nfallthrough\n}", below: "prometheus\ncache\nwhoami")
    for _ in 0..<3 { _ = try server.reply("www.example.org.") }
    let family = try #require(
      server.corefile.setup.metrics.first { $0.name == "coredns_cache_requests_total" })
    #expect(family.read().map(\.value).reduce(0, +) == 0)
  }
}
