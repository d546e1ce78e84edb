import DNSWire
import Files
import Plugins
import Synchronization
import Testing

/// The template language: what Go's documentation of text/template says comes out.
@Suite struct GoTemplateTests {
  /// A template and its text; `nil` where it fails when it runs.
  struct Row: Sendable, CustomTestStringConvertible {
    let template: String
    let expected: String?

    init(_ template: String, _ expected: String?) {
      self.template = template
      self.expected = expected
    }

    var testDescription: String { template.debugDescription }
  }

  /// The query that all rows are about.
  static let data: TemplateData = {
    var data = TemplateData()
    data.zone = MarkedText("example.")
    data.name = MarkedText(foreign: "ip-10-0a.example.".utf8)
    data.match = ["ip-10-0a", "10", "0a"].map { MarkedText(foreign: $0.utf8) }
    data.groupNames = [(name: "a", group: 1), (name: "b", group: 2)]
    data.questionName = MarkedText(foreign: "IP-10-0a.example.".utf8)
    data.header.id = 4_660
    data.client = IPAddress(v4: 0xC000_0201)
    return data
  }()

  static let text = [
    Row("", ""), Row("plain", "plain"), Row("{{ .Name }}", "ip-10-0a.example."),
    Row("{{.Name}}", "ip-10-0a.example."), Row("a{{ .Zone }}b", "aexample.b"),
    Row("{{ .Class }} {{ .Type }}", "IN A"), Row("{{ .Remote }}", "192.0.2.1"),
    Row("{{ .Match }}", "[ip-10-0a 10 0a]"), Row("{{ index .Match 0 }}", "ip-10-0a"),
    Row("{{ .Group.a }}-{{ .Group.b }}", "10-0a"), Row("{{ index .Group \"b\" }}", "0a"),
    Row("{{ index .Group \"2\" }}", "0a"), Row("{{ .Group.none }}", "<no value>"),
    Row("[{{ index .Group \"none\" }}]", "[]"), Row("{{ .Var.x }}", "<no value>"),
    Row("[{{ .Meta \"kubernetes/client-namespace\" }}]", "[]"), Row("{{ .Message.Id }}", "4660"),
    Row("{{ .Question.Name }} {{ .Question.Qtype }}", "IP-10-0a.example. 1"),
    Row("{{ .Question.Qclass }}", "1"), Row("{{ (index .Message.Question 0).Qtype }}", "1"),
    Row("{{ $.Zone }}", "example."), Row("{{ .Group }}", "map[0:ip-10-0a 1:10 2:0a a:10 b:0a]"),
    Row("{{ .Regex }}", ".*"),
    // Trimming and comments.
    Row("a {{- .Type -}} b", "aAb"), Row("a {{ .Type -}}\n\t b", "a Ab"), Row("{{ 3 -}} x", "3x"),
    Row("a {{- -3 }}", "a-3"), Row("{{-3}}", "-3"), Row("a{{/* note */}}b", "ab"),
    Row("a {{- /* note */ -}} b", "ab"), Row("a {{/* x */ -}} b", "a b"),
    Row("{{ \"}}\" }}", "}}"),
    // Constants.
    Row("{{ 1 }} {{ 0x10 }} {{ 0b11 }} {{ 0o17 }} {{ 017 }} {{ 1_000 }}", "1 16 3 15 15 1000"),
    Row("{{ 'a' }} {{ '\\n' }} {{ '\\x41' }} {{ 'é' }}", "97 10 65 233"),
    Row("{{ 1.5 }} {{ 1e3 }} {{ 1e21 }} {{ .5 }}", "1.5 1000 1e+21 0.5"),
    Row("{{ 1e-5 }} {{ 123456789.0 }} {{ 100000000000000000000.0 }}", "1e-05 1.23456789e+08 1e+20"),
    Row("{{ true }} {{ false }}", "true false"), Row("{{ `a\\n\"b` }}", "a\\n\"b"),
    Row("{{ \"a\\tb\\\"\\x41\\u00e9\\101\" }}", "a\tb\"AéA"),
    Row("{{ 18446744073709551615 }}", "18446744073709551615"),
    // Pipelines and variables.
    Row("{{ .Group.b | printf \"%s-%s\" \"x\" }}", "x-0a"), Row("{{ (len .Match) }}", "3"),
    Row("{{ .Match | len | printf \"%03d\" }}", "003"),
    Row("{{ $x := .Group.a }}{{ $x }}.{{ $x }}", "10.10"),
    Row("{{ $x := 1 }}{{ $x = 2 }}{{ $x }}", "2"),
    Row("{{ $x := 1 }}{{ if true }}{{ $x = 3 }}{{ end }}{{ $x }}", "3"),
    Row("{{ $x := 1 }}{{ if true }}{{ $x := 3 }}{{ end }}{{ $x }}", "1"),
    Row("{{ $x := .Group }}{{ $x.a }}", "10"), Row("{{ (index .Match 1) }}", "10"),
    Row("{{ printf \"%s\" (index .Match 1) }}", "10"),
  ]

