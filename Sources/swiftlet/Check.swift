import ArgumentParser
import Corefile
import PluginChain
import Plugins
import Sockets

/// `swiftlet check [FILE]`: says everything that is wrong with a Corefile and starts nothing.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a Corefile; exit code 1 if the server would not start, 2 if it is unreadable.")

  /// How the result is written.
  enum Format: String, ExpressibleByArgument {
    /// A line for each thing: errors and warnings on standard error, infos on standard output.
    case text
    /// One JSON object on standard output.
    case json
  }

  @Argument(help: "The Corefile, or stdin; by default ./Corefile.")
  var file: String?

  @Option(
    name: [.customLong("conf", withSingleDash: true), .customLong("conf")],
    help: ArgumentHelp("The same as FILE.", valueName: "file"))
  var conf: String?

  @Option(
    name: [.customLong("format", withSingleDash: true), .customLong("format")],
    help: "text or json.")
  var format = Format.text

  @Flag(
    name: [.customLong("strict", withSingleDash: true), .customLong("strict")],
    help: "Warnings are exit code 1 too.")
  var strict = false

  func run() throws {
    let path = file ?? conf ?? "Corefile"
    let report: CheckReport
    do {
      report = CheckReport(try loadCorefile(path, workerCount: 1, log: SilentLog()))
    } catch {
      if format == .json {
        print(CheckReport.unreadable(path, error.description))
      } else {
        complain(error.description)
      }
      throw ExitCode(2)
    }
    switch format {
    case .json: print(report.json)
    case .text: write(report)
    }
    if report.result == .errors || (strict && report.result == .warnings) { throw ExitCode(1) }
  }

  private func write(_ report: CheckReport) {
    for problem in report.diagnostics {
      if problem.severity == .info {
        print(problem.description)
      } else {
        complain(problem.description)
      }
    }
    if report.result != .errors { print("\(report.path): good") }
  }
}

/// Takes no line: for commands that only report.
struct SilentLog: LogSink {
  func write(_ level: LogLevel, _ line: String) {}
  func setDebug(_ isOn: Bool) {}
}

/// Puts warnings and errors on standard error: for `dump`, whose output is the zones.
struct ErrorLog: LogSink {
  func write(_ level: LogLevel, _ line: String) {
    if level == .warning || level == .error { complain("[\(level.rawValue)] \(line)") }
  }

  func setDebug(_ isOn: Bool) {}
}
