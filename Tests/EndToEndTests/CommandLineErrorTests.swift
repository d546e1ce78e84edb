import TestSupport
import Testing

/// What the binary says when it cannot do what it was told.
@Suite struct CommandLineErrorTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(ManifestWorld(addresses: ["tea": "10.96.1.1"]).text, to: "world.yaml")
  }

  private func run(_ arguments: String...) throws -> CommandResult {
    try CommandResult.run(arguments, in: folder)
  }

  private func expectFailure(_ result: CommandResult) {
    switch result.end {
    case .exit(let status): #expect(status != 0)
    default: Issue.record("ended with \(String(describing: result.end))")
    }
    #expect(!result.standardError.contains("Fatal error"))
  }

  @Test func `a missing file is one line with its name`() throws {
    let result = try run("-conf", folder.path("nothere"))
    expectFailure(result)
    #expect(result.errorLines.count == 1)
    #expect(result.standardError.contains("nothere"))
  }

  @Test(arguments: [["extra"], ["-conf", "Corefile", "extra"], ["-nosuchflag"], ["-conf"]])
  func `arguments that mean nothing are refused`(arguments: [String]) throws {
    try folder.write(".:\(freePort()) {\n}\n", to: "Corefile")
    let result = try CommandResult.run(arguments, in: folder)
    expectFailure(result)
    #expect(!result.standardError.isEmpty)
  }

  @Test func `a port that is taken is one line`() throws {
    let occupied = try OccupiedPort()
    let file = try folder.write(
      """
      .:\(occupied.port) {
          kubernetes cluster.local {
              manifests \(folder.path("world.yaml"))
          }
      }

      """, to: "Corefile")
    let result = try run("-conf", file, "-quiet")
    expectFailure(result)
    #expect(result.errorLines.count == 1, "\(result.errorLines)")
    #expect(result.standardError.contains(String(occupied.port)))
  }

  /// A Corefile with mistakes and the lines they are on.
  struct Broken: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    /// The lines that must be told, one message each.
    let lines: [Int]
  }

  static let broken = [
    Broken(
      testDescription: "unknown plugin", text: ".:1053 {\n    kubernets cluster.local\n}\n",
      lines: [2]),
    Broken(testDescription: "unclosed brace", text: ".:1053 {\n    errors\n", lines: [1, 2, 3]),
    Broken(
      testDescription: "unknown option",
      text: ".:1053 {\n    kubernetes cluster.local {\n        podz insecure\n    }\n}\n",
      lines: [3]),
    Broken(
      testDescription: "TTL out of range",
      text: ".:1053 {\n    kubernetes cluster.local {\n        ttl 3601\n    }\n}\n", lines: [3]),
    Broken(
      testDescription: "not a number",
      text: ".:1053 {\n    kubernetes cluster.local {\n        ttl soon\n    }\n}\n", lines: [3]),
    Broken(
      testDescription: "pods mode",
      text: ".:1053 {\n    errors\n    kubernetes cluster.local {\n        pods maybe\n    }\n}\n",
      lines: [4]),
    Broken(
      testDescription: "port", text: ".:99999 {\n    errors\n}\n", lines: [1]),
  ]

  @Test(arguments: broken)
  func `a broken Corefile is told by file, line and column`(broken: Broken) throws {
    let file = try folder.write(broken.text, to: "Corefile")
    for arguments in [["-conf", file], ["check", file]] {
      let result = try CommandResult.run(arguments, in: folder)
      expectFailure(result)
      #expect(!result.errorLines.isEmpty)
      let problems = result.errorLines.compactMap { Self.position($0, file: file) }
      #expect(problems.count == result.errorLines.count, "\(result.errorLines)")
      #expect(problems.contains { broken.lines.contains($0) }, "\(result.errorLines)")
    }
  }

  @Test func `check tells all problems of a file`() throws {
    let file = try folder.write(
      ".:1053 {\n    kubernets cluster.local\n    erors\n    errors\n}\n", to: "Corefile")
    let result = try run("check", file)
    #expect(result.end == .exit(1))
    #expect(result.errorLines.compactMap { Self.position($0, file: file) } == [2, 3])
  }

  @Test func `check accepts a good file and serves nothing`() throws {
    let file = try folder.write(
      """
      .:53 {
          errors
          kubernetes cluster.local in-addr.arpa ip6.arpa {
              manifests \(folder.path("world.yaml"))
              pods insecure
              fallthrough in-addr.arpa ip6.arpa
              ttl 30
          }
      }

      """, to: "Corefile")
    let result = try run("check", file)
    #expect(result.end == .exit(0))
    #expect(result.standardError.isEmpty)
  }

  @Test func `check of a missing file is one line`() throws {
    let result = try run("check", folder.path("nothere"))
    expectFailure(result)
    #expect(result.errorLines.count == 1)
    #expect(result.standardError.contains("nothere"))
  }

  /// The line number of `file:line:column: text`; nil for anything else.
  private static func position(_ line: String, file: String) -> Int? {
    guard let range = line.firstRange(of: file + ":") else { return nil }
    let parts = line[range.upperBound...].split(
      separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let number = Int(parts[0]), let column = Int(parts[1]), column > 0,
      !parts[2].allSatisfy({ $0 == " " })
    else { return nil }
    return number
  }
}
