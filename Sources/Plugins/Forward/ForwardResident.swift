import DNSWire
import PluginChain
import Sockets
import Synchronization
import Upstreams

/// What `forward` keeps on one worker: the engine and its sockets.
final class ForwardResident: Resident, @unchecked Sendable {
  /// There from `open` on, before the worker starts.
  private var channels: SocketChannels?
  private var engine: UpstreamEngine?
  private let options: UpstreamOptions
  private let directory: UpstreamDirectory
  private let worker: Int
  private let sharing: ForwardSharing
  private var guestResults: [UInt64: UpstreamResult] = [:]
  private var generation: UInt64
  private var upstreams: [Upstream]
  private var loops: LoopProbing?
  /// What is to be followed from now on, left by another thread.
  private let loopOrder = Mutex<LoopOrder?>(nil)
  private let hasLoopOrder = Atomic<Bool>(false)
  private let published = Mutex<[UpstreamStatistics]>([])
  private var publishedAt: UInt64 = 0

  /// How often other threads get new numbers, in nanoseconds.
  private static let publishInterval: UInt64 = 1_000_000_000

  /// The resident of `worker`, which asks the upstreams of `directory` once it is open.
  init(
    _ directory: UpstreamDirectory, _ options: UpstreamOptions, _ sharing: ForwardSharing,
    worker: Int
  ) {
    self.directory = directory
    self.sharing = sharing
    self.worker = worker
    self.options = options
    (upstreams, generation) = directory.current()
    super.init()
    // Whatever was left before the worker started is seen at once.
    deadline = 0
  }

  /// Makes ready to ask; before the worker starts.
  func open(tls: TLSSettings?) throws(SystemError) {
    let channels = try SocketChannels(source: options.sourceAddress, tls: tls)
    (upstreams, generation) = directory.current()
    let engine = UpstreamEngine(
      upstreams: upstreams, options: options, channels: channels,
      random: { UInt64.random(in: 0...(.max)) })
    engine.flightEnded = { [sharing, worker] key, result in
      sharing.ended(key, result, worker: worker)
    }
    sharing.inboxes[worker].wakes(channels.wakeup)
    self.engine = engine
    self.channels = channels
  }

  override var descriptor: Int32 { channels?.descriptor ?? -1 }

  override func serve(now: UInt64) {
    guard let channels, let engine else {
      deadline = .max
      return
    }
    followDirectory()
    if hasLoopOrder.load(ordering: .acquiring) { takeLoopOrder(channels) }
    channels.receive(into: engine, now: now)
    engine.tick(now: now)
    loops?.probe(upstreams, channels, now: now)
    takeGuestResults()
    collect(now: now)
  }

  override func settled() {
    engine?.discardResults()
    guestResults = [:]
  }

  override func end() {
    engine?.stop(now: monotonicNanoseconds())
    channels?.closeAll()
  }

  /// The upstreams' numbers, at most a second old; from any thread.
  var statistics: [UpstreamStatistics] { published.withLock { $0 } }

  /// The upstreams as they are known now; from any thread.
  var known: [Upstream] { directory.current().upstreams }

  /// Whose word counts on which upstreams lead back here, from now on; nobody's without one. One
  /// resident sends the probes too. From any thread.
  func follow(_ order: LoopOrder?, probes: Bool) {
    let own = order.map { LoopOrder(watch: $0.watch, zone: probes ? $0.zone : nil) }
    loopOrder.withLock { $0 = own }
    hasLoopOrder.store(true, ordering: .releasing)
    sharing.inboxes[worker].wake()
  }

  private func takeLoopOrder(_ channels: SocketChannels) {
    hasLoopOrder.store(false, ordering: .relaxed)
    let order = loopOrder.withLock { $0 }
    if let order, let loops, loops.isOf(order) { return }
    loops?.close(channels)
    loops = order.map { LoopProbing($0.watch, zone: $0.zone) }
    setAside(loops?.restart() ?? [])
  }

  /// Asks; when the answer is `.waiting`, `ticket` is resumed later.
  func ask(_ query: UpstreamQuery, ticket: UInt64, now: UInt64) -> Asked {
    // Opened before any worker starts.
    guard let engine else { return .failed(.noneReachable) }
    followDirectory()
    if let looping = loops?.changed() { setAside(looping) }
    let key = FlightKey(query)
    if sharing.joins(key, worker: worker, ticket: ticket) { return .waiting }
    let asked = engine.ask(query, ticket: ticket, now: now)
    // Without a flight nobody is told of its end.
    switch asked {
    case .waiting: break
    case .failed(let failure): sharing.ended(key, .failed(failure), worker: worker)
    case .overloaded where !engine.isInFlight(key):
      sharing.ended(key, .failed(.allDown), worker: worker)
    case .overloaded: break
    }
    collect(now: now)
    return asked
  }

  /// What became of `ticket`, once.
  func takeResult(_ ticket: UInt64) -> UpstreamResult? {
    guestResults.removeValue(forKey: ticket) ?? engine?.takeResult(ticket)
  }

  /// Takes a new list of upstreams over: one atomic read when there is none.
  private func followDirectory() {
    guard directory.generation != generation else { return }
    (upstreams, generation) = directory.current()
    engine?.replace(upstreams)
    if loops != nil { setAside(loops?.restart() ?? []) }
  }

  private func setAside(_ looping: Set<Upstream>) {
    for (index, upstream) in upstreams.enumerated() {
      engine?.setLooping(looping.contains(upstream), upstream: index)
    }
  }

  private func takeGuestResults() {
    for (ticket, result) in sharing.take(worker: worker) {
      sharing.endWaiting(1)
      guestResults[ticket] = result
      finished.append(ticket)
    }
  }

  private func collect(now: UInt64) {
    guard let engine else { return }
    let ended = engine.takeFinished()
    if !ended.isEmpty {
      sharing.endWaiting(ended.count)
      finished += ended
    }
    deadline = min(engine.deadline, loops?.deadline ?? .max)
    guard now &- publishedAt >= Self.publishInterval else {
      // The last numbers are shown too, when nothing follows.
      deadline = min(deadline, publishedAt &+ Self.publishInterval)
      return
    }
    publishedAt = now
    let statistics = engine.statistics(now: now)
    published.withLock { $0 = statistics }
  }
}
