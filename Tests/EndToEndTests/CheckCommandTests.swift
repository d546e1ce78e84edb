import Foundation
import TestSupport
import Testing

/// `swiftlet check` as a command: exit codes, JSON, and Corefiles of the corpus.
@Suite struct CheckCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func check(_ arguments: String...) throws -> CommandResult {
    try CommandResult.run(["check"] + arguments, in: folder)
  }

  /// The object that `--format json` writes.
  private struct Report: Decodable {
    struct Entry: Decodable, Equatable {
      var file: String
      var line: Int?
      var column: Int?
      var severity: String
      var plugin: String?
      var message: String
    }

    var file: String
    var result: String
    var diagnostics: [Entry]
  }

  private func report(_ result: CommandResult) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(result.standardOutput.utf8))
  }

  private static let warning = ".:1053 {\n    bufsize 512\n    loop\n}\n"

  // MARK: - Exit codes

  @Test(arguments: [
    (".:1053 {\n    whoami\n}\n", 0, 0), (warning, 0, 1), (".:1053 {\n    whoamy\n}\n", 1, 1),
    (".:1053 {\n    health\n    ready\n    kubernetes cluster.local\n}\n", 0, 0),
  ])
  func `strict makes warnings count`(text: String, status: Int32, strictStatus: Int32) throws {
    let file = try folder.write(text, to: "Corefile")
    for format in ["text", "json"] {
      #expect(try check(file, "--format", format).end == .exit(status))
      #expect(try check(file, "--strict", "--format", format).end == .exit(strictStatus))
    }
    #expect(try check("-strict", file).end == .exit(strictStatus))
  }

  @Test func `what cannot be read is exit code 2`() throws {
    let file = folder.path("nothere")
    let text = try check(file)
    #expect(text.end == .exit(2))
    #expect(text.errorLines.count == 1)
    let json = try check(file, "--format", "json")
    #expect(json.end == .exit(2))
    #expect(json.standardError.isEmpty)
    let report = try report(json)
    #expect(report.result == "unreadable" && report.file == file)
    #expect(report.diagnostics.map(\.line) == [nil])
    #expect(report.diagnostics.first?.message.contains("no such file") == true)
  }

  // MARK: - Output

  @Test func `JSON says where, how bad, what, and whose`() throws {
    let file = try folder.write(
      ".:1053 {\n    loop\n    cache 30 {\n        disable \"\\\\\u{1}\"\n    }\n    nosuch\n}\n",
      to: "Corefile")
    let result = try check(file, "--format=json")
    #expect(result.end == .exit(1))
    #expect(result.standardError.isEmpty)
    let report = try report(result)
    #expect(report.file == file && report.result == "errors")
    let found = report.diagnostics
    #expect(found.map(\.line) == [2, 4, 6])
    #expect(found.map(\.column) == [5, 17, 5])
    #expect(found.map(\.severity) == ["warning", "error", "error"])
    #expect(found.map(\.plugin) == ["loop", "cache", nil])
    #expect(found.allSatisfy { $0.file == file && !$0.message.isEmpty })
  }

  @Test func `infos are on standard output and make no difference`() throws {
    let file = try folder.write(
      ".:1053 {\n    health\n    ready\n    reload\n    kubernetes cluster.local\n    cache\n}\n",
      to: "Corefile")
    let result = try check(file)
    #expect(result.end == .exit(0))
    #expect(result.standardOutput.hasPrefix("\(file):6:5: info: fine here"))
    #expect(result.standardOutput.hasSuffix("\(file): good\n"))
    #expect(!result.standardError.contains("info"))
  }

  // MARK: - The corpus

  private static func corpus(_ folder: String, _ prefixes: [String]) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: Fixture.path("corefiles/\(folder)"))
      .filter { name in name.hasSuffix(".corefile") && prefixes.contains(where: name.hasPrefix) }
      .sorted().map { Fixture.path("corefiles/\(folder)/\($0)") }
  }

  @Test func `deployed Corefiles are good`() throws {
    let files = try Self.corpus("good", ["kubeadm", "openshift", "nodelocal", "eks", "aks", "gke"])
    #expect(files.count > 15)
    for file in files {
      let result = try check(file)
      #expect(result.end == .exit(0), "\(file): \(result.errorLines)")
      #expect(result.standardOutput.hasSuffix("\(file): good\n"))
    }
  }

  @Test func `mistakes are told where they are`() throws {
    let files = try Self.corpus("bad", ["listener-", "deployed-", "import-", "brace-"])
    #expect(files.count > 20)
    for file in files {
      let text = try String(contentsOfFile: file, encoding: .utf8)
      let line = text.prefix { $0 != "\n" }
      let words = line.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
      try #require(words.count == 5 && words[3] == "error:")
      let result = try check(file)
      #expect(result.end == .exit(1))
      let first = try #require(result.errorLines.first { $0.contains(": error: ") })
      #expect(first.contains("\(words[2]): error: ") && first.contains(words[4]), "\(first)")
    }
  }
}
