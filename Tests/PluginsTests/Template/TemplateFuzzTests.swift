import DNSWire
import Plugins
import TestSupport
import Testing

/// Templates and names that nobody would write, from seeds.
@Suite struct TemplateFuzzTests {
  private static let pieces = [
    "{{", "}}", "{{-", "-}}", " ", ".", ".Name", ".Match", ".Group", ".a", "$", "$x", ":=", "=",
    "|", "(", ")", ",", "if", "else", "end", "with",
    "range", "define", "template", "block", "break", "continue", "\"", "\"x\"", "`", "'a'", "'",
    "1", "-1", "0x", "1.5", "9e99", "99999999999999999999",
    "nil", "true", "and", "or", "not", "eq", "lt", "len", "index", "slice", "print", "printf",
    "\"%s %d\"", "\"%99999d\"", "html", "js", "urlquery",
    "parseInt", "call", "/*", "*/", "\n", "\\", "é", "\u{0}", "{{ end }}", "{{ if true }}",
    "{{ range 9 }}", "{{ range .Match }}", "{{ .Name }}", "{{ $x }}",
    "{{ $x := .Name }}", "{{ else }}", "{{ with .Group }}", " 60 IN A 192.0.2.1", " TXT \"",
  ]

  @Test func `any text is a template that ends, or none`() {
    var random = SeededGenerator(seed: 7)
    var readCount = 0
    for _ in 0..<30_000 {
      let count = Int.random(in: 1...14, using: &random)
      let text = (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
      guard let template = try? GoTemplate(text) else { continue }
      readCount += 1
      guard let expanded = try? template.expand(GoTemplateTests.data) else { continue }
      #expect(expanded.units.count <= 16_384)
      _ = try? RecordReader.read(expanded)
    }
    #expect(readCount > 1_000)
  }

  @Test func `a good template with octets changed, lost or doubled never traps`() {
    var random = SeededGenerator(seed: 8)
    let seeds = (GoTemplateTests.control + GoTemplateTests.functions + GoTemplateTests.formats).map(
      \.template)
    for _ in 0..<30_000 {
      var octets = Array((seeds.randomElement(using: &random) ?? "").utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) where !octets.isEmpty {
        let place = Int.random(in: 0..<octets.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: octets[place] = UInt8.random(in: 0...127, using: &random)
        case 1: octets.remove(at: place)
        default: octets.insert(octets[place], at: place)
        }
      }
      guard let template = try? GoTemplate(String(decoding: octets, as: UTF8.self)) else {
        continue
      }
      _ = try? template.expand(GoTemplateTests.data)
    }
  }

  @Test func `random words as a record never trap`() {
    var random = SeededGenerator(seed: 9)
    let words = [
      "a.", "60", "IN", "CH", "A", "AAAA", "TXT", "SOA", "MX", "SRV", "CAA", "NAPTR", "HTTPS", "DS",
      "LOC", "APL", "WKS", "NSEC", "RRSIG", "TYPE1", "TYPE65280",
      "\\#", "4", "c0000201", "192.0.2.1", "::1", "\"", "\"x\"", "(", ")", ";", "\n", "@", "$TTL",
      "\\", "\\065", "\\999", "1h", "99999999999", "-1", ".", "..", "alpn=h2", "=",
    ]
    for _ in 0..<30_000 {
      let count = Int.random(in: 1...9, using: &random)
      var text = MarkedText("x 60 IN")
      for _ in 0..<count {
        let word = words.randomElement(using: &random) ?? ""
        text.units.append(0x20)
        text.units +=
          Bool.random(using: &random)
          ? MarkedText(word).units : MarkedText(foreign: word.utf8).units
      }
      _ = try? RecordReader.read(text)
    }
  }

  /// Types that libldns reads, with values of a query in their data.
  @Test func `values of queries never trap libldns`() {
    var random = SeededGenerator(seed: 11)
    let read = ["DS", "SSHFP", "TLSA", "SMIMEA", "SVCB", "HTTPS", "LOC", "APL", "NSEC", "CERT"]
    // The client may choose the type: `.Type`.
    let types = read + (0...270).map { "TYPE\($0)" } + ["TYPE32768", "TYPE32769", "TYPE65535"]
    let words = [
      "0", "1", "65535", "99999999999", "-1", "1 .", "192.0.2.1", "::1", "\"x y\"",
      "20260101000000", "a.", ".", "..", "0c", "0g", "abc", "alpn=h2",
      "alpn=", "port=", "port=1", "port=99999", "ipv4hint=", "ipv4hint=1.2.3.4", "ipv6hint=::",
      "mandatory=alpn", "key65280=x", "key0=", "key99999", "ech=", "no-default-alpn", ":", "/", "_",
      String(repeating: "a", count: 64), String(repeating: "0", count: 700),
    ]
    for _ in 0..<60_000 {
      var text = MarkedText("x 60 IN \(types.randomElement(using: &random) ?? "")")
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let word = words.randomElement(using: &random) ?? ""
        let isForeign = Bool.random(using: &random)
        text.units.append(0x20)
        text.units += isForeign ? MarkedText(foreign: word.utf8).units : MarkedText(word).units
      }
      guard let record = try? RecordReader.read(text) else { continue }
      #expect(record.owner.wire == [1, UInt8(ascii: "x"), 0])
    }
  }

