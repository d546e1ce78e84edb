import PluginChain
import Synchronization

/// Keeps what plugins write.
final class RecordingLog: LogSink {
  private let state = Mutex<(lines: [String], allowsDebug: Bool)>(([], false))

  func write(_ level: LogLevel, _ line: String) {
    state.withLock { $0.lines.append("[\(level.rawValue)] \(line)") }
  }

  func allowDebug() {
    state.withLock { $0.allowsDebug = true }
  }

  /// The lines so far, with their level in front.
  var lines: [String] { state.withLock(\.lines) }

  /// Whether a plugin asked for debug lines.
  var allowsDebug: Bool { state.withLock(\.allowsDebug) }
}
