import Glibc
import Synchronization

/// How a process ended.
package enum ProcessEnd: Equatable, Sendable {
  /// It called `exit` with this status.
  case exit(Int32)
  /// A signal ended it.
  case signal(Int32)
}

/// Why a process could not be started.
package struct SpawnError: Error, CustomStringConvertible {
  /// What was to be run.
  package let executable: String
  /// The `errno` of the attempt.
  package let code: Int32

  package var description: String { "cannot start \(executable): errno \(code)" }
}

/// A process started by a test: output goes to two files, and it never outlives the test run.
package final class ChildProcess: Sendable {
  /// The process id, valid until the end was seen.
  package let pid: pid_t
  private let end = Mutex<ProcessEnd?>(nil)

  /// Files above this number are not expected in a test.
  private static let descriptorMax: Int32 = 4_096

  /// Starts `executable` in `folder` with empty standard input and both outputs written to files.
  package init(
    executable: String, arguments: [String], folder: String, standardOutput: String,
    standardError: String
  ) throws(SpawnError) {
    var actions = unsafe posix_spawn_file_actions_t()
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    // SAFETY: initialized before use, destroyed below; the paths are copied by the calls.
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, standardOutput, flags, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, standardError, flags, 0o600)
    // Threads of the test run block signals; the process must not inherit that.
    var attributes = posix_spawnattr_t()
    var noSignals = sigset_t()
    // SAFETY: initialized before use, destroyed below; the set is copied by the call.
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    unsafe sigemptyset(&noSignals)
    unsafe posix_spawnattr_setsigmask(&attributes, &noSignals)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    // Sockets of servers in this process would stay open in that one.
    for descriptor in 3..<Self.descriptorMax { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    // The shell changes the folder and is then replaced, so the pid stays that of the executable.
    let shell = "/bin/sh"
    let line = [shell, "-c", "cd \"$0\" && exec \"$@\"", folder, executable] + arguments
    // SAFETY: the strings are freed after the call, which copies them; the list ends with nil.
    let words: [UnsafeMutablePointer<CChar>?] =
      unsafe line.map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let code = unsafe posix_spawn(&child, shell, &actions, &attributes, words, environ)
    guard code == 0 else { throw SpawnError(executable: executable, code: code) }
    pid = child
    RunningChildren.add(child)
  }

  deinit {
    stop()
  }

  /// How it ended; nil while it runs.
  package func poll() -> ProcessEnd? {
    end.withLock { end in
      guard end == nil else { return end }
      var status: Int32 = 0
      // SAFETY: status lives for the call.
      guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return nil }
      RunningChildren.remove(pid)
      let signal = status & 0x7f
      end = signal == 0 ? .exit((status >> 8) & 0xff) : .signal(signal)
      return end
    }
  }

  /// Waits for the end; nil when it still runs after `limit`.
  package func waitForEnd(_ limit: Duration) -> ProcessEnd? {
    _ = waitUntil(limit, every: .milliseconds(5)) { poll() != nil }
    return poll()
  }

  /// Sends a signal, if it still runs.
  package func send(signal: Int32) {
    guard poll() == nil else { return }
    kill(pid, signal)
  }

  /// Ends it: SIGTERM, and SIGKILL when that takes longer than 10 s.
  package func stop() {
    send(signal: SIGTERM)
    if waitForEnd(.seconds(10)) == nil {
      send(signal: SIGKILL)
      _ = waitForEnd(.seconds(10))
    }
  }
}

/// The processes that must not outlive this one: shared daemons live until the run exits.
private enum RunningChildren {
  private static let pids = Mutex<Set<pid_t>>([])
  private static let installed: Bool = {
    atexit { RunningChildren.killAll() }
    return true
  }()

  static func add(_ pid: pid_t) {
    _ = installed
    pids.withLock { _ = $0.insert(pid) }
  }

  static func remove(_ pid: pid_t) {
    pids.withLock { _ = $0.remove(pid) }
  }

  static func killAll() {
    pids.withLock { pids in
      for pid in pids { kill(pid, SIGKILL) }
    }
  }
}