  static let control = [
    Row("{{ if .Name }}y{{ end }}", "y"), Row("{{ if .Group.none }}y{{ else }}n{{ end }}", "n"),
    Row("{{ if 0 }}y{{ else }}n{{ end }}", "n"), Row("{{ if \"\" }}y{{ else }}n{{ end }}", "n"),
    Row("{{ if eq .Type \"A\" }}a{{ else if eq .Type \"B\" }}b{{ else }}c{{ end }}", "a"),
    Row("{{ if eq .Type \"B\" }}a{{ else if eq .Type \"A\" }}b{{ else }}c{{ end }}", "b"),
    Row("{{ if eq .Type \"B\" }}a{{ else if false }}b{{ else }}c{{ end }}", "c"),
    Row("{{ with .Group.a }}{{ . }}{{ end }}", "10"),
    Row("{{ with .Group.none }}y{{ else }}{{ .Type }}{{ end }}", "A"),
    Row("{{ with .Group.none }}y{{ else with .Group.b }}{{ . }}{{ end }}", "0a"),
    Row("{{ with $x := .Group.a }}{{ $x }}{{ end }}", "10"),
    Row("{{ with .Group }}{{ .a }}{{ $.Type }}{{ end }}", "10A"),
    Row("{{ range .Match }}[{{ . }}]{{ end }}", "[ip-10-0a][10][0a]"),
    Row("{{ range $i, $e := .Match }}{{ $i }}={{ $e }} {{ end }}", "0=ip-10-0a 1=10 2=0a "),
    Row("{{ range $e := .Match }}{{ $e }},{{ end }}", "ip-10-0a,10,0a,"),
    Row("{{ range $k, $v := .Group }}{{ $k }}{{ end }}", "012ab"),
    Row("{{ range 3 }}{{ . }}{{ end }}", "012"), Row("{{ range $i := 2 }}{{ $i }}{{ end }}", "01"),
    Row("{{ range 0 }}x{{ else }}none{{ end }}", "none"),
    Row("{{ range .Var }}x{{ else }}none{{ end }}", "none"),
    Row(
      "{{ range $i, $e := .Match }}{{ if eq $i 1 }}{{ break }}{{ end }}{{ $e }}{{ end }}",
      "ip-10-0a"),
    Row(
      "{{ range $i, $e := .Match }}{{ if eq $i 1 }}{{ continue }}{{ end }}{{ $i }}{{ end }}", "02"),
    Row("{{ $n := 0 }}{{ range .Match }}{{ $n = len . }}{{ end }}{{ $n }}", "2"),
    Row("{{ define \"x\" }}<{{ . }}>{{ end }}{{ template \"x\" .Type }}", "<A>"),
    Row("{{ template \"x\" }}{{ define \"x\" }}<{{ . }}>{{ end }}", "<<no value>>"),
    Row("{{ block \"x\" .Zone }}({{ . }}){{ end }}", "(example.)"),
    // What fails inside of another template, with variables outside of it.
    Row(
      "{{ $z := .Zone }}{{ $y := $z }}{{ range $i, $m := .Match }}{{ template \"t\" . }}{{ end }}"
        + "{{ define \"t\" }}{{ slice . 0 300 }}{{ end }}", nil),
    Row("{{ define \"r\" }}{{ template \"r\" . }}{{ end }}{{ template \"r\" . }}", nil),
    Row("{{ range $i, $x := 3 }}{{ end }}", nil), Row("{{ range .Type }}{{ end }}", nil),
    Row("{{ range true }}{{ end }}", nil),
  ]

