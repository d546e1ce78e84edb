import Corefile
import Testing

/// Texts that are right, and the tree they mean.
@Suite struct GoodCorefileTests {
  static let cases: [(text: String, tree: String)] = [
    (".:53 {\n}", "[.:53]"),
    (". {\n  errors\n}\n", "[.] errors"),
    (". { }", "[.]"),
    (". {\n health { }\n}", "[.] health {}"),
    (".\n{\n errors\n}", "[.] errors"),
    (". {\n log\n {\n  class all\n }\n}", "[.] log {class all}"),
    // Keys.
    ("example.org", "[example.org.]"),
    ("a.org b.org {\n}", "[a.org. b.org.]"),
    ("a.org, b.org {\n}", "[a.org. b.org.]"),
    ("a.org,\nb.org {\n}", "[a.org. b.org.]"),
    ("a.org,b.org:1053 {\n}", "[a.org. b.org.:1053]"),
    ("a.org ,\n b.org {\n}", "[a.org. b.org.]"),
    ("\"a.org\" {\n}", "[a.org.]"),
    ("EXAMPLE.Org. {\n}", "[example.org.]"),
    ("dns://.:53 DNS://a.org {\n}", "[.:53 a.org.]"),
    ("example.org:1 example.org:65535 {\n}", "[example.org.:1 example.org.:65535]"),
    ("_tcp.x *.example.org {\n}", "[_tcp.x. *.example.org.]"),
    ("a\\.b.c a\\065c {\n}", "[a\\.b.c. aac.]"),
    ("10.0.0.0/8 {\n}", "[10.in-addr.arpa.]"),
    ("10.0.0.0/24:5353 {\n}", "[0.0.10.in-addr.arpa.:5353]"),
    ("10.1.2.3/15 {\n}", "[0.10.in-addr.arpa. 1.10.in-addr.arpa.]"),
    ("2001:db8::/32 {\n}", "[8.b.d.0.1.0.0.2.ip6.arpa.]"),
    ("2001:db8::/32:53 {\n}", "[8.b.d.0.1.0.0.2.ip6.arpa.:53]"),
    ("dns://2001:db8::/31:53 {\n}", "[8.b.d.0.1.0.0.2.ip6.arpa.:53 9.b.d.0.1.0.0.2.ip6.arpa.:53]"),
    ("0/25.2.0.192.in-addr.arpa {\n}", "[0/25.2.0.192.in-addr.arpa.]"),
    ("a:1053 {\n}\na:1053 {\n}", "[a.:1053] | [a.:1053]"),
    // No braces.
    (
      ".:53\nerrors\nforward . 192.0.2.1 {\n max_fails 1\n}\nlog",
      "[.:53] errors; forward . 192.0.2.1 {max_fails 1}; log"
    ),
    ("a.org,\nb.org\nwhoami", "[a.org. b.org.] whoami"),
    ("(s) {\n log\n}\n.\nimport s", "[.] log"),
    // Words.
    (
      ". {\n log \"a b\" \"c\\\"d\" \"\\d\\\\\" \"\"\n}",
      "[.] log \"a b\" \"c\"d\" \"\\d\\\\\" \"\""
    ),
    (". {\n log \"a\nb\" c\n}", "[.] log \"a\nb\" c"),
    (". {\n log \"a\"b\n}", "[.] log \"a\" b"),
    (". {\n log a\"b\n}", "[.] log a\"b"),
    (". {\n log \"{\" \"}\" \"#\" \"import\"\n}", "[.] log \"{\" \"}\" \"#\" \"import\""),
    (". {\n \"import\" x\n}", "[.] \"import\" x"),
    (". { # c {\n # }\n log # x\n}# end\n", "[.] log"),
    (". {\n forward . \\\n   192.0.2.1 \\\r\n 192.0.2.2\n}", "[.] forward . 192.0.2.1 192.0.2.2"),
    (". {\n log a\\\n b\n}", "[.] log a b"),
    (". {\n log a\\b \\ x\n}", "[.] log a\\b \\ x"),
    ("\u{FEFF}.:53 {\r\n errors\r\n log \"a\r\nb\"\r\n}\r\n", "[.:53] errors; log \"a\nb\""),
    (". {\n\tlog\u{A0}ä\u{2003}{remote}\n}", "[.] log ä {remote}"),
    (". {\n a {\n  b {\n   c {\n    d e\n   }\n  }\n }\n}", "[.] a {b {c {d e}}}"),
    (". {\n log {} {}}\n}", "[.] log {} {}}"),
  ]

  @Test(arguments: cases)
  func `good texts give their tree`(text: String, tree: String) {
    let parsed = parse(text)
    #expect(parsed.diagnostics.isEmpty, "\(text)")
    #expect(render(parsed) == tree)
    #expect(parsed.files == ["Corefile"])
  }

  @Test func `kubeadm's Corefile`() {
    let parsed = parse(RealCorefiles.kubeadm)
    #expect(parsed.diagnostics.isEmpty)
    #expect(
      render(parsed) == """
        [.:53] errors; health {lameduck 5s}; ready; kubernetes cluster.local in-addr.arpa \
        ip6.arpa {pods insecure; fallthrough in-addr.arpa ip6.arpa; ttl 30}; prometheus :9153; \
        forward . /etc/resolv.conf {max_concurrent 1000}; cache 30 {disable success \
        cluster.local; disable denial cluster.local}; loop; reload; loadbalance
        """)
    let ttl = parsed.blocks.first?.directives[3].options?[2]
    #expect(ttl?.name.position == SourcePosition(file: "Corefile", line: 10, column: 8))
    #expect(ttl?.arguments.first?.position.description == "Corefile:10:12")
  }

  @Test func `a node-local cache has four blocks on one port`() {
    let parsed = parse(RealCorefiles.nodeLocal)
    #expect(parsed.diagnostics.isEmpty)
    #expect(
      parsed.blocks.flatMap(\.addresses).map { "\($0.zone):\($0.port ?? 0)" }
        == ["cluster.local.:53", "in-addr.arpa.:53", "ip6.arpa.:53", ".:53"])
    #expect(parsed.blocks.map(\.directives.count) == [8, 4, 3, 5])
  }

  @Test func `OpenShift's Corefile`() {
    let parsed = parse(RealCorefiles.openShift)
    #expect(parsed.diagnostics.isEmpty)
    #expect(parsed.blocks.map(\.directives.count) == [6, 10, 1])
    #expect(parsed.blocks.last?.keys.map(\.text) == ["hostname.bind:5353"])
  }

  @Test func `folders of overrides and servers`() {
    let parsed = parse(
      RealCorefiles.imports,
      files: [
        "custom/a.override": "log\n", "custom/b.override": "cache 10 {\n prefetch 1\n}",
        "custom/x.server": "stub.org:53 {\n forward . 192.0.2.9\n}\n", "custom/readme": "{{{",
      ])
    #expect(parsed.diagnostics.isEmpty)
    #expect(
      parsed.files == ["Corefile", "custom/a.override", "custom/b.override", "custom/x.server"])
    let names = parsed.blocks.map { $0.directives.map(\.name.text) }
    #expect(
      names == [["errors", "hosts", "rewrite", "log", "cache", "template"], ["forward"]])
    #expect(parsed.blocks.first?.directives[2].arguments.last?.text == "{1}.cluster.local")
    #expect(
      parsed.blocks.first?.directives.last?.options?.first?.arguments.first?.text
        == #"^(?:[^.]+\.){4,}internal\.example\.net\.$"#)
  }
}
