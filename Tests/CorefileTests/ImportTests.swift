import Corefile
import Testing

/// Imports, snippets and variables.
@Suite struct ImportTests {
  @Test func `snippets with arguments inside and outside of blocks`() {
    let parsed = parse(
      """
      (up) {
        forward . {args[0]} {args.1}:53 {
          policy {args[2]}
        }
      }
      (zone) {
        {args.0} {
          import up 192.0.2.1 host "a b"
        }
      }
      import zone a.org
      import zone b.org:1053
      """)
    #expect(parsed.diagnostics.isEmpty)
    let forward = "forward . 192.0.2.1 host:53 {policy a b}"
    #expect(render(parsed) == "[a.org.] \(forward) | [b.org.:1053] \(forward)")
  }

  @Test func `without arguments references stay as they are`() {
    #expect(
      render(parse("(s) {\n log {args.0} {args[0]}\n}\n. {\n import s\n log {args[0]}\n}"))
        == "[.] log {args.0} {args[0]}; log {args[0]}")
    #expect(
      render(parse("(s) {\n log {args.} {args.x} {args[0 {args[-1]}\n}\n. {\n import s y\n}"))
        == "[.] log {args.} {args.x} {args[0 {args[-1]}")
  }

  @Test func `imports in the blocks of directives`() {
    let parsed = parse(
      "(o) {\n ttl 5\n}\n. {\n hosts {\n  import o\n  import h\n }\n}",
      files: ["h": "192.0.2.1 a"])
    #expect(parsed.diagnostics.isEmpty)
    #expect(render(parsed) == "[.] hosts {ttl 5; 192.0.2.1 a}")
  }

  @Test func `relative imports are seen from the importing file`() {
    let files = [
      "/etc/dns/sub/a.conf": "import b.conf\nimport ../c.conf x",
      "/etc/dns/sub/b.conf": "log", "/etc/dns/c.conf": "errors {args[0]}",
    ]
    let parsed = parseCorefile(
      ". {\n import ./sub//a.conf\n import /etc/dns/../dns/sub/b.conf\n}",
      file: "/etc/dns/Corefile", environment: [:], files: MemoryFiles(texts: files))
    #expect(parsed.diagnostics.isEmpty)
    #expect(render(parsed) == "[.] log; errors x; log")
    // Each file is read once.
    #expect(
      parsed.files
        == ["/etc/dns/Corefile", "/etc/dns/sub/a.conf", "/etc/dns/sub/b.conf", "/etc/dns/c.conf"])
    #expect(
      parsed.blocks.first?.directives.first?.position.description == "/etc/dns/sub/b.conf:1:1")
  }

  @Test func `siblings of a pattern may import each other`() {
    let parsed = parse(
      "import d/*",
      files: ["d/a": "x.org {\n import ../s\n}\nimport b", "d/b": "y.org", "s": "log"]
    )
    // `b` comes twice, the second time as a line outside of a block.
    #expect(parsed.blocks.map(\.keys.first?.text) == ["x.org"])
    #expect(!parsed.diagnostics.contains { $0.message.contains("->") })
  }

  static let variables: [(word: String, result: String)] = [
    ("{$A}", "one"), ("{%A%}", "one"), ("x{$A}y{%B%}z", "xoney{$A}z"), ("{$UNSET}", ""),
    ("{%UNSET%}", ""), ("{$UNSET:five}", "five"), ("{$A:five}", "one"), ("{$EMPTY:five}", "five"),
    ("{$UNSET:}", ""), ("{$UNSET:a:b}", "a:b"), ("{$}", "{$}"), ("{%%}", "{%%}"), ("{$A", "{$A"),
    ("{%A}", "{%A}"), ("{$SPACE}", "a b"), ("{{$A}}", "{one}"), ("{$C:D}", "whole"),
    ("{$:x}", ""), ("ä{$A}ö", "äoneö"),
  ]

  @Test(arguments: variables)
  func `variables are replaced once, inside words`(word: String, result: String) {
    let environment = ["A": "one", "B": "{$A}", "EMPTY": "", "SPACE": "a b", "C:D": "whole"]
    let parsed = parse(". {\n log \(word) \"\(word)\"\n}", environment: environment)
    #expect(parsed.diagnostics.isEmpty)
    #expect(parsed.blocks.first?.directives.first?.arguments.map(\.text) == [result, result])
  }

  @Test func `variables in keys, names and imports, but never as syntax`() {
    let parsed = parse(
      "{$ZONES} {$NONE} {\n {$NAME} {$OPEN}\n import {$FILE}\n {$IMPORT} x\n}",
      files: ["f": "log"],
      environment: [
        "ZONES": "a.org,b.org:53", "NAME": "errors", "OPEN": "{", "FILE": "f", "IMPORT": "import",
      ])
    #expect(parsed.diagnostics.isEmpty)
    #expect(render(parsed) == "[a.org. b.org.:53] errors {; log; import x")
  }

  // MARK: - Bounds

  @Test func `the number of imports is bounded`() {
    let ten = String(repeating: "import X\n", count: 10)
    var text = "(s0) {\n log\n}\n"
    for level in 1...5 {
      text += "(s\(level)) {\n" + ten.replacingX(with: "s\(level - 1)") + "}\n"
    }
    let parsed = parse(text + ". {\n import s5\n}")
    #expect(parsed.diagnostics.contains { $0.message.contains("more than 10000 imports") })
  }

  @Test func `the depth of imports is bounded`() {
    var files: [String: String] = [:]
    for level in 0..<100 { files["f\(level)"] = "import f\(level + 1)" }
    let parsed = parse("import f0", files: files)
    #expect(parsed.diagnostics.map(\.message) == ["found more than 64 imports inside each other"])
  }

  @Test func `the words after imports are bounded`() {
    let line = "log" + String(repeating: " x", count: 999) + "\n"
    let parsed = parse(
      "(s) {\n" + line + "}\n. {\n" + String(repeating: "import s\n", count: 1100) + "}")
    #expect(parsed.diagnostics.contains { $0.message.contains("words or") })
  }

  @Test func `the octets after replacements are bounded`() {
    let long = String(repeating: "v", count: 60_000)
    let word = String(repeating: "{$V}", count: 20)
    let one = parse(". {\n log \(word)\n}", environment: ["V": long])
    #expect(one.diagnostics.map(\.message).first?.contains("after replacements") == true)
    let many = parse(
      ". {\n" + String(repeating: "log {$V}\n", count: 1200) + "}", environment: ["V": long])
    #expect(many.diagnostics.contains { $0.message.contains("octets after imports") })
    // One line is enough, of a directive and of an import.
    let line = String(repeating: " {$V}", count: 100_000)
    for text in [". {\n log\(line)\n}", "(s) {\n}\n. {\n import s\(line)\n}"] {
      let parsed = parse(text, environment: ["V": long])
      #expect(parsed.diagnostics.contains { $0.message.contains("octets after imports") })
    }
  }

  @Test func `files are bounded`() {
    let large = String(repeating: "#", count: CorefileLimits.fileByteCountMax + 1)
    #expect(parse(large).diagnostics.first?.message.contains("at most 10485760") == true)
    let words = String(repeating: "a ", count: CorefileLimits.tokenCountMax + 1)
    #expect(parse(words).diagnostics.contains { $0.message.contains("1000000 words") })
    let word = String(repeating: "a", count: CorefileLimits.tokenByteCountMax + 1)
    #expect(parse(word).diagnostics.first?.message.contains("a word of 1048577") == true)
  }

  @Test func `diagnostics are bounded`() {
    let parsed = parse(String(repeating: "}\n. {\n}\n", count: 1000))
    #expect(parsed.diagnostics.count == CorefileLimits.diagnosticCountMax + 1)
    #expect(parsed.diagnostics.last?.message.contains("left out") == true)
  }

  @Test func `zones are bounded`() {
    let keys = (0..<600).map { "\($0 / 256 + 10).\($0 % 256).0.0/17" }.joined(separator: " ")
    let parsed = parse(keys + " {\n}")
    #expect(parsed.diagnostics.contains { $0.message.contains("more than 65536 zones") })
  }
}

extension String {
  fileprivate func replacingX(with name: String) -> String {
    split(separator: "X", omittingEmptySubsequences: false).joined(separator: name)
  }
}
