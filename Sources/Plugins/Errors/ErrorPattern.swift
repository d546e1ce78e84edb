import Corefile
import PluginChain
import Synchronization

/// One pattern of `consolidate`: which errors it takes, and how many it took of late.
final class ErrorPattern: Sendable {
  /// What is wrong with a regular expression; a few words.
  struct Problem: Error, CustomStringConvertible {
    let description: String
    /// It is a regular expression, but one that could take too long.
    var isCostly = false
  }

  /// The longest regular expression, in octets: CoreDNS's.
  private static let octetCountMax = 10_000
  /// Groups and sets within each other; compiling one recurses.
  private static let depthMax = 50
  /// Repetitions: the words of an error have some fifty octets, which are tried in all divisions.
  private static let repetitionCountMax = 6

  /// From an error to the line that tells of it.
  let period: Duration
  /// The level of its lines.
  let level: LogLevel
  private let text: String
  private let showsFirst: Bool
  private let regex: Mutex<Regex<AnyRegexOutput>>
  private let count = Mutex(0)
  private let firsts: AsyncStream<Void>
  private let isFirst: AsyncStream<Void>.Continuation

  /// A pattern from the text of its regular expression.
  init(
    _ text: String, period: Duration, level: LogLevel, showsFirst: Bool
  ) throws(Problem) {
    guard text.utf8.count <= Self.octetCountMax else {
      throw Problem(description: "it is longer than \(Self.octetCountMax) octets")
    }
    let cost = PatternCost(text)
    guard cost.depth <= Self.depthMax else {
      throw Problem(description: "more than \(Self.depthMax) groups are within each other")
    }
    do {
      regex = Mutex(try Regex(text).matchingSemantics(.unicodeScalar))
    } catch {
      throw Problem(description: "\(error)")
    }
    // Matching happens on a worker's thread: it must not stay there.
    guard !cost.hasNestedRepetition, cost.repetitionCount <= Self.repetitionCountMax else {
      let words =
        cost.hasNestedRepetition
        ? "it repeats what is repeated" : "it has more than \(Self.repetitionCountMax) repetitions"
      throw Problem(description: words, isCostly: true)
    }
    self.text = text
    self.period = period
    self.level = level
    self.showsFirst = showsFirst
    (firsts, isFirst) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Whether the words of an error match.
  func matches(_ words: String) -> Bool {
    regex.withLock { (try? $0.firstMatch(in: words)) != nil }
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
    let time = GoDuration.text(period)
    log.write(level, "plugin/errors: \(total) errors like '\(text)' occurred in last \(time)")
  }
}
