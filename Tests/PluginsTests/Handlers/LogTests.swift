import DNSWire
import PluginChain
import Testing

/// `log`: the formats, which rule decides, and which classes of answers are written.
@Suite struct LogTests {
  /// A server that answers in every way: `whoami` for `who.example`, a cluster for
  /// `cluster.local`, nobody for the rest.
  private func server(_ log: String) async throws -> TestServer {
    try await TestServer(
      """
      .:53 {
        \(log)
        kubernetes cluster.local {
          manifests MANIFESTS
        }
        local
      }
      who.example:53 {
        \(log)
        whoami
      }
      """,
      manifests: [Manifest.service("shop/web", "10.96.0.1"), Manifest.service("shop/db", "None")])
  }

  private static let name = "Web.shop.svc.cluster.local."

  /// A format and what it becomes for an A query over UDP with EDNS, and for an AAAA query without
  /// over TCP from an IPv6 address.
  static let formats: [(format: String, first: String, second: String)] = [
    ("{type}", "A", "AAAA"),
    ("{name}", "web.shop.svc.cluster.local.", "web.shop.svc.cluster.local."),
    ("{class}", "IN", "IN"),
    ("{proto}", "udp", "tcp"),
    ("{remote}", "127.0.0.1", "[2001:db8::7]"),
    ("{port}", "40212", "5353"),
    ("{local}", "192.0.2.53", "192.0.2.53"),
    ("{size}", "55", "44"),
    // Question 44, an answer of 16, OPT of 11; question and SOA of 12 + 42.
    ("{rsize}", "71", "98"),
    ("{rcode}", "NOERROR", "NOERROR"),
    ("{>rflags}", "qr,aa,rd", "qr,aa,cd"),
    ("{>bufsize}", "4096", "512"),
    ("{>do}", "true", "false"),
    ("{>id}", "4660", "4660"),
    ("{>opcode}", "0", "0"),
    ("{/some/label}", "-", "-"),
    ("a{type}b{class}c", "aAbINc", "aAAAAbINc"),
    ("{type}{type}", "AA", "AAAAAAAA"),
  ]

  private static let asks: [Ask] = {
    var first = Ask(name, .a, payload: 4096)
    first.dnssecOK = true
    var second = Ask(name, .aaaa, .tcp)
    second.flags = HeaderFlag.checkingDisabled
    second.client = TransportAddress(
      address: IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 7), port: 5353)
    return [first, second]
  }()

  @Test(arguments: formats)
  func `a placeholder`(format: String, first: String, second: String) async throws {
    let server = try await server("log . \"<\(format)>\"")
    let replies = try server.replies(Self.asks)
    #expect(replies.map(\.code) == [.noError, .noError])
    #expect(server.log == ["[INFO] <\(first)>", "[INFO] <\(second)>"])
  }

  @Test func `the sizes are those of the messages`() async throws {
    let server = try await server("log . \"{size} {rsize}\"")
    let replies = try server.replies(Self.asks)
    #expect(
      server.log == zip(Self.asks, replies).map { "[INFO] \($0.octets.count) \($1.octets.count)" })
  }

  @Test func `the duration is seconds with a fraction`() async throws {
    let server = try await server("log . {duration}")
    _ = try server.replies(Self.asks)
    #expect(server.log.count == 2)
    for line in server.log {
      let text = line.dropFirst("[INFO] ".count)
      #expect(text.hasSuffix("s"))
      let parts = text.dropLast().split(separator: ".")
      #expect(parts.count == 2 && parts.allSatisfy { Int($0) != nil }, "\(line)")
      #expect((1...9).contains(parts.last?.count ?? 0))
    }
  }

  @Test func `the two short formats`() async throws {
    let common =
      "[INFO] 127.0.0.1:40212 - 4660 "
      + "\"A IN web.shop.svc.cluster.local. udp 55 true 4096\" NOERROR qr,aa,rd 71 "
    for text in ["log", "log .", "log . {common}"] {
      let server = try await server(text)
      _ = try server.reply(Self.asks[0])
      #expect(server.log.count == 1)
      #expect(server.log.first?.hasPrefix(common) == true, "\(server.log)")
      #expect(server.log.first?.hasSuffix("s") == true)
    }
    let combined = try await server("log . \"{combined} {combined}\"")
    _ = try combined.reply(Self.asks[0])
    let line = try #require(combined.log.first)
    #expect(line.hasPrefix(common))
    #expect(line.split(separator: "4660").count == 3)
    #expect(line.hasSuffix("s \"0\""))
  }

  @Test func `octets of a name cannot start a new line`() async throws {
    let server = try await server("log . {name}")
    _ = try server.reply("a\\010[INFO]\\\\b\\255.example.")
    #expect(server.log == ["[INFO] a\\010[info]\\\\b\\255.example."])
  }

  // MARK: - Rules

  private static let questions: [(name: String, type: RRType)] = [
    ("web.shop.svc.cluster.local.", .a), ("web.shop.svc.cluster.local.", .txt),
    ("no.shop.svc.cluster.local.", .a), ("db.shop.svc.cluster.local.", .a), ("who.example.", .a),
    ("example.org.", .a), ("localhost.", .a),
  ]

  /// What a rule writes, by the numbers of the questions above.
  static let classes: [(rule: String, written: [Int])] = [
    ("", [0, 1, 2, 3, 4, 5, 6]), ("class all", [0, 1, 2, 3, 4, 5, 6]),
    ("class success", [0, 4, 6]), ("class denial", [1, 2, 3]), ("class error", [5]),
    ("class denial error", [1, 2, 3, 5]), ("class error\n class success", [0, 4, 5, 6]),
    ("class all error", [0, 1, 2, 3, 4, 5, 6]),
  ]

  @Test(arguments: classes)
  func `only the classes asked for`(rule: String, written: [Int]) async throws {
    let server = try await server("log . \"{name} {type}\" {\n \(rule)\n }")
    _ = try server.replies(Self.questions.map { Ask($0.name, $0.type) })
    #expect(
      server.log == written.map { "[INFO] \(Self.questions[$0].name) \(Self.questions[$0].type)" })
  }

  static let names: [(rules: String, lines: [String])] = [
    ("log shop.svc.cluster.local 1{type}", ["1A", "1TXT", "1A", "1A"]),
    ("log example.org localhost 1{type}", ["1A", "1A"]),
    ("log xample.org 1{type}", []),
    // The first rule that covers the name decides, even when it then writes nothing.
    ("log Cluster.Local 1{type} {\n class error\n }\n log . 2{type}", ["2A", "2A", "2A"]),
    ("log . 1{type} {\n class error\n }\n log example.org 2{type}", ["1A"]),
    (
      "log web.shop.svc.cluster.local 1{type}\n log cluster.local 2{type}",
      ["1A", "1TXT", "2A", "2A"]
    ),
  ]

  @Test(arguments: names)
  func `the first rule that covers the name decides`(rules: String, lines: [String]) async throws {
    let server = try await server(rules)
    _ = try server.replies(Self.questions.map { Ask($0.name, $0.type) })
    #expect(server.log == lines.map { "[INFO] " + $0 })
  }
}
