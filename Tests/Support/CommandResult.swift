/// What a command that ends by itself did.
package struct CommandResult: Sendable {
  /// How it ended; nil when it had to be stopped.
  package let end: ProcessEnd?
  /// All of its standard output.
  package let standardOutput: String
  /// All of its standard error.
  package let standardError: String

  /// The lines of standard error that are not empty.
  package var errorLines: [String] {
    standardError.split(separator: "\n").map(String.init).filter { !$0.isEmpty }
  }

  /// Runs the binary to its end, which must come within `limit`.
  package static func run(
    _ arguments: [String], in folder: TemporaryFolder, limit: Duration = .seconds(60)
  ) throws -> CommandResult {
    let process = try ChildProcess(
      executable: SwiftletBinary.path(), arguments: arguments, folder: folder.path,
      standardOutput: folder.path("command-stdout.txt"),
      standardError: folder.path("command-stderr.txt"))
    let end = process.waitForEnd(limit)
    process.stop()
    return CommandResult(
      end: end, standardOutput: folder.read("command-stdout.txt"),
      standardError: folder.read("command-stderr.txt"))
  }
}
