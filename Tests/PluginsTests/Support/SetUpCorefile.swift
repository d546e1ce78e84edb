import Corefile
import PluginChain
import Plugins
import Testing

/// A Corefile set up as the server does it; nothing is started.
struct SetUpCorefile: Sendable {
  /// What plugins contributed.
  let setup: ServerSetup
  /// The server blocks.
  let plans: [BlockPlan]
  /// What they log.
  let log: RecordingLog

  /// No file can be imported.
  private struct NoFiles: CorefileFiles {
    func read(_ path: String) throws(FileProblem) -> String { throw .notFound }
    func glob(_ pattern: String) -> [String] { [] }
  }

  /// Parses and sets up `text`, named `Corefile`; `before` is the state of the set-up that this one
  /// follows.
  init(_ text: String, after before: KeptState? = nil) {
    log = RecordingLog()
    var setup = ServerSetup(workerCount: 1, log: log, kept: KeptState(after: before))
    let parsed = parseCorefile(text, file: "Corefile", environment: [:], files: NoFiles())
    plans = setUpBlocks(parsed, &setup)
    self.setup = setup
  }

  /// Everything that was found: `line:column: severity: message`.
  var diagnostics: [String] {
    setup.diagnostics.map { String($0.description.dropFirst("Corefile:".count)) }
  }
}

/// Corefile text and what must be said of it.
struct SetUpCase: Sendable, CustomTestStringConvertible {
  /// The text.
  let text: String
  /// For each diagnostic in order `line:column: severity: ` and then fragments of the message with
  /// `...` between.
  var expected: [String]

  /// The directives `text` in one server block, which begins on line 1; so they begin on line 2,
  /// column 1.
  init(_ text: String, _ expected: String...) {
    self.text = ".:53 {\n\(text)\n}\n"
    self.expected = expected
  }

  var testDescription: String {
    text.dropFirst(7).dropLast(3).prefix(70).debugDescription
  }

  /// What does not fit, in words; none when all do.
  func differences() -> [String] {
    let found = SetUpCorefile(text).diagnostics
    var result: [String] = []
    if found.count != expected.count { result.append("\(found.count) for \(expected.count)") }
    for (line, wanted) in zip(found, expected) {
      var fragments = wanted.split(separator: "...").map(String.init)[...]
      guard let first = fragments.popFirst(), line.hasPrefix(first),
        fragments.allSatisfy({ line.contains($0) })
      else {
        result.append("\(line), expected \(wanted)")
        continue
      }
    }
    return result.isEmpty ? [] : result + found
  }
}
