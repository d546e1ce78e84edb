import Corefile
import PluginChain
import Plugins
import TestSupport
import Testing

/// A Corefile of `Tests/Fixtures/corefiles`. Its first lines say what must be found:
/// `# expect [FILE:]LINE:COLUMN SEVERITY: WORDS`, the file relative to the Corefile's folder.
struct CorpusFile: Sendable, CustomTestStringConvertible {
  /// A diagnostic that must be there.
  struct Expectation: Sendable {
    /// `PATH:LINE:COLUMN: SEVERITY: `.
    let start: String
    /// A part of the message; perhaps empty.
    let words: String

    /// Whether this is what was expected.
    func fits(_ diagnostic: Diagnostic) -> Bool {
      let text = diagnostic.description
      return text.hasPrefix(start) && text.dropFirst(start.count).contains(words)
        && text.count > start.count
    }
  }

  /// The file's whole path.
  let path: String
  /// The text.
  let text: String
  /// What the first lines say, in order.
  let expectations: [Expectation]

  var testDescription: String { String(path.split(separator: "/").last ?? "") }

  /// The variables that the corpus uses.
  static let environment = [
    "CLUSTER_DOMAIN": "cluster.local", "UPSTREAM": "192.0.2.53", "DNS_PORT": "1053",
    "CACHE_TTL": "30", "EMPTY": "",
  ]

  /// The Corefiles of `good` or `bad`, by name.
  static func all(_ folder: String) -> [CorpusFile] {
    DiskFiles().glob(Fixture.path("corefiles/\(folder)/*.corefile")).map { CorpusFile($0) }
  }

  private init(_ path: String) {
    self.path = path
    text = (try? DiskFiles().read(path)) ?? ""
    let folder = path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex)
    var expectations: [Expectation] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let words = line.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
      guard words.count >= 4, words[0] == "#", words[1] == "expect" else { break }
      let hasFile = words[2].count { $0 == ":" } == 2
      let place = hasFile ? folder + words[2] : "\(path):\(words[2])"
      expectations.append(
        Expectation(
          start: "\(place): \(words[3]) ", words: words.count > 4 ? String(words[4]) : ""))
    }
    self.expectations = expectations
  }

  /// Everything found: by the parser and the plugins in the order of the files and their lines,
  /// then the traps.
  func diagnostics(machine: TrapMachine) -> [Diagnostic] {
    let corefile = parseCorefile(
      text, file: path, environment: Self.environment, files: DiskFiles())
    var setup = ServerSetup(workerCount: 1, log: QuietLog())
    _ = setUpBlocks(corefile, &setup)
    func key(_ diagnostic: Diagnostic) -> (Int, Int, Int) {
      let position = diagnostic.position
      return (
        corefile.files.firstIndex(of: position.file) ?? .max, position.line, position.column
      )
    }
    return setup.diagnostics.sorted { key($0) < key($1) }
      + findTraps(corefile.blocks, machine: machine)
  }

  private struct QuietLog: LogSink {
    func write(_ level: LogLevel, _ line: String) {}
    func setDebug(_ isOn: Bool) {}
  }
}
