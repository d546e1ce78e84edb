import Corefile
import Testing

/// Texts that are wrong, and every place and reason that must be reported.
@Suite struct BadCorefileTests {
  static let structure: [BadCase] = [
    BadCase("", "1:1 no server blocks"),
    BadCase("\n  # only a comment\n", "1:1 no server blocks"),
    BadCase("(s) {\n log\n}", "1:1 no server blocks"),
    BadCase(". {\n errors\n", "1:3 found the end of the file, expected '}'"),
    BadCase(". {\n log {\n", "1:3 expected '}'", "2:6 expected '}'"),
    BadCase("a {\n health {\n  lameduck 5s\n}\nb.org {\n}", "1:3 \"b.org\" at Corefile:5:1"),
    BadCase(
      "a {\n log {\nb.org {\n x.\n} }\n", "1:3 \"b.org\"", "2:6 \"b.org\"",
      "5:3 found \"}\" after '}'"),
    BadCase("}", "1:1 found '}', expected a server block"),
    BadCase(". {\n}\n}\n", "3:1 no '{' is open"),
    BadCase(". {\n log {\n }\n }\n errors\n cache 30 {\n  x\n }\n}", "5:2 '}' too many above"),
    BadCase(". {\n}\nerrors\n}\nb.org {\n} x", "3:1 outside of a server block", "6:3 after '}'"),
    BadCase(". {\n}\nready\nb.org {\n log {\n}", "3:1 outside of", "4:7 expected '}'"),
    BadCase("{\n errors\n}", "1:1 expected the zones"),
    BadCase("{\n}\nx.org {\n}}", "1:1 expected the zones", "3:7 expected '}'"),
    BadCase(". {\n {\n  a\n }\n log\n}", "2:2 expected a directive before it"),
    BadCase(". { errors\n}", "1:5 found \"errors\" after '{', expected the end of the line"),
    BadCase(". { errors }", "1:5 found \"errors\" after '{'"),
    BadCase(". {\n log { class all }\n}", "2:8 found \"class\" after '{'"),
    BadCase(". {\n errors }", "2:9 found '}' after other words"),
    BadCase(". {\n log {\n } x\n}", "3:4 found \"x\" after '}'"),
    BadCase("example.org{\n log\n}", "1:12 expected a space before it"),
    BadCase(". {\n log{\n  class all\n }\n}", "2:5 expected a space before it"),
    BadCase(". {\n \"\"\n}", "2:2 expected the name of a directive"),
    BadCase(". {\n {$UNSET} x\n}", "2:2 found an empty text"),
    BadCase(".:53\n errors\n}", "3:1 expected one after the zones at Corefile:1:1"),
    BadCase("a.org\nerrors\nb.org {\n}", "1:1 another server block at Corefile:3:1"),
    BadCase("a.org,\n", "1:6 found nothing after ','"),
    BadCase("a.org, {\n}", "1:8 expected another zone"),
    BadCase("a.org,\n}\nb.org {\n}", "1:6 found nothing", "2:1 expected one after the zones"),
    BadCase("a.org ,", "1:7 found nothing after ','"),
    BadCase(
      String(repeating: "a {\n", count: 17), "1:3", "2:3", "3:3", "4:3", "5:3", "6:3", "7:3",
      "8:3", "9:3", "10:3", "11:3", "12:3", "13:3", "14:3", "15:3", "16:3", "17:3 inside 16"),
    BadCase(
      String(repeating: "a {\n", count: 30) + String(repeating: "}\n", count: 30),
      "17:3 found '{' inside 16 others"),
  ]

  static let words: [BadCase] = [
    BadCase(". {\n log \"a b\n errors\n}", "2:6 expected '\"'"),
    BadCase("\"", "1:1 expected '\"'"),
    BadCase(". {\n log a\0b\n}", "2:7 found a NUL"),
    BadCase("\0", "1:1 found a NUL"),
    BadCase(". {\n log \"\0\" \0\n}", "2:8 found a NUL"),
  ]

