import Glibc
import PluginChain
import Sockets
import Synchronization

/// Log lines on standard output, in CoreDNS's form: `[INFO] text`.
///
/// Writing a line only puts it into a bounded buffer; a thread of its own hands it to the system.
/// When nobody reads standard output, lines are dropped and counted, and queries go on.
final class OutputLog: LogSink {
  /// Octets that may wait.
  private static let bufferOctetCountMax = 4 << 20

  private struct State {
    var waiting: [UInt8] = []
    var droppedCount = 0
    var isWriting = false
    var isStopping = false
    var writesDebug = false
  }

  private let state = Mutex(State())
  private let wakeup: Wakeup

  init() throws(SystemError) {
    wakeup = try Wakeup()
    _ = try SystemThread(name: "log") { [self] in run() }
  }

  func write(_ level: LogLevel, _ line: String) {
    let octets = Array("[\(level.rawValue)] \(line)\n".utf8)
    let wakes = state.withLock { state -> Bool in
      if level == .debug, !state.writesDebug { return false }
      guard state.waiting.count + octets.count <= Self.bufferOctetCountMax else {
        state.droppedCount += 1
        return false
      }
      let wasEmpty = state.waiting.isEmpty
      state.waiting += octets
      return wasEmpty
    }
    if wakes { wakeup.signal() }
  }

  func setDebug(_ isOn: Bool) {
    state.withLock { $0.writesDebug = isOn }
  }

  /// Writes text as it is, for the banner.
  func writePlain(_ text: String) {
    state.withLock { $0.waiting += Array(text.utf8) }
    wakeup.signal()
  }

  /// Waits, a second at most, until what was written is with the system.
  func flush() {
    let deadline = monotonicNanoseconds() + 1_000_000_000
    while monotonicNanoseconds() < deadline {
      let isDone = state.withLock { $0.waiting.isEmpty && !$0.isWriting }
      if isDone { return }
      usleep(1000)
    }
  }

  private func run() {
    guard let poll = try? EventPoll(),
      (try? poll.add(wakeup.number, token: 0, interest: .read)) != nil
    else { return }
    while true {
      _ = poll.wait(milliseconds: -1)
      wakeup.clear()
      let (octets, dropped) = state.withLock { state -> ([UInt8], Int) in
        defer {
          state.waiting = []
          state.droppedCount = 0
          state.isWriting = true
        }
        return (state.waiting, state.droppedCount)
      }
      put(octets)
      if dropped > 0 { put(Array("[WARNING] \(dropped) log lines were dropped\n".utf8)) }
      state.withLock { $0.isWriting = false }
    }
  }

  private func put(_ octets: [UInt8]) {
    var start = 0
    while start < octets.count {
      let count = unsafe octets.withUnsafeBytes { buffer in
        // SAFETY: start is below the count.
        unsafe Glibc.write(
          STDOUT_FILENO, buffer.baseAddress.map { unsafe $0 + start }, buffer.count - start)
      }
      let code = errno
      if count < 0, code == EINTR { continue }
      if count < 0, code == EAGAIN {
        // Somebody made standard output non-blocking: wait here, lines wait in the buffer.
        usleep(1000)
        continue
      }
      guard count > 0 else { return }
      start += count
    }
  }
}
