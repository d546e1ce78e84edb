import DNSWire
import PluginChain
import Testing

/// What `template` answers: directives in order, sections, codes, aliases, failures.
@Suite struct TemplateAnswerTests {
  /// A question and what comes back.
  struct Row: Sendable, CustomTestStringConvertible {
    let corefile: String
    let name: String
    let type: RRType
    let expected: String

    /// `lines` are directives of a block for all names, with `whoami` behind them; `expected` is
    /// the code and then the records, sections apart with `|`.
    init(_ lines: String, _ name: String, _ type: RRType, _ expected: String) {
      corefile = ". {\n\(lines)\nwhoami\n}\n"
      (self.name, self.type, self.expected) = (name, type, expected)
    }

    var testDescription: String { "\(name) \(type): \(corefile.debugDescription)" }
  }

  private static let addresses = """
    template IN A example {
    match (^|[.])ip-(?P<a>[0-9]*)-(?P<b>[0-9]*)-(?P<c>[0-9]*)-(?P<d>[0-9]*)[.]example[.]$
    answer "{{ .Name }} 60 IN A {{ .Group.a }}.{{ .Group.b }}.{{ .Group.c }}.{{ .Group.d }}"
    fallthrough
    }
    template IN PTR in-addr.arpa {
    match ^(?P<d>[0-9]*)[.](?P<c>[0-9]*)[.](?P<b>[0-9]*)[.](?P<a>[0-9]*)[.]in-addr[.]arpa[.]$
    answer "{{ .Name }} 60 IN PTR ip-{{ .Group.a }}-{{ .Group.b }}-{{ .Group.c }}-{{ .Group.d \
    }}.example."
    }
    """
  private static let passed = "NOERROR passed"

  static let manual = [
    Row("template ANY ANY {\nrcode NXDOMAIN\n}", "a.b.", .a, "NXDOMAIN"),
    Row(
      "template ANY ANY invalid {\nrcode NXDOMAIN\nauthority \"invalid. 60 {{ .Class }} S"
        + "OA ns.invalid. hostmaster.invalid. (1 60 60 60 60)\"\n"
        + "ederror 21 \"Blocked according to RFC2606\"\n}",
      "a.invalid.", .aaaa, "NXDOMAIN||invalid. 60 SOA ns.invalid. hostmaster.invalid. 60 60 60 60"),
    Row("template ANY ANY invalid {\nrcode NXDOMAIN\n}", "valid.", .a, passed),
    Row(
      "template IN ANY example.com {\nmatch \"example\\.com\\.(dc1\\.example\\.com\\.)$\""
        + "\nrcode NXDOMAIN\n"
        + "authority \"{{ index .Match 1 }} 60 IN SOA ns.{{ index .Match 1 }} hostmaster."
        + "{{ index .Match 1 }} (1 60 60 60 60)\"\nfallthrough\n}",
      "a.example.com.dc1.example.com.", .a,
      "NXDOMAIN||dc1.example.com. 60 SOA ns.dc1.example.com. hostmaster.dc1.example.com. "
        + "60 60 60 60"
    ),
    Row(addresses, "ip-10-1-2-3.example.", .a, "NOERROR|ip-10-1-2-3.example. 60 A 10.1.2.3"),
    Row(addresses, "x.ip-10-1-2-3.example.", .a, "NOERROR|x.ip-10-1-2-3.example. 60 A 10.1.2.3"),
    Row(addresses, "ip-10-1-2-3.example.", .txt, passed),
    Row(addresses, "other.example.", .a, passed),
    Row(addresses, "ip-10-1-2-300.example.", .a, "SERVFAIL"),
    Row(addresses, "ip-10---3.example.", .a, "SERVFAIL"),
    Row(
      addresses, "3.2.1.10.in-addr.arpa.", .ptr,
      "NOERROR|3.2.1.10.in-addr.arpa. 60 PTR ip-10-1-2-3.example."),
    Row(addresses, "x.2.1.10.in-addr.arpa.", .ptr, "SERVFAIL"),
    Row(addresses, "3.2.1.10.in-addr.arpa.", .a, passed),
    Row(addresses, "ip-10-1-2-3.example.", .any, "NOERROR|ip-10-1-2-3.example. 60 A 10.1.2.3"),
    Row(
      "template IN A example {\nmatch \"^ip0a(?P<b>[a-f0-9]{2})(?P<c>[a-f0-9]{2})(?P<d>[a"
        + "-f0-9]{2})[.]example[.]$\"\n"
        + "answer \"{{ .Name }} 60 IN A 10.{{ parseInt .Group.b 16 8 }}.{{ parseInt .Grou"
        + "p.c 16 8 }}.{{ parseInt .Group.d 16 8 }}\"\nfallthrough\n}",
      "ip0a7b7b7b.example.", .a, "NOERROR|ip0a7b7b7b.example. 60 A 10.123.123.123"),
    Row(
      "template IN A example {\nmatch \"^ip-(?P<a>10)-(?P<b>[0-9]*)[.]dc[.]example[.]$\" "
        + "\"^(?P<a>[0-9]*)[.](?P<b>[0-9]*)[.]ext[.]example[.]$\"\n"
        + "answer \"{{ .Name }} 60 IN A {{ .Group.a}}.{{ .Group.b }}.0.1\"\nfallthrough\n}",
      "7.8.ext.example.", .a, "NOERROR|7.8.ext.example. 60 A 7.8.0.1"),
    Row(
      "template IN MX example {\nmatch ^ip-10-(?P<b>[0-9]*)[.]example[.]$\nanswer \"{{ .N"
        + "ame }} 60 IN MX 10 {{ .Name }}\"\n"
        + "additional \"{{ .Name }} 60 IN A 10.{{ .Group.b }}.0.1\"\nauthority  \"example"
        + ". 60 IN NS ns0.example.\"\n"
        + "authority  \"example. 60 IN NS ns1.example.\"\nadditional \"ns0.example. 60 IN"
        + " A 203.0.113.8\"\nfallthrough\n}",
      "ip-10-9.example.", .mx,
      "NOERROR|ip-10-9.example. 60 MX 10 ip-10-9.example.|example. 60 NS ns0.example.,exa"
        + "mple. 60 NS ns1.example."
        + "|ip-10-9.example. 60 A 10.9.0.1,ns0.example. 60 A 203.0.113.8"),
  ]

