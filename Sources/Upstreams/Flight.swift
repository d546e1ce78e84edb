/// One question on its way, for all who asked it.
final class Flight: TimedEntry {
  /// What was done with one upstream.
  struct Record {
    let state: UpstreamState
    /// Times it was asked as the schedule says.
    var count = 0
    /// It did not want OPT.
    var isPlain = false
    /// Its stream broke and the question went out again on another.
    var isRepeated = false
  }

  /// A message that goes out at once, outside of the schedule.
  struct Repeat {
    let state: UpstreamState
    let kind: ChannelKind
    /// Only streams opened after this one.
    let serialMin: UInt64
  }

  /// The pause after which everybody that refused is asked once more.
  enum RefusalPause {
    case unused
    case until(UInt64)
    case over
  }

  let key: FlightKey
  let query: UpstreamQuery
  let deadline: UInt64
  let startedAt: UInt64
  /// All upstreams were down when it started: it tries one.
  let isTrial: Bool
  var tickets: [UInt64]
  var isEnded = false
  /// It is in the engine's list of flights to look at.
  var isPending = false
  var attempts: [Attempt] = []
  /// Messages sent, and channels that could not be had.
  var attemptCount = 0
  /// Those among them that the schedule made.
  var scheduledCount = 0
  var records: [Record] = []
  var repeats: [Repeat] = []
  /// The upstream that was asked last, and when.
  var last: (state: UpstreamState, place: Int, at: UInt64)?
  /// Times that every upstream may have been asked by now, less one.
  var round = 0
  /// Something went wrong just now: the next upstream is asked without waiting.
  var isUrgent = false
  var refusalPause = RefusalPause.unused
  /// A reply that the next upstream might better.
  var fallback: UpstreamReply?
  /// A cut reply; its whole is being asked for by stream.
  var truncated: UpstreamReply?

  init(
    key: FlightKey, query: UpstreamQuery, ticket: UInt64, isTrial: Bool, now: UInt64
  ) {
    self.key = key
    self.query = query
    self.isTrial = isTrial
    tickets = [ticket]
    startedAt = now
    deadline = later(now, by: EngineLimits.flightNanoseconds)
  }

  /// What was done with `state`.
  subscript(_ state: UpstreamState) -> Record {
    get { records.first { $0.state === state } ?? Record(state: state) }
    set {
      if let index = records.firstIndex(where: { $0.state === state }) {
        records[index] = newValue
      } else {
        records.append(newValue)
      }
    }
  }

  /// Whether a reply may still come that is worth waiting for. With a reply in hand nobody waits
  /// longer than for an ordinary reply.
  var hasHope: Bool {
    if truncated != nil {
      return attempts.contains { $0.isHopeful && !$0.isTimedOut && $0.channel.kind == .stream }
    }
    return attempts.contains { $0.isHopeful && (fallback == nil || !$0.isTimedOut) }
  }

  override func due(_ engine: UpstreamEngine, now: UInt64) {
    engine.advance(self, now: now)
  }
}

/// One message sent for a flight.
final class Attempt {
  /// Where it stands.
  enum Progress {
    /// A reply may come.
    case waiting
    /// ICMP says that nobody is there; a reply may still come, since ICMP is easily forged.
    case refused
    /// Answered, given up, or its channel broke.
    case over
  }

  let flight: Flight
  let state: UpstreamState
  let channel: PooledChannel
  let id: UInt16
  let hasEDNS: Bool
  let sentAt: UInt64
  var progress = Progress.waiting
  /// It was unanswered for `readTimeout`.
  var isTimedOut = false

  init(
    flight: Flight, state: UpstreamState, channel: PooledChannel, id: UInt16, hasEDNS: Bool,
    sentAt: UInt64
  ) {
    self.flight = flight
    self.state = state
    self.channel = channel
    self.id = id
    self.hasEDNS = hasEDNS
    self.sentAt = sentAt
  }

  /// Whether nothing speaks against a reply.
  var isHopeful: Bool { progress == .waiting }
}
