/// Truncation, and what can go wrong with the TCP connection that follows it.
extension UpstreamMode {
  static let streams: [UpstreamMode] = [
    UpstreamMode("tc", .answer, "TC, then ninety records by TCP") { asked in
      byStream(asked, [.send(asked.good.with { $0.answer = (0..<90).map { many($0) } })])
    },
    UpstreamMode("tc-huge", .answer, "TC, then 4,000 records by TCP") { asked in
      byStream(asked, [.send(asked.good.with { $0.answer = (0..<4000).map { many($0) } })])
    },
    UpstreamMode("tc-text", .records, "a TXT record of 64,000 octets", type: 16) { asked in
      let string = [UInt8(255)] + [UInt8](repeating: 0x61, count: 255)
      let data = (0..<250).flatMap { _ in string }
      let record = RecordDraft.record(RecordDraft.questionName, type: 16, data: data)
      return byStream(asked, [.send(asked.empty.with { $0.answer = [record] })])
    },
    UpstreamMode("tc-closed", .failureOfStream, "the end instead of an answer", breaksStream: true)
    {
      byStream($0, [UpstreamStep(.finish)])
    },
    UpstreamMode("tc-reset", .failureOfStream, "a reset instead of an answer", breaksStream: true) {
      byStream($0, [UpstreamStep(.reset)])
    },
    UpstreamMode("tc-silent", .failureOfStream, "nothing instead of an answer", breaksStream: true)
    {
      byStream($0, [])
    },
    UpstreamMode("tc-partial", .failureOfStream, "half a message, then the end", breaksStream: true)
    { asked in
      byStream(
        asked,
        [
          UpstreamStep(.octets(Octets.word(500) + asked.good.bytes)),
          UpstreamStep(.finish, after: .milliseconds(100)),
        ])
    },
    UpstreamMode("tc-stuck", .failureOfStream, "half a message, then nothing", breaksStream: true) {
      asked in
      byStream(asked, [UpstreamStep(.octets(Octets.word(65_535) + asked.good.bytes))])
    },
    UpstreamMode("tc-dribble", .failureOfStream, "an octet every 300 ms", breaksStream: true) {
      asked in
      byStream(asked, octetByOctet(asked, pause: .milliseconds(300)))
    },
    UpstreamMode("tc-slow", .answer, "an octet every 5 ms", breaksStream: true) { asked in
      byStream(asked, octetByOctet(asked, pause: .milliseconds(5)))
    },
    UpstreamMode("tc-zero", .answer, "messages of no octets first") { asked in
      byStream(asked, [UpstreamStep(.octets([0, 0, 0, 0, 0, 0])), .send(asked.good)])
    },
    UpstreamMode("tc-wrong-id", .answer, "another ID by TCP first") { asked in
      byStream(asked, asked.thenGood(asked.evil.with { $0.id ^= 1 }))
    },
    UpstreamMode("tc-wrong-name", .answer, "another QNAME by TCP first") { asked in
      let name = Octets.name(victim(of: "tc-wrong-name"))
      return byStream(
        asked, asked.thenGood(asked.evil.with { $0.question = name + [0, 1, 0, 1] }))
    },
    UpstreamMode("tc-two-in-one", .answer, "two messages in one segment") { asked in
      let forged = asked.evil.with { $0.id ^= 0x00ff }.bytes
      let both = TCPConnection.framed(forged) + TCPConnection.framed(asked.good.bytes)
      return byStream(asked, [UpstreamStep(.octets(both))])
    },
    UpstreamMode("tc-then-end", .answer, "the answer, and the end behind it", breaksStream: true) {
      byStream($0, [.send($0.good), UpstreamStep(.finish)])
    },
    UpstreamMode("tc-always", .anything, "TC by TCP too") { [.send($0.truncated)] },
    UpstreamMode("tc-with-answer", .anything, "TC with an answer, by TCP too") { asked in
      [.send(asked.good.with { $0.flags |= 0x0200 })]
    },
    UpstreamMode("tc-servfail", .failureOfStream, "SERVFAIL by TCP") { asked in
      byStream(asked, [.send(asked.empty.with { $0.code = 2 })])
    },
  ]

  private static func byStream(
    _ asked: UpstreamQuestion, _ steps: @autoclosure () -> [UpstreamStep]
  ) -> [UpstreamStep] {
    asked.isStream ? steps() : [.send(asked.truncated)]
  }

  private static func octetByOctet(
    _ asked: UpstreamQuestion, pause: Duration
  ) -> [UpstreamStep] {
    TCPConnection.framed(asked.good.bytes).enumerated().map { index, octet in
      UpstreamStep(.octets([octet]), after: pause * index)
    }
  }
}
