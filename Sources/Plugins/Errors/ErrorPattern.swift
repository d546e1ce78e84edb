import Corefile
import Patterns
import PluginChain
import Synchronization

/// One pattern of `consolidate`: which errors it takes, and how many it took of late.
final class ErrorPattern: Sendable {
  /// From an error to the line that tells of it.
  let period: Duration
  /// The level of its lines.
  let level: LogLevel
  private let pattern: Pattern
  private let showsFirst: Bool
  private let count = Mutex(0)
  private let firsts: AsyncStream<Void>
  private let isFirst: AsyncStream<Void>.Continuation

  /// A pattern that nothing was counted for.
  init(_ pattern: Pattern, period: Duration, level: LogLevel, showsFirst: Bool) {
    self.pattern = pattern
    self.period = period
    self.level = level
    self.showsFirst = showsFirst
    (firsts, isFirst) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Whether the words of an error match.
  func matches(_ words: String) -> Bool {
    pattern.matches(words)
  }

  /// Counts an error; whether it is to be logged all the same.
  func take() -> Bool {
    let count = count.withLock { count in
      count &+= 1
      return count
    }
    guard count == 1 else { return false }
    isFirst.yield()
    return showsFirst
  }

  /// Tells of what was counted, a period after the first of it, until the task is cancelled.
  func run(_ log: any LogSink) async {
    for await _ in firsts {
      try? await Task.sleep(for: period)
      tell(log)
    }
    tell(log)
  }

  private func tell(_ log: any LogSink) {
    let total = count.withLock { count in
      defer { count = 0 }
      return count
    }
    // The one that was shown needs no second line.
    guard total > (showsFirst ? 1 : 0) else { return }
    let kind = "\(total) errors like '\(pattern.text)'"
    log.write(level, "plugin/errors: \(kind) occurred in last \(GoDuration.text(period))")
  }
}
