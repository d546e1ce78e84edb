import DNSWire
import Server

/// What came when a question was really asked, or why it was not.
enum AskedAnswer: Sendable {
  /// A server of this process was asked over a transport; it took so long.
  case reply(Verdict, server: String, transport: String, nanoseconds: UInt64)
  /// Nothing came, in words.
  case silence(server: String, reason: String)
  /// Nobody was asked, in words.
  case nobody(reason: String)

  /// Lines for people.
  var lines: [String] {
    switch self {
    case .reply(let verdict, let server, let transport, let nanoseconds):
      var lines = [
        "asked \(server) over \(transport): \(verdict.code) in \(Self.milliseconds(nanoseconds)) ms"
      ]
      lines += verdict.answer.map { "  " + $0 }
      lines += verdict.authority.map { "  authority: " + $0 }
      lines += verdict.additional.map { "  additional: " + $0 }
      if !verdict.error.isEmpty { lines.append("  error \(verdict.error)") }
      return lines
    case .silence(let server, let reason): return ["asked \(server): \(reason)"]
    case .nobody(let reason): return ["not asked: \(reason)"]
    }
  }

  /// One JSON object.
  var json: String {
    switch self {
    case .reply(let verdict, let server, let transport, let nanoseconds):
      JSONText.object([
        ("server", JSONText.string(server)), ("transport", JSONText.string(transport)),
        ("code", JSONText.string(verdict.code)),
        ("milliseconds", Self.milliseconds(nanoseconds)),
        ("answer", JSONText.list(verdict.answer)), ("error", JSONText.string(verdict.error)),
      ])
    case .silence(let server, let reason):
      JSONText.object([
        ("server", JSONText.string(server)), ("failure", JSONText.string(reason)),
      ])
    case .nobody(let reason): JSONText.object([("failure", JSONText.string(reason))])
    }
  }

  /// With one decimal.
  private static func milliseconds(_ nanoseconds: UInt64) -> String {
    let tenths = (nanoseconds &+ 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10)"
  }
}
