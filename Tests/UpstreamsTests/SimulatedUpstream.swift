import DNSWire
import Sockets
import Upstreams

/// What an upstream does upon a query.
enum Behavior {
  /// A good reply.
  case answer
  /// A good reply, so many nanoseconds later than usual.
  case late(UInt64)
  /// Octets that are no message.
  case garble
  /// Less than a header.
  case short
  case wrongID
  case wrongQuestion
  /// A reply with TC, when the query came by datagram; else a good one.
  case truncate
  /// A reply of this response code.
  case code(UInt16)
  /// FORMERR without question when there was OPT; else a good reply.
  case refuseEDNS
  /// Nothing when there was OPT; else a good reply.
  case dropEDNS
  /// ICMP port unreachable; a stream is reset.
  case refuse
  /// The stream is closed; a datagram is lost.
  case closeStream
  /// Nothing.
  case drop
}

/// A server of the simulated network.
final class SimulatedUpstream {
  let upstream: Upstream
  /// From a query to its reply, in nanoseconds.
  var latency: UInt64 = 5.milliseconds
  /// What it does upon a query, all of it.
  var behave: (SimulatedQuery) -> [Behavior] = { _ in [.answer] }
  /// What it does upon a health check.
  var behaveOnCheck: (SimulatedQuery) -> [Behavior]
  /// Streams are refused as they are made.
  var refusesStreams = false
  /// No socket to it can be had.
  var cannotBeOpened = false
  /// Sockets open to it.
  var datagramCount = 0
  var streamCount = 0
  private(set) var queries: [SimulatedQuery] = []
  private(set) var checks: [SimulatedQuery] = []

  init(_ number: Int, transport: Upstream.Transport = .plain) {
    upstream = Upstream(
      address: SocketAddress(
        isV6: false, high: (0xC000_0200 | UInt64(number)) << 32, low: 0, port: 53),
      transport: transport, text: "192.0.2.\(number):53")
    behaveOnCheck = { _ in [.answer] }
  }

  /// Silent to everything, as if switched off.
  func die() {
    behave = { _ in [.drop] }
    behaveOnCheck = behave
  }

  /// Answers everything.
  func revive() {
    behave = { _ in [.answer] }
    behaveOnCheck = behave
  }

  /// What comes back, and how much later than now.
  func receive(_ query: SimulatedQuery) -> [(delay: UInt64, what: SimulatedNetwork.Arrival)] {
    if query.isCheck { checks.append(query) } else { queries.append(query) }
    let behaviors = query.isCheck ? behaveOnCheck(query) : behave(query)
    return behaviors.compactMap { behavior in
      if case .late(let more) = behavior { return (latency + more, .message(query.reply())) }
      return arrival(behavior, query).map { (latency, $0) }
    }
  }

  private func arrival(
    _ behavior: Behavior, _ query: SimulatedQuery
  ) -> SimulatedNetwork.Arrival? {
    switch behavior {
    case .answer, .late: .message(query.reply())
    case .garble: .message([query.octets[0], query.octets[1]] + Array(repeating: 0xFF, count: 40))
    case .short: .message([query.octets[0], query.octets[1], 0x80])
    case .wrongID: .message(query.reply(id: query.id ^ 0x55))
    case .wrongQuestion: .message(query.reply(question: [1, 0x78, 0, 0, 1, 0, 1]))
    case .truncate: .message(query.reply(isTruncated: query.kind == .datagram))
    case .code(let code): .message(query.reply(code: code))
    case .refuseEDNS: .message(query.hasOPT ? query.bareFormatError : query.reply())
    case .dropEDNS: query.hasOPT ? nil : .message(query.reply())
    case .refuse: .failure(.refused)
    case .closeStream: query.kind == .stream ? .failure(.closed) : nil
    case .drop: nil
    }
  }
}

extension Int {
  /// This many milliseconds in nanoseconds.
  var milliseconds: UInt64 { UInt64(self) * 1_000_000 }
}