  static let functions = [
    Row("{{ and 1 0 2 }} {{ and 1 2 }} {{ or 0 \"\" 3 }} {{ or 0 \"\" }}|", "0 2 3 |"),
    Row("{{ or 1 (index .Match 99) }}", "1"), Row("{{ and 0 (index .Match 99) }}", "0"),
    Row("{{ not 0 }} {{ not .Name }}", "true false"),
    Row("{{ len .Name }} {{ len .Group }}", "17 5"),
    Row("{{ eq 1 1 }} {{ eq 1 2 1 }} {{ eq \"a\" \"b\" }}", "true true false"),
    Row(
      "{{ ne 1 2 }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt 1 2 }} {{ ge 2 2 }}",
      "true true true false true"),
    Row("{{ lt \"a\" \"b\" }} {{ lt 1.5 2.5 }}", "true true"),
    Row("{{ eq (parseInt \"7\" 10 8) 7 }}", "true"),
    Row("{{ lt -1 (parseInt \"7\" 10 8) }}", "true"), Row("{{ eq .Group.none \"\" }}", "false"),
    Row("{{ eq 1 \"a\" }}", nil), Row("{{ lt 1 1.5 }}", nil), Row("{{ eq 1 }}", nil),
    Row("{{ lt 1 2 3 }}", nil),
    Row("{{ index .Match 3 }}", nil), Row("{{ index .Match -1 }}", nil),
    Row("{{ index .Match \"a\" }}", nil),
    Row("{{ index 1 1 }}", nil), Row("{{ index \"abc\" 1 }}", "98"),
    Row("{{ index .Match 1 0 }}", "49"),
    Row("{{ slice .Name 3 5 }} {{ slice .Name 9 }}", "10 example."),
    Row("{{ slice .Match 1 }}", "[10 0a]"),
    Row("{{ slice .Name 5 3 }}", nil), Row("{{ slice .Name 0 99 }}", nil),
    Row("{{ slice \"abcd\" 1 2 3 }}", nil),
    Row("{{ slice .Match 0 1 3 }}", "[ip-10-0a]"), Row("{{ slice 1 1 }}", nil),
    Row("{{ print 1 2 \"a\" \"b\" 3 }}", "1 2ab3"), Row("{{ print \"a\" 1 true }}", "a1 true"),
    Row("{{ println 1 \"a\" }}|", "1 a\n|"), Row("{{ print }}|", "|"),
    Row("{{ print nil }}", "<nil>"),
    Row("{{ html \"<a b='c'>&\" }}", "&lt;a b=&#39;c&#39;&gt;&amp;"),
    Row("{{ js \"it's <\\\"=\" }}", "it\\'s \\u003C\\\"\\u003D"),
    Row("{{ urlquery \"a b/c\" }}", "a+b%2Fc"),
    Row("{{ parseInt .Group.b 16 8 }}", "10"), Row("{{ parseInt \"0x1f\" 0 64 }}", "31"),
    Row("{{ .Group.a | len }}", "2"), Row("{{ parseInt \"256\" 10 8 }}", nil),
    Row("{{ parseInt \"-1\" 10 8 }}", nil),
    Row("{{ parseInt \"+1\" 10 8 }}", nil), Row("{{ parseInt \"\" 10 8 }}", nil),
    Row("{{ parseInt \"zz\" 36 0 }}", "1295"),
    Row("{{ parseInt \"1\" 1 8 }}", nil), Row("{{ parseInt \"1\" 37 8 }}", nil),
    Row("{{ parseInt \"1\" 10 65 }}", nil),
    Row("{{ parseInt 1 10 8 }}", nil), Row("{{ parseInt \"1\" 10 }}", nil),
    Row("{{ parseInt .Group.none 10 8 }}", nil),
    Row("{{ .Type.Foo }}", nil), Row("{{ .Name 1 }}", nil),
    Row("{{ . }}", nil),
    Row("{{ .Message }}", nil), Row("{{ .Message.None }}", nil), Row("{{ .Meta }}", nil),
    Row("{{ .Meta 1 }}", nil),
    Row("{{ nil }}", nil), Row("{{ .Group.none.more }}", "<no value>"), Row("{{ not }}", nil),
    Row("{{ len 3 }}", nil),
  ]

