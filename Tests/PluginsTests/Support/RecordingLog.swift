import PluginChain
import Synchronization

/// Keeps what plugins write.
final class RecordingLog: LogSink {
  private let state = Mutex<(lines: [String], allowsDebug: Bool)>(([], false))

  func write(_ level: LogLevel, _ line: String) {
    state.withLock { $0.lines.append("[\(level.rawValue)] \(line)") }
  }

  func setDebug(_ isOn: Bool) {
    state.withLock { $0.allowsDebug = isOn }
  }

  /// The lines so far, with their level in front.
  var lines: [String] { state.withLock(\.lines) }

  /// Whether a plugin asked for debug lines.
  var allowsDebug: Bool { state.withLock(\.allowsDebug) }
}
