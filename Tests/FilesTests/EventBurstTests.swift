import Files
import Testing

/// When to look after events.
@Suite struct EventBurstTests {
  /// News that came so many milliseconds after the first, and when to look after all of them.
  struct Row: Sendable, CustomTestStringConvertible {
    let news: [(at: UInt64, PathWatch.News)]
    let look: UInt64?

    var testDescription: String { "\(news.map { "\($0.at): \($0.1)" }) -> \(look ?? 0)" }
  }

  static let rows: [Row] = [
    Row(news: [], look: nil),
    Row(news: [(0, .nothing)], look: nil),
    Row(news: [(0, .settled)], look: 50),
    Row(news: [(0, .settled), (20, .nothing)], look: 50),
    Row(news: [(0, .settled), (20, .settled)], look: 70),
    // A writer is waited for, and its end ends the wait.
    Row(news: [(0, .writing)], look: 1_000),
    Row(news: [(0, .writing), (300, .settled)], look: 350),
    Row(news: [(0, .settled), (40, .writing)], look: 1_040),
    // What goes on and on is not.
    Row(news: [(0, .writing), (900, .writing), (1_800, .writing)], look: 2_000),
    Row(news: [(0, .settled), (1_990, .settled)], look: 2_000),
  ]

  @Test(arguments: rows)
  func `the look waits for the end, but not for ever`(row: Row) {
    let millisecond: UInt64 = 1_000_000
    let start = 7 * millisecond
    var burst = EventBurst()
    for (time, news) in row.news { burst.take(news, at: start + time * millisecond) }
    #expect(burst.look == row.look.map { start + $0 * millisecond })
  }
}