  static let formats = [
    Row("{{ printf \"%s|%v|%q\" \"a\" \"b\" \"c\" }}", "a|b|\"c\""),
    Row("{{ printf \"%d %v\" 5 6 }}", "5 6"),
    Row("{{ printf \"%x %X %o %b %c %U\" 255 255 8 5 65 65 }}", "ff FF 10 101 A U+0041"),
    Row("{{ printf \"%#x %#o %O\" 255 8 8 }}", "0xff 010 0o10"),
    Row("{{ printf \"%5d|%-5d|%05d|%+d|% d\" 1 2 3 4 5 }}", "    1|2    |00003|+4| 5"),
    Row("{{ printf \"%05d %.3d\" -3 7 }}", "-0003 007"),
    Row("{{ printf \"%5s|%-5s|%.2s\" \"a\" \"b\" \"abc\" }}", "    a|b    |ab"),
    Row("{{ printf \"%x % x %X\" \"abc\" \"abc\" \"é\" }}", "616263 61 62 63 C3A9"),
    Row("{{ printf \"%t %v\" true false }}", "true false"), Row("{{ printf \"%%\" }}", "%"),
    Row("{{ printf \"%v %s\" .Match .Match }}", "[ip-10-0a 10 0a] [ip-10-0a 10 0a]"),
    Row("{{ printf \"%q\" .Match }}", "[\"ip-10-0a\" \"10\" \"0a\"]"),
    Row("{{ printf \"%d\" \"a\" }}", "%!d(string=a)"),
    Row("{{ printf \"%s\" 5 }}", "%!s(int=5)"),
    Row("{{ printf \"%s %s\" \"a\" }}", "a %!s(MISSING)"),
    Row("{{ printf \"%s\" \"a\" 2 }}", "a%!(EXTRA int=2)"),
    Row("{{ printf \"a%\" }}", "a%!(NOVERB)"),
    Row("{{ printf \"%.2f %f %g\" 1.005 2.5 0.1 }}", "1.00 2.500000 0.1"),
    Row("{{ printf \"%v\" nil }}", "<nil>"),
    Row("{{ printf \"%T\" 1 }}", "int"), Row("{{ printf \"%d\" (parseInt \"ff\" 16 8) }}", "255"),
    Row("{{ printf \"%q\" \"a\\\"b\\\\\" }}", "\"a\\\"b\\\\\""),
    Row("{{ printf \"%9999s\" \"a\" }}", nil),
    Row("{{ printf 1 }}", nil), Row("{{ printf \"%*d\" 1 2 }}", nil),
  ]

  @Test(arguments: text + control + functions + formats)
  func `a template gives what Go's gives`(row: Row) throws {
    let template = try GoTemplate(row.template)
    guard let expected = row.expected else {
      #expect(throws: TemplateFailure.self) { try template.expand(Self.data) }
      return
    }
    #expect(try template.expand(Self.data).string == expected)
  }

  static let wrong: [(template: String, words: String)] = [
    ("{{", "unclosed action"), ("{{ .Name", "unclosed action"), ("{{ }}", "no value"),
    ("{{ .Name }", "unexpected character"), ("{{ .Nmae }}", "there is no field .Nmae"),
    ("{{ $.Nmae }}", "no field .Nmae"),
    ("{{ foo }}", "function \"foo\": not defined"), ("{{ call .Name }}", "no functions to call"),
    ("{{ $x }}", "undefined variable \"$x\""), ("{{ $x = 1 }}", "undefined variable"),
    ("{{ if true }}", "expected {{end}}"), ("{{ end }}", "{{end}}"), ("{{ else }}", "{{end}}"),
    ("{{ if true }}{{ else }}{{ else }}{{ end }}", "expected {{end}}"),
    ("{{ if }}{{ end }}", "no value"),
    ("{{ break }}", "outside {{range}}"),
    ("{{ range 3 }}{{ end }}{{ continue }}", "outside {{range}}"),
    ("{{ template \"x\" }}", "not defined"), ("{{ template x }}", "in quotes"),
    (
      "{{ $x := .Name }}{{ $y := 1 }}{{ if $x }}{{ block \"b\" . }}{{ nosuch }}{{ end }}{{ end }}",
      "not defined"
    ),
    ("{{ if true }}{{ define \"x\" }}{{ end }}{{ end }}", "in a block"),
    ("{{ define \"x\" }}{{ end }}{{ define \"x\" }}{{ end }}", "twice"),
    ("{{ (1 }}", "unexpected \"}}\""),
    ("{{ 1) }}", "\")\" in operand"), ("{{ 1 | 2 | 3 }}", "no function"), ("{{ 1 | }}", "no value"),
    ("{{ | 1 }}", "no value"),
    ("{{ \"a }}", "unterminated quoted"), ("{{ `a }}", "unterminated raw"),
    ("{{ 'ab' }}", "character constant"),
    ("{{ 'a }}", "character constant"), ("{{ \"\\z\" }}", "unknown escape"),
    ("{{ \"\\x4\" }}", "bad escape"),
    ("{{ 1.2.3 }}", "bad number"), ("{{ 0x }}", "bad number"), ("{{ 09 }}", "bad number"),
    ("{{ 1a }}", "bad number"),
    ("{{ 99999999999999999999 }}", "bad number"), ("{{ 1i }}", "bad number"),
    ("{{ .a.b.c{ }}", "bad character"),
    ("{{ 1.Foo }}", "bad number"), ("{{ \"a\".Foo }}", "without fields"),
    ("{{/* a }}", "unclosed comment"),
    ("{{/* a */ }}", "closing delimiter"), ("{{ $a, $b := .Match }}", "',' between variables"),
    ("{{ : }}", "expected ':='"),
    ("{{ if true }}{{ else with 1 }}{{ end }}{{ end }}", "after else"),
    ("{{ range 1 }}{{ else if 1 }}{{ end }}", "after else"),
    ("{{ end x }}", "more in an action"), ("{{ with .Group }}{{ foo }}{{ end }}", "not defined"),
    ("{{ é }}", "not defined"),
    ("{{ # }}", "unexpected character"),
    ("{{ $x := 1 }}{{ define \"t\" }}{{ $x }}{{ end }}", "undefined variable"),
  ]

