import ArgumentParser
import Corefile
import PluginChain
import Sockets

/// `swiftlet check [FILE]`: says everything that is wrong with a Corefile and starts nothing.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a Corefile; exit code 1 if the server would not start.")

  @Argument(help: "The Corefile, or stdin; by default ./Corefile.")
  var file: String?

  @Option(
    name: [.customLong("conf", withSingleDash: true), .customLong("conf")],
    help: ArgumentHelp("The same as FILE.", valueName: "file"))
  var conf: String?

  func run() throws {
    do {
      let loaded = try loadCorefile(
        file ?? conf ?? "Corefile", workerCount: 1, log: SilentLog())
      for problem in loaded.diagnostics { complain(problem.description) }
      if loaded.hasErrors { throw ExitCode(1) }
      _ = try planListeners(
        loaded.blocks, ownZones: loaded.setup.ownZones.zones, defaultPort: 53, isOffline: true)
      print("\(loaded.path): good")
    } catch let error as StartError {
      complain(error.description)
      throw ExitCode(1)
    }
  }
}

/// Takes no line: for commands that only report.
struct SilentLog: LogSink {
  func write(_ level: LogLevel, _ line: String) {}
  func allowDebug() {}
}

/// Puts warnings and errors on standard error: for `dump`, whose output is the zones.
struct ErrorLog: LogSink {
  func write(_ level: LogLevel, _ line: String) {
    if level == .warning || level == .error { complain("[\(level.rawValue)] \(line)") }
  }

  func allowDebug() {}
}
