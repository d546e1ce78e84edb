import Testing

@Suite struct ImportTests {
  @Test func `imports go one way`() {
    expectNone(Repository.sources.flatMap(ImportRules.forbiddenImports))
  }

  @Test func `every folder of Sources has a rule, and every rule a folder`() {
    let folders = Set(
      Repository.names(in: "Sources").filter { Repository.isFolder("Sources/\($0)") })
    #expect(folders == ImportRules.headerTargets.union(ImportRules.allowances.keys))
  }

  @Test func `only ZoneText sees libldns`() {
    let others = ImportRules.allowances.filter { $0.value.own.contains("CLDNS") }.keys
    #expect(Array(others) == ["ZoneText"])
    #expect(ImportRules.allowances["Server"]?.own.contains("Plugins") == false)
  }

  @Test func `the rules are those of the manifest`() throws {
    let manifest = try #require(Repository.text("Package.swift"))
    let actual = ImportRules.dependencies(inManifest: manifest)
    #expect(actual["DNSWire"] == [], "Package.swift was not understood")
    for (target, allowance) in ImportRules.allowances {
      #expect(actual[target] == allowance.own, "Package.swift: target \(target)")
    }
  }

  @Test func `the rules are those of the architecture document`() throws {
    let document = try #require(Repository.text("docs/ARCHITECTURE.md"))
    let targets = ImportRules.headerTargets.union(ImportRules.allowances.keys)
    let actual = ImportRules.dependencies(inDocument: document, targets: targets)
    for (target, allowance) in ImportRules.allowances {
      #expect(actual[target] == allowance.own, "docs/ARCHITECTURE.md: row of \(target)")
    }
  }

  @Test func `Foundation stays where it is listed`() {
    expectNone(Repository.sources.flatMap(ImportRules.unlistedFoundation))
    let users = Repository.sources.filter { file in
      file.imports.contains { $0.module.hasPrefix("Foundation") }
    }
    #expect(Set(users.map(\.path)) == Set(ImportRules.foundationFiles.keys))
  }

  // MARK: - The scanners find what is wrong

  @Test(arguments: [
    ("Server", "import DNSWire\nimport Plugins", [2]), ("DNSWire", "import Glibc", []),
    ("swiftlet", "internal import CLDNS", [1]), ("Cluster", "import struct Sockets.Wakeup", [1]),
    ("DNSWire", "// import Plugins\nlet a = \"\"\"\nimport Plugins\n\"\"\"", []),
    ("Elsewhere", "import Glibc", [0]), ("Corefile", "import Foundation", [1]),
  ])
  func `a forbidden import is found`(target: String, text: String, lines: [Int]) {
    let file = SwiftFile(path: "Sources/\(target)/A.swift", text: text)
    #expect(ImportRules.forbiddenImports(file).map(\.line) == lines)
  }

  @Test func `Foundation is found`() {
    let text = "import DNSWire\nimport FoundationEssentials\n"
    let file = SwiftFile(path: "Sources/Cluster/A.swift", text: text)
    #expect(ImportRules.unlistedFoundation(file).map(\.line) == [2])
  }

  @Test func `a manifest and a table are read`() {
    let manifest = """
        // .target(name: "No"),
        .target(name: "A", dependencies: ["B"], swiftSettings: settings),
        .target(
          name: "C",
          dependencies: [
            "A", "B",
            .product(name: "X", package: "x"),
          ]),
        .testTarget(name: "T", dependencies: ["A"]),
        .target(
          name: "B", dependencies: ["A", .product(name: "Y", package: "y")]),
      """
    #expect(
      ImportRules.dependencies(inManifest: manifest) == ["A": ["B"], "C": ["A", "B"], "B": ["A"]])
    let table =
      "| target | imports |\n| A, B | nothing |\n| C | A, B; never D |\n| D | all but A |\n"
    #expect(
      ImportRules.dependencies(inDocument: table, targets: ["A", "B", "C", "D"])
        == ["A": [], "B": [], "C": ["A", "B"], "D": ["B", "C"]])
  }
}