  static let rules = [
    // The first that fits decides.
    Row(
      "template IN A a.org {\nrcode REFUSED\n}\ntemplate IN ANY org {\nrcode NXDOMAIN\n}", "a.org.",
      .a, "REFUSED"),
    Row(
      "template IN A a.org {\nrcode REFUSED\n}\ntemplate IN ANY org {\nrcode NXDOMAIN\n}", "a.org.",
      .aaaa, "NXDOMAIN"),
    Row(
      "template IN A {\nmatch ^a\nfallthrough\nrcode REFUSED\n}\ntemplate IN A {\nmatch ^"
        + "b\nrcode NXDOMAIN\n}",
      "b.", .a, "NXDOMAIN"),
    Row(
      "template IN A {\nmatch ^a\nfallthrough\nrcode REFUSED\n}\ntemplate IN A {\nmatch ^"
        + "b\nrcode NXDOMAIN\n}",
      "c.", .a, "SERVFAIL"),
    Row("template IN A {\nmatch ^a\nfallthrough org\nrcode REFUSED\n}", "c.org.", .a, passed),
    Row("template IN A {\nmatch ^a\nfallthrough org\nrcode REFUSED\n}", "c.net.", .a, "SERVFAIL"),
    // AAAA without an answer, which exists all the same.
    Row("template IN AAAA {\nrcode NOERROR\n}", "a.", .aaaa, "NOERROR"),
    Row("template IN AAAA {\nrcode NOERROR\n}", "a.", .a, passed),
    Row("template ANY AAAA", "a.", .aaaa, "NOERROR"),
    Row("template CH A {\nrcode REFUSED\n}", "a.", .a, passed),
    Row("template IN A 10.0.0.0/8 {\nrcode REFUSED\n}", "1.10.in-addr.arpa.", .a, "REFUSED"),
    Row("template IN A xample {\nrcode REFUSED\n}", "example.", .a, passed),
    Row("template IN TYPE65280 {\nrcode REFUSED\n}", "a.", RRType(rawValue: 65_280), "REFUSED"),
    // What is matched is in lower case, with the final dot and CoreDNS's escapes.
    Row("template IN A {\nmatch ^a[.]b[.]$\nrcode REFUSED\nfallthrough\n}", "A.B.", .a, "REFUSED"),
    Row("template IN A {\nmatch ^[.]$\nrcode REFUSED\nfallthrough\n}", ".", .a, "REFUSED"),
    Row(
      "template IN A {\nmatch ^a\\\\[.]b\\\\.$\nrcode REFUSED\nfallthrough\n}", "a\\.b.", .a, passed
    ),
    Row(
      "template IN A {\nmatch ^a\\\\[.]b[.]$\nrcode REFUSED\nfallthrough\n}", "a\\.b.", .a,
      "REFUSED"),
    Row("template IN A {\nmatch ^a\\\\032$\nrcode REFUSED\nfallthrough\n}", "a\\032.", .a, passed),
    Row(
      "template IN A {\nmatch \"^a\\\\ b[.]$\"\nrcode REFUSED\nfallthrough\n}", "a\\032b.", .a,
      "REFUSED"),
    Row(
      "template IN A {\nmatch \"^a\\\\255[.]$\"\nrcode REFUSED\nfallthrough\n}", "a\\255.", .a,
      "REFUSED"),
    // Records.
    Row(
      "template IN A {\nanswer \"{{ .Name }} 60 IN A 192.0.2.1\" \"{{ .Name }} 60 IN A 19"
        + "2.0.2.2\"\n}",
      "a.", .a, "NOERROR|a. 60 A 192.0.2.1,a. 60 A 192.0.2.2"),
    Row(
      "template IN A {\nanswer \"x.y. 60 IN A 192.0.2.1\"\n}", "a.x.y.", .a,
      "NOERROR|x.y. 60 A 192.0.2.1"),
    Row(
      "template IN A {\nanswer \"xx.y. 60 IN A 192.0.2.1\"\n}", "a.x.y.", .a,
      "NOERROR|xx.y. 60 A 192.0.2.1"),
    Row("template IN A {\nanswer \". 60 IN A 192.0.2.1\"\n}", "a.", .a, "NOERROR|. 60 A 192.0.2.1"),
    Row(
      "template IN A {\nanswer \"{{ if eq .Name `a.` }}a. 60 IN A 192.0.2.1{{ end }}\"\n}", "a.",
      .a, "NOERROR|a. 60 A 192.0.2.1"),
    Row(
      "template IN A {\nanswer \"{{ if eq .Name `a.` }}a. 60 IN A 192.0.2.1{{ end }}\"\n}", "b.",
      .a, "NOERROR"),
    Row(
      "template IN ANY {\nanswer \"{{ .Name }} 60 {{ .Class }} {{ .Type }} 192.0.2.1\"\n}", "a.",
      .a, "NOERROR|a. 60 A 192.0.2.1"),
    Row(
      "template IN ANY {\nanswer \"{{ .Name }} 60 {{ .Class }} {{ .Type }} 192.0.2.1\"\n}", "a.",
      .aaaa, "SERVFAIL"),
    Row(
      "template IN A {\nanswer \"{{ .Name }} 60 IN A {{ .Remote }}\"\n}", "a.", .a,
      "NOERROR|a. 60 A 127.0.0.1"),
    Row(
      "template IN TXT {\nanswer \"{{ .Name }} 60 IN TXT {{ .Zone }}{{ .Question.Name }}\"\n}",
      "A.b.", .txt, "NOERROR|A.b. 60 TXT .A.b."),
    Row(
      "template IN A {\nanswer \"{{ .Name }} 60 IN A {{ index .Match 1 }}\"\n}", "a.", .a,
      "SERVFAIL"),
    Row(
      "template IN A {\nrcode SERVFAIL\nanswer \"a. 60 IN A 192.0.2.1\"\n}", "a.", .a, "SERVFAIL"),
    Row("template IN A {\nupstream\nrcode NOTIMPL\n}", "a.", .a, "NOTIMP"),
  ]

