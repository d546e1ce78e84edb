import Corefile
import Testing

/// What plugins ask of directives and words.
@Suite struct PluginSetupTests {
  private func directive(_ text: String) throws -> Directive {
    try #require(parse(". {\n " + text + "\n}").blocks.first?.directives.first)
  }

  /// The diagnostic that `body` throws, as text; `nil` when it throws none.
  private func failure(_ body: () throws(Diagnostic) -> Void) -> String? {
    do throws(Diagnostic) {
      try body()
      return nil
    } catch {
      return error.description
    }
  }

  static let argumentCases: [(text: String, range: ClosedRange<Int>, failure: String?)] = [
    ("a", 0...0, nil), ("a b", 1...1, nil), ("a b c", 1...3, nil), ("a", 0...2, nil),
    ("a b", 0...0, "2:4: error: found \"b\", but a takes no arguments"),
    ("a b c", 1...1, "2:6: error: found \"c\", expected 1 argument after a"),
    ("a b c d", 1...2, "2:8: error: found \"d\", expected at most 2 arguments after a"),
    ("a", 1...1, "2:2: error: found no arguments, expected 1 argument after a"),
    ("a b", 2...3, "2:2: error: found 1 argument, expected at least 2 arguments after a"),
    ("a b", 3...3, "2:2: error: found 1 argument, expected 3 arguments after a"),
  ]

  @Test(arguments: argumentCases)
  func `numbers of arguments`(text: String, range: ClosedRange<Int>, failure: String?) throws {
    let directive = try directive(text)
    let found = self.failure { () throws(Diagnostic) in try directive.requireArguments(range) }
    #expect(found == failure.map { "Corefile:" + $0 })
  }

