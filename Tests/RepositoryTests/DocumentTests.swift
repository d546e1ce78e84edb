import Testing

@Suite struct DocumentTests {
  private static let documents = Repository.documents.map { Markdown($0) }
  private static let folders = Set(
    Repository.names(in: "Sources").filter { Repository.isFolder("Sources/" + $0) })

  @Test func `every document has one title`() {
    expectNone(Self.documents.flatMap(DocumentRules.titleCount))
  }

  @Test func `links lead to files`() {
    expectNone(
      Self.documents.flatMap { DocumentRules.brokenLinks($0, exists: Repository.exists) })
  }

  @Test func `files and folders that are named exist`() {
    let files = Repository.textFiles.filter { file in
      file.path.hasSuffix(".md") || file.path.hasPrefix("scripts/") || file.path == "Package.swift"
    }
    expectNone(files.flatMap { DocumentRules.missingPaths($0, exists: Repository.exists) })
  }

  @Test func `the read-me names every folder of Sources`() throws {
    let text = try #require(Repository.text("README.md"))
    for folder in Self.folders.sorted() {
      #expect(text.contains("Sources/" + folder), "README.md does not name Sources/\(folder)")
    }
  }

  @Test func `the boxes of the architecture document are the folders of Sources`() throws {
    let document = try #require(Self.documents.first { $0.path == "docs/ARCHITECTURE.md" })
    let picture = try #require(document.blocks.first)
    #expect(DocumentRules.boxNames(in: picture.text) == Self.folders)
  }

  @Test func `every decision is listed`() throws {
    let list = try #require(Self.documents.first { $0.path == "docs/decisions/README.md" })
    let records = Repository.names(in: "docs/decisions").filter { $0 != "README.md" }.sorted()
    #expect(!records.isEmpty)
    #expect(list.links.map(\.target).filter { $0.first?.isNumber == true } == records)
    for name in records {
      let record = try #require(Self.documents.first { $0.path == "docs/decisions/" + name })
      let number = try #require(Int(name.prefix(4)), "\(name) does not begin with a number")
      #expect(record.titles(level: 1).first?.hasPrefix("\(number). ") == true, "title of \(name)")
    }
  }

  // MARK: - The scanners find what is wrong

  @Test(arguments: [
    ("# a\n", 0), ("a\n", 1), ("# a\n# b\n", 1), ("# a\n```sh\n# b\n```\n", 0), ("## a\n", 1),
  ])
  func `a wrong number of titles is found`(text: String, count: Int) {
    #expect(DocumentRules.titleCount(Markdown(TextFile(path: "a", text: text))).count == count)
  }

  @Test(arguments: [
    ("[a](b.md)", []), ("a\n[a](c.md) [b](b.md)", [2]), ("[a](../x/y.md#z)", []), ("[a](#z)", []),
    ("[a](https://example.org/c.md)", []), ("![a](../c.png)", [1]), ("```\n[a](c.md)\n```", []),
  ])
  func `a broken link is found`(text: String, lines: [Int]) {
    let document = Markdown(TextFile(path: "docs/a.md", text: text))
    let findings = DocumentRules.brokenLinks(document) { ["docs/b.md", "x/y.md"].contains($0) }
    #expect(findings.map(\.line) == lines)
  }

  @Test(arguments: [
    ("see `Sources/A`.", []), ("see Sources/B.", [1]), ("Sources/A/<Name>.swift", []),
    ("\"docs/c\", docs/d.", [1]), ("some/docs/e", []),
  ])
  func `a missing path is found`(text: String, lines: [Int]) {
    let findings = DocumentRules.missingPaths(TextFile(path: "a", text: text)) {
      ["Sources/A", "docs/d"].contains($0)
    }
    #expect(findings.map(\.line) == lines)
  }

  @Test func `blocks, tables and boxes are read`() {
    let text =
      "| a | `b` |\n|---|---|\n```corefile\n. {\n}\n```\n| c d |\n```\n| A |-->| B c |\n v | D\n"
    let document = Markdown(TextFile(path: "a", text: text))
    #expect(document.tableRows.map(\.cells) == [["a", "`b`"], ["---", "---"], ["c d"]])
    #expect(document.blocks.map(\.language) == ["corefile", ""])
    #expect(document.blocks.map(\.line) == [4, 9])
    #expect(document.blocks.first?.text == ". {\n}\n")
    #expect(DocumentRules.boxNames(in: document.blocks.last?.text ?? "") == ["A"])
  }
}
