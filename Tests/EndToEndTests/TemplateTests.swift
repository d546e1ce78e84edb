import TestSupport
import Testing

/// `template` in the built binary, asked with dig.
@Suite(.serialized) struct TemplateTests {
  private static let corefile = """
        template IN A ip.example {
            match ^ip-(?P<a>\\d+)-(?P<b>\\d+)-(?P<c>\\d+)-(?P<d>\\d+)[.]
            answer "{{ .Name }} 60 IN A {{ .Group.a }}.{{ .Group.b }}.{{ .Group.c }}.{{ .Group.d }}"
            fallthrough
        }
        template IN PTR 10.0.0.0/8 {
            match \
            ^(?P<d>[0-9]*)[.](?P<c>[0-9]*)[.](?P<b>[0-9]*)[.](?P<a>[0-9]*)[.]in-addr[.]arpa[.]$
            answer "{{ .Name }} 60 IN PTR ip-{{ .Group.a }}-{{ .Group.b }}-{{ .Group.c }}-{{ \
            .Group.d }}.ip.example."
        }
        template IN ANY alias.example {
            match "^(.*)[.]alias[.]example[.]$"
            answer "{{ .Name }} 60 IN CNAME {{ index .Match 1 }}.ip.example."
        }
        template IN TXT text.example {
            match "^([^.]+)[.]"
            answer "{{ .Name }} 60 IN TXT \\"{{ .Name }}\\" \\"{{ index .Match 1 }}\\""
        }
        template ANY ANY internal.cloudapp.net {
            match "^(?:[^.]+\\.){4,}internal\\.cloudapp\\.net\\.$"
            rcode NXDOMAIN
            fallthrough
        }
        template ANY ANY invalid {
            rcode NXDOMAIN
            authority "invalid. 60 {{ .Class }} SOA ns.invalid. hostmaster.invalid. (1 60 60 60 60)"
            ederror 21 "Blocked according to RFC2606"
        }
        template IN HTTPS svc.example {
            answer "{{ .Name }} 60 IN HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1"
        }
        template IN AAAA {
            rcode NOERROR
        }
        whoami
    """

  private let daemon: Daemon

  init() throws {
    daemon = try Daemon(readiness: .answers) { port in
      ".:\(port) {\n    errors\n\(Self.corefile)\n}\n"
    }
  }

  /// What dig prints, without comments and empty lines unless they are asked for.
  private func dig(_ arguments: String...) throws -> [String] {
    let folder = daemon.folder
    let process = try ChildProcess(
      executable: "dig",
      arguments: ["@127.0.0.1", "-p", "\(daemon.port)", "+time=20", "+tries=2"] + arguments,
      folder: folder.path, standardOutput: folder.path("dig.txt"),
      standardError: folder.path("dig-error.txt"))
    let end = process.waitForEnd(.seconds(20))
    #expect(end == .exit(0), "\(folder.read("dig.txt"))\(folder.read("dig-error.txt"))")
    return folder.read("dig.txt").split(separator: "\n").map(String.init)
  }

  /// The answer section as dig prints it, blanks between the fields.
  private func answer(_ name: String, _ type: String, _ more: String = "+notcp") throws -> [String]
  {
    try dig("+noall", "+answer", more, name, type).map {
      $0.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
  }

  static let answers: [(name: String, type: String, lines: [String])] = [
    ("ip-10-1-2-3.ip.example", "A", ["ip-10-1-2-3.ip.example. 60 IN A 10.1.2.3"]),
    ("IP-10-1-2-3.ip.example", "A", ["IP-10-1-2-3.ip.example. 60 IN A 10.1.2.3"]),
    ("3.2.1.10.in-addr.arpa", "PTR", ["3.2.1.10.in-addr.arpa. 60 IN PTR ip-10-1-2-3.ip.example."]),
    (
      "ip-10-1-2-3.alias.example", "A",
      [
        "ip-10-1-2-3.alias.example. 60 IN CNAME ip-10-1-2-3.ip.example.",
        "ip-10-1-2-3.ip.example. 60 IN A 10.1.2.3",
      ]
    ),
    (
      "a.svc.example", "HTTPS",
      ["a.svc.example. 60 IN HTTPS 1 . alpn=\"h2,h3\" ipv4hint=192.0.2.1"]
    ),
    ("a.svc.example", "AAAA", []), ("ip-10-1-2-3.ip.example", "AAAA", []),
  ]

  @Test(arguments: answers)
  func `answers over both transports`(name: String, type: String, lines: [String]) throws {
    #expect(try answer(name, type) == lines)
    #expect(try answer(name, type, "+tcp") == lines)
  }

  @Test func `codes, authority and extended errors`() throws {
    let denied = try dig("+noquestion", "a.invalid", "A")
    #expect(denied.contains { $0.contains("status: NXDOMAIN") && !$0.contains("flags: ad") })
    #expect(
      denied.contains { $0.contains("EDE: 21") && $0.contains("Blocked according to RFC2606") })
    #expect(
      denied.contains { $0.contains("SOA") && $0.contains("ns.invalid. hostmaster.invalid.") })
    let azure = try dig("a.b.c.d.internal.cloudapp.net", "A")
    #expect(azure.contains { $0.contains("status: NXDOMAIN") })
    #expect(azure.contains { $0.contains("EDE: 15 (Blocked)") })
    #expect(try dig("a.internal.cloudapp.net", "A").contains { $0.contains("status: NOERROR") })
    let failed = try dig("ip-10-1-2-300.ip.example", "A")
    #expect(failed.contains { $0.contains("status: SERVFAIL") })
    #expect(failed.contains { $0.contains("a template made no record") })
    #expect(daemon.output.contains("a template made no record"))
  }

  /// As dig writes names; the first string of the record is the name, the second what was caught.
  static let hostile = [
    "a\\\"b", "a\\\" \\\"b", "a\\;b", "a\\(b", "a\\)", "a\\010b", "a\\032b", "\\@", "\\$INCLUDE",
    "a\\000b", "a\\255", "a'b", "{{",
  ]

  @Test(arguments: hostile)
  func `a hostile name is one record of two strings`(label: String) throws {
    let lines = try dig("+noall", "+answer", "\(label).text.example", "TXT")
    #expect(lines.count == 1)
    let line = try #require(lines.first)
    #expect(line.hasSuffix("\"") && line.contains(".text.example.\" \""))
  }

  @Test func `a name that is caught in the middle of an escape is an error`() throws {
    // The label is `a.b`; the expression takes what stands before the first dot: `a\`.
    let lines = try dig("a\\.b.text.example", "TXT")
    #expect(lines.contains { $0.contains("status: SERVFAIL") })
    #expect(
      try answer("ok.text.example", "TXT") == [
        "ok.text.example. 60 IN TXT \"ok.text.example.\" \"ok\""
      ])
    #expect(daemon.end == nil)
  }
}
