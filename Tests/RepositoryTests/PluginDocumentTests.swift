import Corefile
import Plugins
import Testing

/// What the documents say about plugins, beside what the list of plugins says.
@Suite struct PluginDocumentTests {
  private static let sections = [
    "Description", "Syntax", "Examples", "Differences from CoreDNS",
  ]
  private static let builtNames = pluginOrder.compactMap { entry in
    if case .built = entry { entry.name } else { nil }
  }

  @Test func `there are plugins`() {
    #expect(Self.builtNames.contains("kubernetes"))
  }

  @Test(arguments: builtNames)
  func `every plugin has a page with the same sections`(name: String) throws {
    let path = "docs/plugins/\(name).md"
    let text = try #require(Repository.text(path), "there is no \(path)")
    expectNone(Self.wrongSections(name, TextFile(path: path, text: text)))
  }

  @Test func `every page is of a plugin`() {
    let pages = Repository.names(in: "docs/plugins").filter { $0 != "README.md" }
    #expect(Set(pages) == Set(Self.builtNames.map { $0 + ".md" }))
  }

  @Test func `the table of plugins is the list of plugins`() throws {
    let path = "docs/plugins/README.md"
    let text = try #require(Repository.text(path))
    let rows = Self.rows(TextFile(path: path, text: text))
    #expect(rows.map(\.name) == pluginOrder.map(\.name))
    for (row, entry) in zip(rows, pluginOrder) {
      #expect(row == Self.expectedRow(entry), "\(path): row of \(entry.name)")
    }
  }

  /// Folders beside those of the plugins.
  private static let otherFolders: Set = ["Traps"]

  @Test func `every plugin has a folder of the same shape`() {
    let folders = Repository.names(in: "Sources/Plugins").filter {
      Repository.isFolder("Sources/Plugins/" + $0) && !Self.otherFolders.contains($0)
    }
    #expect(folders.map { $0.lowercased() }.sorted() == Self.builtNames.sorted())
    for folder in folders {
      for file in ["\(folder).swift", "\(folder)+Setup.swift"] {
        let path = "Sources/Plugins/\(folder)/\(file)"
        #expect(Repository.exists(path), "there is no \(path)")
      }
    }
  }

  // MARK: - Reading

  private static func wrongSections(_ name: String, _ page: TextFile) -> [Finding] {
    let document = Markdown(page)
    var findings: [Finding] = []
    if document.titles(level: 1) != [name] {
      findings.append(Finding(page.path, 1, "the title is not \(name)"))
    }
    let found = document.titles(level: 2)
    if found != sections {
      findings.append(Finding(page.path, 0, "sections \(found), expected \(sections)"))
    }
    return findings
  }

  private struct Row: Equatable {
    let name: String
    let state: String
    let effect: String
    /// Whether the text links to the plugin's page.
    let hasPage: Bool
  }

  private static func rows(_ table: TextFile) -> [Row] {
    Markdown(table).tableRows.filter { $0.cells.count == 4 && $0.cells[0].hasPrefix("`") }
      .map { cells, _ in
        let name = String(cells[0].dropFirst().dropLast())
        return Row(
          name: name, state: cells[1], effect: cells[2],
          hasPage: cells[3].contains("](\(name).md)"))
      }
  }

  private static func expectedRow(_ entry: PluginEntry) -> Row {
    switch entry {
    case .built(let definition):
      Row(name: definition.name, state: "built", effect: "works", hasPage: true)
    case .notBuilt(let name, let severity):
      Row(name: name, state: "not built yet", effect: severity.rawValue, hasPage: false)
    }
  }

  // MARK: - The scanners find what is wrong

  @Test(arguments: [
    ("# a\n## Description\n## Syntax\n## Examples\n## Differences from CoreDNS\n", 0),
    ("# b\n## Description\n## Syntax\n## Examples\n## Differences from CoreDNS\n", 1),
    ("# a\n## Syntax\n## Description\n## Examples\n## Differences from CoreDNS\n", 1), ("", 2),
  ])
  func `wrong sections are found`(text: String, count: Int) {
    #expect(Self.wrongSections("a", TextFile(path: "a.md", text: text)).count == count)
  }

  @Test func `a wrong row is found`() {
    let good = """
      | plugin | state | if used | what it does |
      |---|---|---|---|
      | `log` | built | works | [query log](log.md) |

      """
    let bad = good.replacing("works", with: "warning")
    for (found, isRight) in [(good, true), (bad, false)] {
      let rows = Self.rows(TextFile(path: "a.md", text: found))
      let entry = pluginOrder.first { $0.name == "log" }
      #expect(rows.count == 1)
      #expect((rows.first == entry.map(Self.expectedRow)) == isRight)
    }
  }
}
