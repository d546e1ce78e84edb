import DNSWire
import Upstreams

/// Sockets without a kernel: a queue of what arrives when. Keeps book of what the engine does, and
/// of what it must not do.
final class SimulatedNetwork: UpstreamChannels {
  enum Arrival {
    case message([UInt8])
    case failure(ChannelFailure)
  }

  struct Event {
    let time: UInt64
    let order: Int
    let channel: UInt64
    let what: Arrival
  }

  private struct Open {
    let kind: ChannelKind
    let server: SimulatedUpstream
    var isBroken = false
    /// Questions sent and not answered, by ID.
    var waiting: [UInt16: [UInt8]] = [:]
  }

  var now: UInt64 = 0
  let servers: [SimulatedUpstream]
  private var events: [Event] = []
  private var eventCount = 0
  private var channels: [UInt64: Open] = [:]
  private var lastChannel: UInt64 = 0

  // MARK: - Records

  /// What the engine did that it must not do.
  private(set) var violations: [String] = []
  /// The most datagram sockets, and streams, open to one upstream at a time.
  private(set) var datagramCountMax = 0
  private(set) var streamCountMax = 0
  /// The most questions in flight in one stream.
  private(set) var waitingPerStreamCountMax = 0
  /// The most equal questions that one upstream might answer at a time, by datagram.
  private(set) var equalQuestionCountMax = 0
  private(set) var streamsOpened = 0
  /// Queries with an ID that the upstream had not answered yet in the same channel.
  private(set) var repeatedIdentifierCount = 0
  /// Queries of each ID seen, for their spread.
  private(set) var identifiers: [UInt16: Int] = [:]

  init(_ servers: [SimulatedUpstream]) {
    self.servers = servers
  }

  var openCount: Int { channels.count }
  var queryCount: Int { servers.reduce(0) { $0 + $1.queries.count } }

  // MARK: - UpstreamChannels

  func open(_ kind: ChannelKind, to upstream: Upstream) -> UInt64? {
    guard let server = servers.first(where: { $0.upstream == upstream }) else {
      violations.append("opened to nobody")
      return nil
    }
    guard !server.cannotBeOpened else { return nil }
    lastChannel += 1
    channels[lastChannel] = Open(kind: kind, server: server)
    switch kind {
    case .datagram:
      server.datagramCount += 1
      datagramCountMax = max(datagramCountMax, server.datagramCount)
    case .stream:
      streamsOpened += 1
      server.streamCount += 1
      streamCountMax = max(streamCountMax, server.streamCount)
      if server.refusesStreams { add(lastChannel, server.latency, .failure(.refused)) }
    }
    return lastChannel
  }

  func send(_ message: [UInt8], on channel: UInt64) -> Bool {
    guard let open = channels[channel] else {
      violations.append("sent on a closed channel")
      return false
    }
    guard !open.isBroken else { return false }
    let query = SimulatedQuery(octets: message, channel: channel, kind: open.kind, sentAt: now)
    identifiers[query.id, default: 0] += 1
    note(query, open.server)
    if open.kind == .stream, open.server.refusesStreams { return true }
    for (delay, what) in open.server.receive(query) { add(channel, delay, what) }
    return true
  }

  private func note(_ query: SimulatedQuery, _ server: SimulatedUpstream) {
    if channels[query.channel]?.waiting[query.id] != nil { repeatedIdentifierCount += 1 }
    channels[query.channel]?.waiting[query.id] = query.question
    let waitingCount = channels[query.channel]?.waiting.count ?? 0
    guard query.kind == .datagram else {
      waitingPerStreamCountMax = max(waitingPerStreamCountMax, waitingCount)
      return
    }
    guard channels.count <= 64, !query.isCheck else { return }
    let equal = channels.values.filter { $0.server === server && $0.kind == .datagram }
      .reduce(0) { $0 + $1.waiting.values.filter { $0 == query.question }.count }
    equalQuestionCountMax = max(equalQuestionCountMax, equal)
  }

  func close(_ channel: UInt64) {
    guard let open = channels.removeValue(forKey: channel) else {
      violations.append("closed what was not open")
      return
    }
    switch open.kind {
    case .datagram: open.server.datagramCount -= 1
    case .stream: open.server.streamCount -= 1
    }
  }

  // MARK: - Events

  /// When the next event is; `.max` for never.
  var next: UInt64 { events.last?.time ?? .max }

  private func add(_ channel: UInt64, _ delay: UInt64, _ what: Arrival) {
    let event = Event(time: now + delay, order: eventCount, channel: channel, what: what)
    eventCount += 1
    // Last first: mostly near the front, where little moves.
    var (low, high) = (0, events.count)
    while low < high {
      let middle = (low + high) / 2
      if events[middle].time > event.time { low = middle + 1 } else { high = middle }
    }
    events.insert(event, at: low)
  }

  /// Hands what arrives by `now` to the engine; nothing arrives at closed channels.
  func deliver(to engine: UpstreamEngine) {
    while let event = events.last, event.time <= now {
      events.removeLast()
      guard let open = channels[event.channel], !open.isBroken else { continue }
      switch event.what {
      case .message(let octets):
        if octets.count >= 12 { channels[event.channel]?.waiting[octets.span.word16(0)] = nil }
        engine.received(octets.span, on: event.channel, now: now)
      case .failure(let failure):
        let stays = open.kind == .datagram && (failure == .refused || failure == .unreachable)
        if !stays { channels[event.channel]?.isBroken = true }
        engine.failed(event.channel, failure, now: now)
      }
    }
  }

  /// Breaks every stream to `server` at once, told or not.
  func breakStreams(of server: SimulatedUpstream, told failure: ChannelFailure?) {
    for (number, open) in channels where open.server === server && open.kind == .stream {
      if let failure {
        add(number, 0, .failure(failure))
      } else {
        channels[number]?.isBroken = true
      }
    }
  }
}
