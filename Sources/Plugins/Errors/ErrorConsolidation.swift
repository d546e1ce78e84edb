import PluginChain
import Synchronization

/// The patterns of `consolidate`: errors that match one are counted, and one line a period tells
/// how many there were.
final class ErrorConsolidation: Sendable {
  /// Patterns of one directive.
  static let patternCountMax = 64
  /// Different words of errors that are remembered with their pattern. There are some dozen; each
  /// is matched once.
  private static let wordsCountMax = 256

  private struct State {
    /// The pattern of an error's words; its first match, `nil` without any.
    var places: [String: Int?] = [:]
    /// Nobody tells any more: errors are logged one by one.
    var isOver = false
  }

  private let patterns: [ErrorPattern]
  private let log: any LogSink
  private let state = Mutex(State())

  /// Patterns in the Corefile's order; none is as if there was no consolidation.
  init(_ patterns: [ErrorPattern], log: any LogSink) {
    self.patterns = patterns
    self.log = log
  }

  /// The level at which an error is to be logged; `nil` when it has been counted instead.
  func level(of words: String) -> LogLevel? {
    guard !patterns.isEmpty, let place = place(of: words) else { return .error }
    let pattern = patterns[place]
    return pattern.take() ? pattern.level : nil
  }

  private func place(of words: String) -> Int? {
    state.withLock { state in
      guard !state.isOver else { return nil }
      if let known = state.places[words] { return known }
      let place = patterns.firstIndex { $0.matches(words) }
      if state.places.count < Self.wordsCountMax { state.places[words] = .some(place) }
      return place
    }
  }

  /// Writes the lines until the task is cancelled; then those of what is left.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      for pattern in patterns { group.addTask { [log] in await pattern.run(log) } }
      await group.waitForAll()
    }
    state.withLock { $0.isOver = true }
  }
}