  // MARK: - Published templates

  private static let published = """
    . {
    template IN A ip.example {
    match ^ip-(?P<a>\\d+)-(?P<b>\\d+)-(?P<c>\\d+)-(?P<d>\\d+)[.]
    answer "{{ .Name }} 60 IN A {{ .Group.a }}.{{ .Group.b }}.{{ .Group.c }}.{{ .Group.d }}"
    }
    template IN PTR in-addr.arpa {
    match ^(?P<d>[0-9]*)[.](?P<c>[0-9]*)[.](?P<b>[0-9]*)[.](?P<a>[0-9]*)[.]in-addr[.]arpa[.]$
    answer "{{ .Name }} 60 IN PTR ip-{{ .Group.a }}-{{ .Group.b }}-{{ .Group.c }}-{{ .Group.d \
    }}.ip.example."
    fallthrough
    }
    template IN CNAME alias.example {
    match "^(.*)[.]alias[.]example[.]$"
    answer "{{ .Name }} 60 IN CNAME {{ index .Match 1 }}.target.example."
    }
    template IN TXT text.example {
    match "^([^.]+)[.]"
    answer "{{ .Name }} 60 IN TXT \\"{{ index .Match 1 }}\\" \\"{{ .Name }}\\" \\"end\\""
    }
    template ANY ANY
    }
    """

  /// A name of random labels under a zone of the templates, often nearly what one expects.
  private static func name(_ random: inout SeededGenerator) -> [[UInt8]] {
    let zones = ["ip.example", "in-addr.arpa", "alias.example", "text.example", "other"]
    let zone = zones.randomElement(using: &random) ?? ""
    let special = Array("\\\"'();@$. \n\t\u{0}#{}".utf8) + [0xFF, 0x7F]
    var labels: [[UInt8]] = []
    for _ in 0..<Int.random(in: 0...5, using: &random) {
      switch Int.random(in: 0..<4, using: &random) {
      case 0: labels.append(Array(String(Int.random(in: 0...300, using: &random)).utf8))
      case 1:
        let parts = (0..<4).map { _ in String(Int.random(in: 0...300, using: &random)) }
        labels.append(Array("ip-\(parts.joined(separator: "-"))".utf8))
      case 2:
        labels.append(
          (0..<Int.random(in: 1...20, using: &random)).map { _ in
            special.randomElement(using: &random) ?? 0
          })
      default:
        labels.append(
          (0..<Int.random(in: 1...40, using: &random)).map { _ in
            UInt8.random(in: 0...255, using: &random)
          })
      }
    }
    return labels + zone.split(separator: ".").map { Array($0.utf8) }
  }

  @Test func `a hundred thousand names through published templates`() async throws {
    var random = SeededGenerator(seed: 10)
    let server = try await TestServer(Self.published)
    let types: [RRType] = [.a, .ptr, .cname, .txt]
    var counts: [ResponseCode: Int] = [:]
    var answerCount = 0
    for _ in 0..<100 {
      var asks: [Ask] = []
      var names: [DomainName] = []
      while asks.count < 1_000 {
        guard let name = DomainName(labels: Self.name(&random)) else { continue }
        names.append(name)
        asks.append(Ask(name.description, types.randomElement(using: &random) ?? .a))
      }
      // Each reply is read as a client would; one that is malformed fails.
      for (place, reply) in try server.replies(asks).enumerated() {
        counts[reply.code, default: 0] += 1
        answerCount += reply.answer.count
        #expect(reply.answer.count <= 1 && reply.authority.isEmpty && reply.additional.isEmpty)
        guard let line = reply.answer.first else { continue }
        // The owner is the name asked for, and the record is of the type asked for.
        let start = "\(names[place]) 60 \(asks[place].type) "
        #expect(line.hasPrefix(start))
        if asks[place].type == .cname { #expect(line.hasSuffix(".target.example.")) }
        if asks[place].type == .ptr { #expect(line.hasSuffix(".ip.example.")) }
      }
    }
    #expect(Set(counts.keys) == [.noError, .serverFailure])
    #expect(answerCount > 5_000, "\(counts)")
  }
}
