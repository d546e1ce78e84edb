/// One way of an upstream to behave, and what a client of its forwarder must get then.
///
/// The first label of a name chooses the mode, so that a thousand names may misbehave at once in
/// different ways and nothing that was kept of one changes another.
package struct UpstreamMode: Sendable {
  /// What a client must get.
  package enum Outcome: Sendable {
    /// NOERROR with the good address; TC is as good over UDP.
    case answer
    /// That, or SERVFAIL.
    case answerOrFailure
    /// NOERROR with any records but the evil address; TC is as good over UDP.
    case records
    /// One of these response codes without an answer.
    case code([UInt16])
    /// SERVFAIL, or TC over UDP.
    case failureOfStream
    /// NXDOMAIN.
    case denial
    /// NOERROR without records in the answer.
    case noData
    /// That, or SERVFAIL.
    case noDataOrFailure
    /// Any well-formed reply in time.
    case anything

    /// SERVFAIL.
    package static let failure = Outcome.code([2])
  }

  /// What may be kept of the answer.
  package enum Keeping: Sendable {
    /// A second query must be answered without the upstream.
    case must
    /// A second query must reach the upstream.
    case mustNot
    /// Either.
    case may
  }

  /// The first label.
  package let name: String
  /// What the client must get.
  package let outcome: Outcome
  /// What the mode is about.
  package let reason: String
  /// The type that is asked; other types have no data.
  package let type: UInt16
  /// Whether it spoils a TCP connection for the other queries on it.
  package let breaksStream: Bool
  /// What the cache does with it.
  package let keeping: Keeping
  /// The largest TTL of an answer that a client may see.
  package let ttlMax: UInt32
  private let script: EvilUpstream.Behavior

  /// TTLs beyond a week are nonsense (RFC 8767 section 4).
  package static let sensibleTTLMax: UInt32 = 604_800

  init(
    _ name: String, _ outcome: Outcome, _ reason: String, type: UInt16 = 1,
    breaksStream: Bool = false, keeping: Keeping = .may, ttlMax: UInt32 = sensibleTTLMax,
    script: @escaping EvilUpstream.Behavior
  ) {
    self.name = name
    self.outcome = outcome
    self.reason = reason
    self.type = type
    self.breaksStream = breaksStream
    self.keeping = keeping
    self.ttlMax = ttlMax
    self.script = script
  }

  /// Every mode.
  package static let all: [UpstreamMode] =
    foreign + malformed + oddEDNS + codes + negatives + aliases + oddities + lost + streams

  private static let byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }

  /// What is done about a query: what its mode says, and the good reply for other first labels.
  package static func steps(for asked: UpstreamQuestion) -> [UpstreamStep] {
    guard let mode = byName[asked.mode] else {
      return [.send(asked.type == 1 ? asked.good : asked.noData)]
    }
    return asked.type == mode.type ? mode.script(asked) : [.send(asked.noData)]
  }

  /// A name that a mode tries to poison.
  package static func victim(of mode: String) -> String { "victim.\(mode).test." }
}

extension UpstreamQuestion {
  /// Messages at once, and the good reply a little later.
  func thenGood(_ messages: [[UInt8]]) -> [UpstreamStep] {
    messages.map { .send($0) } + [.send(good, after: .milliseconds(50))]
  }

  /// A reply at once, and the good reply a little later.
  func thenGood(_ draft: ReplyDraft) -> [UpstreamStep] { thenGood([draft.bytes]) }
}