  @Test(arguments: wrong)
  func `a wrong template is refused when it is read`(template: String, words: String) {
    let problem = #expect(throws: TemplateProblem.self) { try GoTemplate(template) }
    #expect(problem?.description.contains(words) == true, "\(problem?.description ?? "")")
  }

  // MARK: - Bounds

  static let large = [
    String(repeating: "x", count: 16_385),
    String(repeating: "{{ if true }}", count: 500) + String(repeating: "{{ end }}", count: 500),
    "{{ " + String(repeating: "(", count: 500) + "1" + String(repeating: ")", count: 500) + " }}",
    "{{ if 1 }}" + String(repeating: "{{ else if 1 }}", count: 500) + "{{ end }}",
    "{{ print" + String(repeating: " 1", count: 500) + " }}",
  ]

  @Test(arguments: large)
  func `depth and size have limits`(template: String) {
    #expect(throws: TemplateProblem.self) { try GoTemplate(template) }
  }

  static let endless = [
    "{{ range 1000000000 }}{{ end }}", "{{ range 1000 }}{{ range 1000 }}{{ end }}{{ end }}",
    "{{ range 9000 }}aaa{{ end }}",
    "{{ $x := \"aaaaaaaa\" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}",
    "{{ range 9000 }}{{ printf \"%999d\" 1 | len }}{{ end }}",
    "{{ range 18446744073709551615 }}{{ end }}",
  ]

  /// As deep as a template can be, on half of the stack that a worker has.
  @Test func `the deepest template runs on a worker's stack`() throws {
    let opens = String(repeating: "{{ if true }}", count: 16)
    let ends = String(repeating: "{{ end }}", count: 16)
    let group = String(repeating: "(", count: 17) + "1" + String(repeating: ")", count: 17)
    let deep = try GoTemplate("{{ \(group) }}\(opens)a\(ends)")
    let body = "\(opens){{ template \"r\" . }}\(ends)"
    let calls = try GoTemplate("{{ define \"r\" }}\(body){{ end }}{{ template \"r\" . }}")
    let results = Mutex<[String]>([])
    let thread = PosixThread.start(stackOctetCount: 512 << 10) {
      for template in [deep, calls] {
        do throws(TemplateFailure) {
          let text = try template.expand(Self.data).string
          results.withLock { $0.append(text) }
        } catch {
          results.withLock { $0.append(error.description) }
        }
      }
    }
    try #require(thread).join()
    #expect(results.withLock(\.self) == ["1a", "exceeded maximum template depth"])
  }

  @Test(arguments: endless)
  func `work has a limit`(template: String) throws {
    let template = try GoTemplate(template)
    #expect(throws: TemplateFailure.self) { try template.expand(Self.data) }
  }
}
