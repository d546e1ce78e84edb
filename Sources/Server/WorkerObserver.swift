import DNSWire
import PluginChain
import Sockets

/// What one worker remembers of its replies: failures, and who asks most. Used on that worker's
/// thread only; others have it read there, by the worker's mailbox.
final class WorkerObserver: @unchecked Sendable {
  /// Failures that each worker remembers; as many are shown of all workers together.
  static let failureCountMax = 1_000

  private var failures = FailureRing(capacity: failureCountMax)
  private var hitters: HeavyHitters
  private var random: UInt64

  /// One that has seen nothing.
  init() {
    var generator = SystemRandomNumberGenerator()
    hitters = HeavyHitters(seed: generator.next(), now: monotonicNanoseconds())
    random = generator.next() | 1
  }

  /// Notes a failure.
  func note(_ failure: FailureRecord) { failures.add(failure) }

  /// Counts a query of the sample.
  func count(_ exchange: inout Exchange, _ routes: RouteTable) { hitters.add(&exchange, routes) }

  /// How many queries on the next one of the sample is: `HeavyHitters.sampleInterval` on average,
  /// one at least (xorshift; nothing here must be hard to guess).
  func nextDistance() -> UInt64 {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return 1 &+ random % (2 &* HeavyHitters.sampleInterval &- 1)
  }

  /// The failures, oldest first.
  var failureRecords: [FailureRecord] { failures.copies }

  /// What was counted.
  var topReading: TopReading { hitters.reading }
}

/// A worker's look at every reply that goes out: one branch, taken for failures and for the queries
/// of the sample alone.
struct Observation {
  private let observer: WorkerObserver?
  private var countdown: UInt64

  /// Without an observer nothing is remembered.
  init(_ observer: WorkerObserver?) {
    self.observer = observer
    countdown = observer?.nextDistance() ?? .max
  }

  /// Looks at a finished reply.
  @inline(__always)
  mutating func note(_ exchange: inout Exchange, _ routes: RouteTable) {
    countdown &-= 1
    if countdown == 0 || Self.mayBeFailure(&exchange) { look(&exchange, routes) }
  }

  /// NXDOMAIN and NODATA only with an error, which may be among an upstream's options.
  @inline(__always)
  private static func mayBeFailure(_ exchange: inout Exchange) -> Bool {
    let code = exchange.reply.responseCode.rawValue
    if code == 2 || code == 5 { return true }
    if case .some = exchange.extendedError { return true }
    return !exchange.replyOptions.isEmpty
  }

  @inline(never)
  private mutating func look(_ exchange: inout Exchange, _ routes: RouteTable) {
    guard let observer else {
      if countdown == 0 { countdown = .max }
      return
    }
    if countdown == 0 {
      countdown = observer.nextDistance()
      // Without a question there is no name: the one before is still there.
      if exchange.reply.recordsOffset > WireLimits.headerOctetCount {
        observer.count(&exchange, routes)
      }
    }
    guard Self.mayBeFailure(&exchange) else { return }
    let plugin = routes.chain(for: exchange.name)?.pluginName(at: exchange.answeredHeight) ?? ""
    if let failure = FailureRecord(&exchange, plugin: plugin) { observer.note(failure) }
  }
}
