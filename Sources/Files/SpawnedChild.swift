import Glibc
import Synchronization

/// Says once and for all that a run is called off.
final class CallOff: Sendable {
  private let state = Atomic(false)

  /// Whether it was said.
  var isGiven: Bool { state.load(ordering: .acquiring) }

  /// Says it.
  func give() { state.store(true, ordering: .releasing) }
}

/// A process that was started and is waited for; in a group of its own, so that its children can
/// be killed with it.
final class SpawnedChild {
  private let pid: pid_t
  private var isOver = false

  /// Starts a command with its outputs in two descriptors.
  init(_ command: ChildCommand, output: Int32, errors: Int32) throws(PosixProblem) {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    var noSignals = sigset_t()
    var allSignals = sigset_t()
    // SAFETY: actions and attributes are initialized before use and destroyed after it; sets and
    // paths are copied by the calls.
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
    // Threads of this process block signals and ignore some; the program must not inherit that.
    unsafe sigemptyset(&noSignals)
    unsafe sigfillset(&allSignals)
    unsafe posix_spawnattr_setsigmask(&attributes, &noSignals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &allSignals)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
    let variables = command.environment.map { "\($0)=\($1)" }.sorted()
    // SAFETY: the texts are freed after the call, which copies them; the lists end with null.
    let words = unsafe Self.texts([command.program] + command.arguments)
    defer { unsafe words.forEach { unsafe free($0) } }
    let settings = unsafe Self.texts(variables)
    defer { unsafe settings.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let code = unsafe posix_spawnp(
      &child, command.program, &actions, &attributes, words, settings)
    guard code == 0 else {
      errno = code
      throw .current()
    }
    pid = child
  }

  deinit { kill() }

  private static func texts(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    unsafe texts.map { unsafe strdup($0) } + [nil]
  }

  /// How it ended; `nil` while it runs.
  func end() -> ChildCommand.End? {
    guard !isOver else { return nil }
    var status: Int32 = 0
    // SAFETY: the status lives for the call.
    let found = unsafe waitpid(pid, &status, WNOHANG)
    guard found != 0 else { return nil }
    isOver = true
    // Nobody else waits for it; were it gone all the same, its end could not be told.
    guard found == pid else { return .signal(0) }
    let signal = status & 0x7F
    return signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
  }

  /// Kills it with its group, if it still runs, and waits for its end.
  func kill() {
    guard !isOver else { return }
    isOver = true
    _ = Glibc.kill(-pid, SIGKILL)
    var status: Int32 = 0
    // SAFETY: as in `end`. A killed process ends at once.
    while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
  }
}
