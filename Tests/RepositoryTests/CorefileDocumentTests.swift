import Corefile
import PluginChain
import Plugins
import Testing

/// Every Corefile in the documents works as it is written.
@Suite struct CorefileDocumentTests {
  /// A Corefile and where it stands.
  struct Example: CustomTestStringConvertible {
    let path: String
    let line: Int
    let text: String

    var testDescription: String { "\(path):\(line)" }
  }

  private static let examples: [Example] = {
    let whole = Repository.text("Corefile.example").map {
      Example(path: "Corefile.example", line: 1, text: $0)
    }
    let documents = Repository.documents.filter { !$0.path.hasPrefix("Tests/") }
    return (whole.map { [$0] } ?? []) + documents.flatMap(examples)
  }()

  private static func examples(in file: TextFile) -> [Example] {
    Markdown(file).blocks.filter { $0.language == "corefile" }
      .map { Example(path: file.path, line: $0.line, text: $0.text) }
  }

  @Test func `there are examples`() {
    #expect(Self.examples.first?.path == "Corefile.example")
    #expect(Self.examples.count > 10)
  }

  @Test(arguments: examples)
  func `an example sets up`(example: Example) {
    expectNone(Self.problems(example))
  }

  @Test(arguments: pluginOrder.compactMap { if case .built = $0 { $0.name } else { nil } })
  func `the page of a plugin has an example that uses it`(name: String) {
    let own = Self.examples.filter { $0.path == "docs/plugins/\(name).md" }
    #expect(!own.isEmpty)
    for example in own {
      let blocks = Self.parsed(example).blocks
      #expect(
        blocks.contains { $0.directives.contains { $0.name.text == name } },
        "\(example.testDescription): does not use \(name)")
    }
  }

  // MARK: - Setting up

  private static func parsed(_ example: Example) -> ParsedCorefile {
    parseCorefile(
      example.text, file: Repository.absolute(example.path), environment: [:], files: DiskFiles())
  }

  /// What keeps an example from working: errors, and manifests that are not there. A set-up reads
  /// no manifest and starts nothing.
  private static func problems(_ example: Example) -> [Finding] {
    let corefile = parsed(example)
    var setup = ServerSetup(workerCount: 1, log: SilentLog())
    _ = setUpBlocks(corefile, &setup)
    func place(_ position: SourcePosition) -> Int { example.line + position.line - 1 }
    let errors = setup.diagnostics.filter { $0.severity == .error }.map {
      Finding(example.path, place($0.position), $0.message)
    }
    let manifests = corefile.blocks.flatMap(\.directives).flatMap { $0.options ?? [] }
      .filter { $0.name.text == "manifests" }.flatMap(\.arguments)
    return errors
      + manifests.filter { !Repository.exists($0.text) }.map {
        Finding(example.path, place($0.position), "there is no \($0.text)")
      }
  }

  private struct SilentLog: LogSink {
    func write(_ level: LogLevel, _ line: String) {}
    func setDebug(_ isOn: Bool) {}
  }

  // MARK: - The scanner finds what is wrong

  @Test(arguments: [
    (".:1053 {\n    whoami\n}\n", []), (".:1053 {\n    whoamy\n}\n", [11]),
    (".:1053 {\n    acl\n}\n", [11]), (".:1053 {\n    bufsize 1\n}\n", [11]), ("", [10]),
    (".:1053 {\n    forward . 192.0.2.1\n}\n", []),
    (". {\n    kubernetes cluster.local {\n        manifests none\n    }\n}\n", [12]),
  ])
  func `an example that does not work is found`(text: String, lines: [Int]) {
    #expect(Self.problems(Example(path: "a.md", line: 10, text: text)).map(\.line) == lines)
  }
}