  @Test func `at least a number of arguments, and the only one`() throws {
    let two = try directive("a b c")
    #expect(failure { () throws(Diagnostic) in try two.requireArguments(2...) } == nil)
    #expect(
      failure { () throws(Diagnostic) in try two.requireArguments(3...) }
        == "Corefile:2:2: error: found 2 arguments, expected at least 3 arguments after a")
    #expect(
      failure { () throws(Diagnostic) in _ = try two.onlyArgument() }
        == "Corefile:2:6: error: found \"c\", expected 1 argument after a")
    #expect(failure { () throws(Diagnostic) in _ = try directive0.onlyArgument() } != nil)
    let one = try directive("a b")
    #expect((try? one.onlyArgument())?.text == "b")
  }

  private var directive0: Directive {
    Directive(name: Token(text: "a", position: SourcePosition(file: "f")))
  }

  @Test func `options that must not be there`() throws {
    let none = try directive("a b")
    let empty = try directive("a {\n }")
    let one = try directive("a {\n x 1\n }")
    #expect(empty.options?.isEmpty == true)
    #expect(failure { () throws(Diagnostic) in try none.requireNoOptions() } == nil)
    #expect(failure { () throws(Diagnostic) in try empty.requireNoOptions() } == nil)
    #expect(
      failure { () throws(Diagnostic) in try one.requireNoOptions() }
        == "Corefile:3:2: error: found \"x\", but a takes no options")
  }

  @Test func `unknown options name the nearest known one`() throws {
    let forward = try directive("forward . x {\n max_concurent 5\n zebra\n }")
    let known = ["policy", "max_fails", "max_concurrent"]
    let options = try #require(forward.options)
    #expect(
      forward.unknownOption(options[0], known: known).description == """
        Corefile:3:2: error: found the option "max_concurent", which forward does not have; \
        did you mean "max_concurrent"?
        """)
    #expect(
      forward.unknownOption(options[1], known: known).message
        == "found the option \"zebra\", "
        + "expected one of forward's: policy, max_fails, max_concurrent"
    )
    #expect(
      forward.unknownOption(options[1], known: []).message
        == "found the option \"zebra\", but forward takes no options")
    #expect(forward.error("m").description == "Corefile:2:2: error: m")
    #expect(options[1].name.error("m").description == "Corefile:4:2: error: m")
  }

  private func token(_ text: String) -> Token {
    Token(text: text, position: SourcePosition(file: "f", line: 7, column: 9))
  }

  static let integers: [(text: String, value: Int?)] = [
    ("5", 5), ("1", 1), ("3600", 3600), ("0", nil), ("3601", nil), ("-5", nil), ("5s", nil),
    ("", nil), ("0x10", nil), ("5.0", nil), ("99999999999999999999999", nil), ("٥", nil),
  ]

  @Test(arguments: integers)
  func `whole numbers in a range`(text: String, value: Int?) {
    let word = token(text)
    guard let value else {
      #expect(
        failure { () throws(Diagnostic) in _ = try word.integer(in: 1...3600) }
          == "f:7:9: error: found \"\(text)\", expected a whole number from 1 to 3600")
      return
    }
    #expect((try? word.integer(in: 1...3600)) == value)
  }

  static let durations: [(text: String, value: Duration?)] = [
    ("0", .zero), ("5s", .seconds(5)), ("1m30s", .seconds(90)), ("500ms", .milliseconds(500)),
    ("1.5h", .seconds(5400)), ("-1s", .seconds(-1)), ("+1s", .seconds(1)),
    ("1us", .microseconds(1)),
    ("1\u{B5}s", .microseconds(1)), ("1\u{3BC}s", .microseconds(1)), ("7ns", .nanoseconds(7)),
    (".5s", .milliseconds(500)), ("5.s", .seconds(5)), ("1h2m3s4ms", .milliseconds(3_723_004)),
    ("0.000000001s", .nanoseconds(1)), ("0.0000000001s", .zero), ("-0", .zero), ("0s", .zero),
    ("0.3333333333333333333333333333h", .nanoseconds(1_199_999_999_999)),
    ("9223372036854775807ns", .nanoseconds(Int64.max)),
    ("9223372036854775808ns", nil), ("2562048h", nil), ("9223372036s999999999ns", nil),
    ("99999999999999999999s", nil), ("5", nil), ("", nil), ("-", nil), ("s", nil), (".s", nil),
    ("5 s", nil), ("5S", nil), ("5d", nil), ("1m30", nil), ("--1s", nil), ("1e3s", nil),
    ("٥s", nil),
  ]

  @Test(arguments: durations)
  func `durations as Go writes them`(text: String, value: Duration?) {
    #expect(GoDuration.parse(text) == value)
  }

  @Test func `durations in a range`() {
    let range = Duration.milliseconds(250)...Duration.seconds(5400)
    #expect((try? token("2s").duration(in: range)) == .seconds(2))
    for (text, message) in [
      ("0", "found \"0\", expected a duration from 250ms to 1h30m"),
      ("2h", "found \"2h\", expected a duration from 250ms to 1h30m"),
      ("30", "found \"30\", expected a duration with a unit from 250ms to 1h30m: \"30s\"?"),
      ("x", "found \"x\", expected a duration like 5s, 500ms or 1m30s from 250ms to 1h30m"),
    ] {
      let word = token(text)
      #expect(
        failure { () throws(Diagnostic) in _ = try word.duration(in: range) }
          == "f:7:9: error: " + message)
    }
  }

  @Test func `durations as text read back the same`() {
    for nanoseconds: Int64 in [0, 1, 999, 1000, 1_000_000, 90_000_000_000, 3_600_000_000_001, .max]
    {
      for sign: Int64 in [1, -1] {
        let duration = Duration.nanoseconds(nanoseconds * sign)
        #expect(GoDuration.parse(GoDuration.text(duration)) == duration)
      }
    }
  }

  @Test func `keywords`() {
    #expect((try? token("b").keyword(among: ["a", "b"])) == "b")
    for (text, words, message) in [
      ("c", ["a", "b"], "found \"c\", expected one of a, b"),
      ("x", ["on"], "found \"x\", expected on"),
      (
        "insecur", ["disabled", "insecure"],
        "found \"insecur\", expected one of disabled, insecure; did you mean \"insecure\"?"
      ),
    ] {
      let word = token(text)
      #expect(
        failure { () throws(Diagnostic) in _ = try word.keyword(among: words) }
          == "f:7:9: error: " + message)
    }
  }

  @Test func `zones of an argument`() {
    #expect((try? token("Cluster.Local").zones()) == ["cluster.local."])
    #expect((try? token("10.0.0.0/15").zones())?.count == 2)
    let word = token("a..b")
    #expect(
      failure { () throws(Diagnostic) in _ = try word.zones() }
        == "f:7:9: error: found \"a..b\", expected no empty label in a zone")
  }

  static let nearest: [(word: String, near: String?)] = [
    ("forwrad", "forward"), ("kuberntes", "kubernetes"), ("LOG", "log"), ("lgo", "log"),
    ("cach", "cache"), ("zzz", nil), ("", nil), ("x", nil), ("prom", nil),
    (String(repeating: "log", count: 100), nil),
  ]

  @Test(arguments: nearest)
  func `the nearest word`(word: String, near: String?) {
    let words = ["forward", "kubernetes", "log", "cache", "prometheus", ""]
    #expect(nearestWord(to: word, among: words) == near)
  }

  @Test func `texts in messages are short and on one line`() {
    #expect(quotedForMessage("a\n\t\r\u{1}b") == "\"a\\n\\t\\r\\u{1}b\"")
    #expect(quotedForMessage(String(repeating: "x", count: 1000)).count < 70)
  }
}