  @Test(arguments: manual + rules)
  func `an answer`(row: Row) async throws {
    let server = try await TestServer(row.corefile)
    let reply = try server.reply(row.name, row.type)
    if row.expected == Self.passed {
      #expect(reply.code == .noError && reply.additional.count == 2, "\(reply)")
      return
    }
    let parts = row.expected.split(separator: "|", omittingEmptySubsequences: false)
    func records(_ part: Int) -> [String] {
      parts.count > part ? parts[part].split(separator: ",").map(String.init) : []
    }
    #expect(reply.code.description == parts[0])
    #expect(reply.answer == records(1))
    #expect(reply.authority == records(2))
    #expect(reply.additional == records(3))
    #expect(reply.flags.contains("aa") == (reply.code != .serverFailure))
    #expect(reply.question == row.name)
  }

  // MARK: - Extended errors

  static let errors: [(options: String, code: UInt16?)] = [
    ("rcode NXDOMAIN", 15), ("rcode NXDOMAIN\nederror 21 \"why\"", 21), ("ederror 4", 4),
    ("ederror 65535", 65_535),
    ("rcode NOERROR", nil), ("rcode REFUSED", nil), ("rcode SERVFAIL", 0),
    ("rcode SERVFAIL\nederror 22", 22),
    ("answer \"{{ .Name }} 60 IN A {{ .Name }}\"", 0), ("answer \"{{ index .Match 9 }}\"", 0),
    ("match ^b", 0), ("rcode BADKEY", nil),
  ]

