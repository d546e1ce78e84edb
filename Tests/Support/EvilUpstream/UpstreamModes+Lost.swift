/// Queries and replies that are lost or late. SERVFAIL must reach a client before it gives up.
extension UpstreamMode {
  static let lost: [UpstreamMode] = [
    UpstreamMode("silent", .failure, "no reply at all") { _ in [] },
    UpstreamMode("lost-1", .answer, "the first datagram is lost") { asked in
      asked.attempt == 1 && !asked.isStream ? [] : [.send(asked.good)]
    },
    UpstreamMode("lost-2", .answerOrFailure, "the first two datagrams are lost") { asked in
      asked.attempt <= 2 && !asked.isStream ? [] : [.send(asked.good)]
    },
    UpstreamMode("late-1", .answer, "a second late") {
      [.send($0.good, after: .seconds(1))]
    },
    UpstreamMode("late-3", .answerOrFailure, "three seconds late") {
      [.send($0.good, after: .seconds(3))]
    },
    UpstreamMode("late-6", .failure, "later than any client waits") {
      [.send($0.good, after: .seconds(6))]
    },
    UpstreamMode("junk-forever", .failure, "a forged reply every 200 ms, never a good one") {
      asked in
      (0..<30).map { n in
        .send(
          asked.evil.with { $0.id &+= UInt16(truncatingIfNeeded: n + 1) },
          after: .milliseconds(200 * n))
      }
    },
    UpstreamMode("broken-forever", .failure, "a broken reply every 200 ms") { asked in
      (0..<30).map { n in
        .send(Array(asked.evil.bytes.dropLast(13)), after: .milliseconds(200 * n))
      }
    },
  ]
}