  static let keys: [BadCase] = [
    BadCase("tls://. {\n}", "1:1 tls:// is not built yet"),
    BadCase("a https://b.org:443 {\n}", "1:3 https:// is not built yet"),
    BadCase("https3://. grpc://. quic://. {\n}", "1:1 https3", "1:12 grpc", "1:21 quic"),
    BadCase("http://a.org {\n}", "1:1 scheme \"http://\""),
    BadCase("dns:// {\n}", "1:1 found an empty text"),
    BadCase("tls://x:0 {\n}", "1:1 not built yet", "1:1 found \"0\" after ':'"),
    BadCase(".:0 {\n}", "1:1 expected a port from 1 to 65535"),
    BadCase(".:65536 {\n}", "1:1 found \"65536\""),
    BadCase(".:99999999999999999999 {\n}", "1:1 expected a port"),
    BadCase(".:-1 {\n}", "1:1 found \"-1\""),
    BadCase(".:+53 {\n}", "1:1 found \"+53\""),
    BadCase(".: {\n}", "1:1 found \"\" after ':'"),
    BadCase("a.org:dns {\n}", "1:1 found \"dns\" after ':'"),
    BadCase(":53 {\n}", "1:1 expected a zone before the port"),
    BadCase("[::]:53 {\n}", "1:1 bind plugin"),
    BadCase("[2001:db8::/32]:53 {\n}", "1:1 2001:db8::/32:53"),
    BadCase("::1 {\n}", "1:1 found the address \"::1\""),
    BadCase("2001:db8::1:53 {\n}", "1:1 expected a zone: a reverse zone has a prefix"),
    BadCase("192.0.2.1:53 {\n}", "1:1 served as a domain name"),
    BadCase("10.0.0.0/33 {\n}", "1:1 a prefix length"),
    BadCase("10.0.0/24 {\n}", "1:1 expected a whole address"),
    BadCase("10.0.0.256/24 {\n}", "1:1 expected a whole address"),
    BadCase("10.0.0.0/ {\n}", "1:1 a prefix length"),
    BadCase("2001:db8::/129 {\n}", "1:1 a prefix length"),
    BadCase("2001:db8:::/32 {\n}", "1:1 expected a whole address"),
    BadCase("a..org {\n}", "1:1 no empty label"),
    BadCase(".org {\n}", "1:1 no empty label"),
    BadCase("a\\ {\n}", "1:1 found '\\' at the end"),
    BadCase("a\\300.org {\n}", "1:1 up to 255"),
    BadCase("a\\1.org {\n}", "1:1 three digits"),
    BadCase("münchen.org {\n}", "1:1 xn--"),
    BadCase("\"a b\" {\n}", "1:1 found a space"),
    BadCase("a(b {\n}", "1:1 found '('"),
    BadCase("{$UNSET} {\n}", "1:1 a variable that is not set"),
    BadCase("a.org a.org. A.ORG b.org {\n}", "1:7 in this server block", "1:14 in this"),
    BadCase("10.0.0.0/7 10.0.0.0/8 {\n}", "1:12 in this server block already"),
    BadCase(String(repeating: "a", count: 64) + " {\n}", "1:1 at most 63 octets"),
    BadCase(String(repeating: "abc.", count: 64) + " {\n}", "1:1 at most 255 octets"),
    BadCase(
      "a.org b..org c.org:0,d.org {\n}\n. {", "1:7 empty label", "1:14 port", "3:3 expected '}'"),
  ]

  static let imports: [BadCase] = [
    BadCase(". {\n import\n}", "2:2 expected a file, a pattern"),
    BadCase(". {\n import \"\"\n}", "2:9 found an empty text after import"),
    BadCase(". {\n import {$UNSET}\n}", "2:9 found an empty text after import"),
    BadCase(". {\n import nothere\n}", "2:9 cannot read \"nothere\": no such file"),
    BadCase(". {\n import x/secret\n}", "2:9 permission denied"),
    BadCase(". {\n import x/*.none\n}", "2:9 no file matches"),
    BadCase("import *.none", "1:1 no server blocks", "1:8 no file matches"),
    BadCase(". {\n import x {\n  y\n }\n log\n}", "2:11 import has no block"),
    BadCase("(log) {\n a\n}\n. {\n import lgo\n}", "5:9 did you mean \"log\"?"),
    BadCase(". {\n import s\n}\n(s) {\n log\n}", "2:9 a snippet defined before this line"),
    BadCase("(s) {\n import s\n}\n. {\n import s\n}", "2:9 (s) -> (s)"),
    BadCase("(s) {\n}\n(s) {\n}\n. {\n}", "3:1 a second snippet (s)"),
    BadCase("(s)\n. {\n}", "1:1 expected '(name) {'"),
    BadCase("() {\n}\n. {\n}", "1:1 a snippet's (name)"),
    BadCase("(s {\n}\n. {\n}", "1:1 a snippet's (name)"),
    BadCase("(s) x {\n}\n. {\n}", "1:5 after the name of a snippet"),
    BadCase("(s) {\n log\n. {\n}\nb.org:0 {\n}", "1:5 expected '}'", "5:1 \"0\""),
    BadCase(
      "(s) {\n log {args[1]} {args.7}\n}\n. {\n import s a\n}", "2:6 {args[1]}", "2:16 {args.7}"),
    BadCase("import a", "b:1:8 a -> b -> a", files: ["a": "import b", "b": "import a"]),
    BadCase("import Corefile", "1:8 Corefile -> Corefile"),
    BadCase("import d/a", "d/a:2:3 found \"}\" after", files: ["d/a": ". {\n} }"]),
    BadCase(
      "import d/*", "d/b:2:1 no '{' is open",
      files: ["d/a": ". {", "d/b": "}\n}"]),
    BadCase(
      "import a\nimport a\n", "a:3:1 found \"\" after ':'", files: ["a": ". {\n}\nx: {\n}"]),
  ]

  @Test(arguments: structure + words + keys + imports)
  func `bad texts name every place and reason`(_ bad: BadCase) {
    let differences = bad.differences(parse(bad.text, files: bad.files).diagnostics)
    #expect(differences == [])
  }

  @Test func `there are at least sixty bad texts`() {
    #expect((Self.structure + Self.words + Self.keys + Self.imports).count >= 60)
  }

  @Test func `a bad block does not hide the next`() {
    let parsed = parse("a..b {\n log\n}\nc.org {\n x }\n}\nd.org {\n cache 5\n}\n")
    #expect(parsed.blocks.contains { $0.addresses.first?.zone == "d.org." })
    #expect(parsed.hasErrors)
  }

  @Test func `diagnostics print as file, line, column, severity and message`() {
    let parsed = parse(". {\n}\n}")
    #expect(
      parsed.diagnostics.map(\.description)
        == ["Corefile:3:1: error: found '}', expected a server block: no '{' is open here"])
  }
}
