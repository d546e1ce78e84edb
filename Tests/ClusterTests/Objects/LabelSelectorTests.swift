import Cluster
import Testing
import TestSupport

@Suite struct LabelSelectorTests {
  private static let labels = ["app": "web", "tier": "front", "n": "5", "empty": "", "x.io/y": "z"]

  @Test(arguments: [
    ("", true), ("  ", true),
    ("app=web", true), ("app==web", true), ("app = web", true), ("app=db", false),
    ("app==db", false), ("nope=web", false), ("empty=", true), ("app=", false),
    ("app!=db", true), ("app!=web", false), ("nope!=web", true), ("empty!=", false),
    ("app in (web)", true), ("app in (db,web)", true), ("app in(db , web)", true),
    ("app in (db)", false), ("nope in (web)", false), ("empty in ()", true),
    ("app in (,web)", true), ("app in (in,notin)", false),
    ("app notin (db)", true), ("app notin (db,web)", false), ("nope notin (web)", true),
    ("app", true), ("nope", false), ("!nope", true), ("!app", false), ("! nope", true),
    ("n>4", true), ("n>5", false), ("n<6", true), ("n < 5", false), ("app>1", false),
    ("nope<9", false), ("x.io/y=z", true), ("x.io/y", true),
    ("app=web,tier=front", true), ("app=web,tier=back", false), (" app , !nope , n>1 ", true),
    ("app in (web),tier notin (back)", true), ("app=web\t,\ntier=front\r", true),
    ("inn=1", false), ("app=in", false), ("app!=notin", true),
  ])
  func `selectors match as the API's do`(text: String, isMatch: Bool) throws {
    let selector = try LabelSelector(parsing: text)
    #expect(selector.matches(Self.labels) == isMatch)
  }

  @Test func `the selector without requirements matches no labels too`() {
    #expect(LabelSelector().matches([:]))
  }

  @Test(arguments: [
    (",", 0), ("app,", 4), ("app,,n", 4), ("=web", 0), ("app=web=x", 7), ("app=web x", 8),
    ("app web", 4), ("app in web", 7), ("app in (web", 11), ("app in (web;x)", 8),
    ("app in (web) x", 13), ("app !", 5), ("!", 1), ("!!app", 1), ("app ! = x", 5),
    ("app>x", 4), ("app>", 4), ("app<-5", 4), ("app>1.5", 4), ("n>99999999999999999999", 2),
    ("in", 0), ("notin in (a)", 0), ("(a)", 0), ("-a=b", 0), ("a=b-", 2), ("a=b/c", 2),
    ("A.io/x", 0), ("a/b/c", 0), ("/a", 0), ("a/", 0), ("ä=b", 0), ("a===b", 3),
    ("app in (a))", 10), ("\0", 0),
  ])
  func `what is no selector is told with its octet`(text: String, offset: Int) {
    let problem = #expect(throws: SelectorProblem.self) { try LabelSelector(parsing: text) }
    #expect(problem?.offset == offset)
    #expect(problem?.description.contains("expected") == true)
  }

  @Test func `keys and values are at most 63 octets`() throws {
    let long = String(repeating: "x", count: 63)
    #expect(try LabelSelector(parsing: "\(long)=\(long)").matches([long: long]))
    #expect(throws: SelectorProblem.self) { try LabelSelector(parsing: "\(long)x=a") }
    #expect(throws: SelectorProblem.self) { try LabelSelector(parsing: "a=\(long)x") }
    let prefix = String(repeating: "p", count: 63)
    #expect(throws: Never.self) { try LabelSelector(parsing: "\(prefix).io/\(long)") }
    #expect(throws: SelectorProblem.self) { try LabelSelector(parsing: "\(prefix)p.io/a") }
  }

  @Test func `text of any length ends`() throws {
    let many = Array(repeating: "a=b", count: 16_384).joined(separator: ",")
    #expect(try LabelSelector(parsing: many).matches(["a": "b"]))
    let tooMany = Array(repeating: "a=b", count: 16_385).joined(separator: ",")
    #expect(throws: SelectorProblem.self) { try LabelSelector(parsing: tooMany) }
  }

  @Test func `any octets are a selector or a problem within the text`() {
    var random = SeededGenerator(seed: 7)
    let alphabet = Array("ab1-./=!<>(), \tin".utf8)
    for _ in 0..<5_000 {
      let count = Int(random.next() % 24)
      let octets = (0..<count).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
      let text = String(decoding: octets, as: UTF8.self)
      do {
        _ = try LabelSelector(parsing: text).matches(["a": "b"])
      } catch {
        #expect((0...text.utf8.count).contains(error.offset), "\(text)")
      }
    }
  }
}
