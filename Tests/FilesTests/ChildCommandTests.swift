import Files
import Foundation
import TestSupport
import Testing

/// Programs that are run for their output.
@Suite struct ChildCommandTests {
  private static func shell(
    _ line: String, _ arguments: String..., environment: [String: String] = [:]
  ) -> ChildCommand {
    var environment = environment
    environment["PATH"] = "/usr/bin:/bin"
    return ChildCommand("sh", ["-c", line, "sh"] + arguments, environment: environment)
  }

  @Test func `output and errors come apart`() async throws {
    let command = Self.shell("echo $1.$A; echo bad >&2; exit 3", "a b", environment: ["A": "c"])
    let outcome = try await command.run()
    #expect(outcome.end == .exit(3))
    #expect(outcome.output == Array("a b.c\n".utf8))
    #expect(outcome.errorOutput == Array("bad\n".utf8))
  }

  @Test func `nothing else is inherited`() async throws {
    let outcome = try await Self.shell("env | cut -d= -f1 | grep -v -e PWD -e _ -e SHLVL; cat")
      .run()
    #expect(String(decoding: outcome.output, as: UTF8.self) == "PATH\n")
  }

  @Test func `much output is read to its end`() async throws {
    let outcome = try await Self.shell("head -c 900000 /dev/zero; head -c 900000 /dev/zero >&2")
      .run()
    #expect(outcome.output.count == 900_000 && outcome.errorOutput.count == 900_000)
    #expect(outcome.end == .exit(0))
  }

  @Test(arguments: [
    ("sleep 60", ChildCommand.End.timedOut), ("sleep 60 & exec cat /dev/zero", .wroteTooMuch),
    ("kill -TERM $$", .signal(15)), ("trap '' TERM; sleep 60", .timedOut),
  ])
  func `a run is bounded`(line: String, end: ChildCommand.End) async throws {
    var command = Self.shell(line)
    command.timeMax = end == .timedOut ? .milliseconds(200) : .seconds(30)
    command.octetCountMax = 100_000
    #expect(try await command.run().end == end)
  }

  @Test func `a program's children are killed with it`() async throws {
    let folder = try TemporaryFolder()
    var command = Self.shell(
      "(while :; do echo x; done >> $1) & echo $! > $2; wait", folder.path("count"),
      folder.path("pid"))
    command.timeMax = .milliseconds(300)
    #expect(try await command.run().end == .timedOut)
    let pid = folder.read("pid").split(separator: "\n").first.map(String.init)
    let status = "/proc/\(try #require(pid))/status"
    // Whoever takes in orphans may leave what has ended as a zombie.
    let hasEnded = await eventually {
      let text = try? String(contentsOfFile: status, encoding: .utf8)
      return text?.contains("State:\tZ") ?? true
    }
    #expect(hasEnded)
  }

  @Test func `a background child does not keep the run`() async throws {
    let outcome = try await Self.shell("sleep 20 & echo $!").run()
    #expect(outcome.end == .exit(0))
    let pid = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").first
    let number = try #require(pid.flatMap { Int32($0) })
    _ = kill(number, SIGKILL)
  }

  @Test func `a cancelled task kills its program`() async throws {
    let task = Task { try await Self.shell("sleep 60").run() }
    task.cancel()
    #expect(try await task.value.end == .calledOff)
  }

  @Test func `a program that is missing is told`() async {
    await #expect(throws: PosixProblem(message: "No such file or directory")) {
      try await ChildCommand("/none/at/all", [], environment: [:]).run()
    }
  }

  @Test func `the environment is the process's own`() {
    #expect(ProcessEnvironment.variables()["PATH"] == ProcessInfo.processInfo.environment["PATH"])
  }
}
