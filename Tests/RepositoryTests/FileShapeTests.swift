import Testing

@Suite struct FileShapeTests {
  @Test func `files are short`() {
    expectNone((Repository.sources + Repository.tests).flatMap(FileShape.longFile))
  }

  @Test func `half of the source files are very short`() {
    let median = FileShape.median(Repository.sources.map(\.lineCount))
    #expect(
      (1..<FileShape.medianLineCountLimit).contains(median),
      "the median of Sources is \(median) lines, at most \(FileShape.medianLineCountLimit - 1)")
  }

  @Test func `functions are short`() {
    expectNone((Repository.sources + Repository.tests).flatMap(FileShape.longFunctions))
  }

  @Test func `lines are narrow`() {
    expectNone((Repository.sources + Repository.tests).flatMap(FileShape.wideLines))
  }

  @Test func `whitespace is tidy`() {
    let files = Repository.textFiles.filter { file in
      [".swift", ".md", ".c", ".h"].contains { file.path.hasSuffix($0) }
    }
    #expect(!files.isEmpty)
    // Terminal output in documents has tabs.
    expectNone(
      files.flatMap { file in
        FileShape.whitespace(file.path, file.text, allowsTabs: file.path.hasSuffix(".md"))
      })
  }

  // MARK: - The scanners find what is wrong

  @Test func `a long file is found`() {
    let line = "let a = 1\n"
    let good = SwiftFile(path: "a", text: String(repeating: line, count: 500))
    let bad = SwiftFile(path: "a", text: String(repeating: line, count: 501))
    #expect(FileShape.longFile(good).isEmpty)
    #expect(FileShape.longFile(bad).map(\.message) == ["501 lines, at most 500"])
  }

  @Test(arguments: ["func f() {", "init() {", "var a: Int {", "subscript(i: Int) -> Int {"])
  func `a long function is found`(head: String) {
    func file(_ bodyLineCount: Int) -> SwiftFile {
      let body = String(repeating: "    _ = \"}\" // }\n", count: bodyLineCount)
      return SwiftFile(path: "a", text: "struct A {\n  \(head)\n\(body)  }\n}\n")
    }
    #expect(FileShape.longFunctions(file(68)).isEmpty)
    #expect(FileShape.longFunctions(file(69)).map(\.line) == [2])
  }

  @Test func `a wide line is found unless it holds an address`() {
    let wide = String(repeating: "é", count: 101)
    let text = "let a = 1\n\(wide)\n// https://example.org/\(wide)\n\(wide.dropFirst())\n"
    #expect(FileShape.wideLines(SwiftFile(path: "a", text: text)).map(\.line) == [2])
  }

  @Test(arguments: [
    ("a\n", 0), ("a\tb\n", 1), ("a \nb\n", 1), ("a\t\n", 2), ("a", 1), ("a\n\n", 1), ("", 1),
  ])
  func `untidy whitespace is found`(text: String, count: Int) {
    #expect(FileShape.whitespace("a", text).count == count)
  }

  @Test(arguments: [([], 0), ([3], 3), ([9, 1, 5], 5), ([1, 9, 3, 5], 4)])
  func `a median is the middle`(values: [Int], expected: Int) {
    #expect(FileShape.median(values) == expected)
  }
}