  @Test(arguments: errors)
  func `an extended error says why, to clients that can read it`(
    options: String, code: UInt16?
  ) async throws {
    let server = try await TestServer(". {\ntemplate IN A {\n\(options)\n}\n}\n")
    let reply = try server.reply(Ask("a.", payload: 1_232))
    #expect(reply.payload != nil && reply.extendedError == code)
    let plain = try server.reply(Ask("a."))
    #expect(plain.payload == nil && plain.extendedError == nil)
    if options.contains("BADKEY") {
      #expect(reply.header.flags & 0xF == 1 && plain.code == .serverFailure)
    } else {
      #expect(plain.code == reply.code)
    }
  }

  // MARK: - Aliases

  private static let alias = """
    . {
    template IN ANY alias.org {
    answer "{{ .Name }} 60 IN CNAME target.net."
    }
    template IN ANY loop.org {
    answer "{{ .Name }} 60 IN CNAME {{ .Name }}"
    }
    template IN ANY own.org {
    answer "{{ .Name }} 60 IN CNAME x.y." "x.y. 60 IN A 192.0.2.9"
    }
    template IN ANY long.org {
    answer "{{ .Name }} 60 IN CNAME x{{ .Name }}"
    }
    template IN A target.net {
    answer "target.net. 30 IN A 192.0.2.1"
    }
    template IN ANY gone.org {
    answer "{{ .Name }} 60 IN CNAME gone.net."
    }
    template IN ANY gone.net {
    rcode NXDOMAIN
    authority "gone.net. 60 IN SOA a. b. 1 2 3 4 5"
    }
    template IN ANY {
    }
    }
    """

  static let aliases: [(name: String, type: RRType, answer: [String])] = [
    ("alias.org.", .a, ["alias.org. 60 CNAME target.net.", "target.net. 30 A 192.0.2.1"]),
    ("alias.org.", .aaaa, ["alias.org. 60 CNAME target.net."]),
    ("alias.org.", .cname, ["alias.org. 60 CNAME target.net."]),
    ("alias.org.", .any, ["alias.org. 60 CNAME target.net."]),
    ("loop.org.", .a, ["loop.org. 60 CNAME loop.org."]),
    ("own.org.", .a, ["own.org. 60 CNAME x.y.", "x.y. 60 A 192.0.2.9"]),
  ]

  @Test(arguments: aliases)
  func `the target of an alias is looked up`(
    name: String, type: RRType, answer: [String]
  ) async throws {
    let reply = try await TestServer(Self.alias).reply(name, type)
    #expect(reply.code == .noError && reply.answer == answer)
  }

  @Test func `an alias whose target does not exist has its code`() async throws {
    let reply = try await TestServer(Self.alias).reply("gone.org.")
    #expect(reply.code == .nameError && reply.answer == ["gone.org. 60 CNAME gone.net."])
    #expect(reply.authority == ["gone.net. 60 SOA a. b. 2 3 4 5"])
  }

  @Test func `aliases that never end do end`() async throws {
    let reply = try await TestServer(Self.alias).reply("long.org.")
    #expect(reply.code == .noError && reply.answer.count < 15)
  }

  // MARK: - Size, rotation, case

  @Test func `what does not fit is cut`() async throws {
    let lines = (1...60).map { "answer \"{{ .Name }} 60 IN A 192.0.2.\($0)\"" }
    let server = try await TestServer(
      ". {\ntemplate IN A {\n\(lines.joined(separator: "\n"))\n}\n}")
    let short = try server.reply(Ask("a."))
    #expect(short.isTruncated && short.octets.count <= 512 && short.answer.count > 25)
    #expect(try server.reply(Ask("a.", .a, .tcp)).answer.count == 60)
  }

  @Test func `addresses rotate with loadbalance`() async throws {
    let server = try await TestServer(
      """
      . {
      loadbalance
      template IN A {
      answer "{{ .Name }} 60 IN A 192.0.2.1" "{{ .Name }} 60 IN A 192.0.2.2" "{{ .Name }} 60 \
      IN A 192.0.2.3"
      }
      }
      """)
    let replies = try server.replies((0..<50).map { _ in Ask("a.") })
    #expect(Set(replies.compactMap(\.answer.first)).count == 3)
    #expect(replies.allSatisfy { $0.answer.count == 3 })
  }

  @Test func `an owner that was asked for keeps the client's case`() async throws {
    let server = try await TestServer(
      ". {\ntemplate IN A {\nanswer \"{{ .Name }} 60 IN A {{ if true }}192.0.2.1{{ end }}\"\n}\n}")
    #expect(try server.reply("WwW.Example.").answer == ["WwW.Example. 60 A 192.0.2.1"])
  }
}
