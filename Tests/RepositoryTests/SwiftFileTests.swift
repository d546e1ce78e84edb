import Testing

@Suite struct SwiftFileTests {
  @Test(arguments: [
    ("a // b", "a     "), ("a /* b /* c */ d */ e", "a                   e"),
    (#"f("x{") + g"#, #"f("  ") + g"#), (#""a\"b" c"#, #""    " c"#),
    (#""a\(b("c"))d" e"#, #""  (b(" ")) " e"#), ("#\"a\"b\"# c", "#\"   \"# c"),
    ("\"\"\"\n a\" }\n\"\"\" b", "\"\"\"\n     \n\"\"\" b"), ("x = /a\"b/ c", "x =       c"),
    ("a / b / \"c\"", "a / b / \" \""), ("#/ \" /# b", "        b"), ("`a b` c", "_____ c"),
    ("\"open\nlet a", "\"    \nlet a"),
  ])
  func `what is not code is blanked`(text: String, expected: String) {
    #expect(CodeMask.code(of: text) == expected)
  }

  @Test func `declarations have access, place and end`() {
    let file = SwiftFile(
      path: "a",
      text: """
        internal import struct Some.Thing
        @safe
        package struct A {
          package private(set) var b: [Int] = [].map { $0 }
          private let run: (Int) -> Void
          static func < (left: A, right: A) -> Bool { let local = 1; return local > 0 }
          enum E { case x(Int), y }
        }
        package enum F: Equatable {
          case c
        }
        package protocol P {
          func q()
        }
        package extension A { var r: Int { 1 } }
        func t(
          _ body: () -> Void = { }
        ) {
        }
        """)
    let shown = file.declarations.map {
      "\($0.startLine)-\($0.bodyEndLine ?? 0) \($0.access) \($0.keyword) \($0.name)"
    }
    #expect(
      shown == [
        "1-0 internal import Some", "2-0 package struct A", "4-4 package var b",
        "5-0 private let run", "6-6  func <", "7-0  enum E", "7-0  case x",
        "9-0 package enum F", "10-0 package case c", "12-0 package protocol P",
        "13-0 package func q", "15-0 package extension A", "15-15 package var r", "16-19  func t",
      ])
  }

  @Test func `the repository is found`() {
    #expect(Repository.isFolder("Sources/DNSWire"))
    #expect(Repository.sources.count > 50)
    #expect(Repository.tests.count > 20)
    #expect(Repository.documents.count > 10)
  }
}
