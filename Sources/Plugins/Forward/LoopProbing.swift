import DNSWire
import Upstreams

/// Who tells which upstreams lead back here.
struct LoopOrder: Sendable {
  /// Who tells.
  let watch: LoopWatch
  /// The zone below which probes are sent; `nil` for those who send none.
  let zone: DomainName?
}

/// The part of one worker in finding forwarding loops: one worker sends a probe to every upstream
/// now and then, all take over what came of it.
struct LoopProbing {
  /// Between two rounds, in nanoseconds.
  private static let interval: UInt64 = 30_000_000_000
  /// Between two rounds while some upstream leads back here.
  private static let loopingInterval: UInt64 = 5_000_000_000
  /// How long a probe's socket stays open for the reply, which says nothing.
  private static let patience: UInt64 = 2_000_000_000

  /// When `probe` is wanted next.
  private(set) var deadline: UInt64
  private let watch: LoopWatch
  private let zone: DomainName?
  private var generation = 0
  private var open: [UInt64] = []

  /// The part of a worker that sends probes below `zone`, or of one that only follows `watch`.
  init(_ watch: LoopWatch, zone: DomainName?) {
    self.watch = watch
    self.zone = zone
    deadline = zone == nil ? .max : 0
  }

  /// Whether this is the part that `order` wants.
  func isOf(_ order: LoopOrder) -> Bool { watch === order.watch && zone == order.zone }

  /// Closes the sockets of probes.
  mutating func close(_ channels: SocketChannels) {
    for channel in open { channels.close(channel) }
    open = []
  }

  /// The upstreams that lead back here, when they are others than the last time.
  mutating func changed() -> Set<Upstream>? {
    let current = watch.generation
    guard current != generation else { return nil }
    generation = current
    return watch.looping
  }

  /// The list of upstreams is another: a round is due. What is known so far.
  mutating func restart() -> Set<Upstream> {
    if zone != nil { deadline = 0 }
    return watch.looping
  }

  /// Sends a round of probes when it is due, and closes those of the last one when they are over.
  mutating func probe(_ upstreams: [Upstream], _ channels: SocketChannels, now: UInt64) {
    guard let zone, now >= deadline else { return }
    guard open.isEmpty else {
      close(channels)
      let rest = watch.looping.isEmpty ? Self.interval : Self.loopingInterval
      deadline = now &+ rest
      return
    }
    for (token, upstream) in watch.startRound(upstreams) {
      var kind = ChannelKind.datagram
      if case .tls = upstream.transport { kind = .stream }
      guard let channel = channels.open(kind, to: upstream) else { continue }
      let query = UpstreamQuery(
        question: token.question(in: zone), flags: HeaderFlag.recursionDesired, edns: nil,
        isStream: false)
      _ = channels.send(query.message(id: .random(in: 0...(.max)), withEDNS: false), on: channel)
      open.append(channel)
    }
    deadline = now &+ (open.isEmpty ? Self.interval : Self.patience)
  }
}
