import DNSWire
import PluginChain
import Synchronization
import Upstreams

/// Which upstreams lead back to this server, as far as probes tell: written by the worker that
/// sends probes and by those that see one come back, read by all.
///
/// A probe is a query for a name with 128 random bits, sent to one upstream. Only somebody who saw
/// it can make it come back, and all that a returned probe does is to set that one upstream aside
/// until a later probe stays away (CVE-2026-26018 was a name that could be guessed, and an exit).
final class LoopWatch: Sendable {
  /// Probes that may be under way; more upstreams than that are not probed at once.
  private static let probeCountMax = 64

  private struct State {
    /// Probes under way, by token.
    var probes: [LoopToken: Upstream] = [:]
    /// Upstreams of which a probe came back since the last round.
    var returned: Set<Upstream> = []
    var looping: Set<Upstream> = []
  }

  private let state = Mutex(State())
  private let changes = Atomic<Int>(0)
  private let returns = Atomic<Int>(0)
  private let zone: String
  private let log: any LogSink

  /// A watch for the server block of `zone`.
  init(zone: String, log: any LogSink) {
    self.zone = zone
    self.log = log
  }

  /// Grows when `looping` changes.
  var generation: Int { changes.load(ordering: .acquiring) }
  /// Probes that came back so far.
  var returnCount: Int { returns.load(ordering: .relaxed) }
  /// The upstreams that lead back here.
  var looping: Set<Upstream> { state.withLock { $0.looping } }

  /// Starts a round: upstreams whose probes of the last one stayed away are good again. Gives each
  /// upstream a new probe.
  func startRound(_ upstreams: [Upstream]) -> [(token: LoopToken, upstream: Upstream)] {
    let round = upstreams.prefix(Self.probeCountMax).map { (token: LoopToken(), upstream: $0) }
    let cured = state.withLock { state in
      let cured = state.looping.subtracting(state.returned)
      state.looping.subtract(cured)
      state.returned = []
      state.probes = Dictionary(
        round.map { ($0.token, $0.upstream) }, uniquingKeysWith: { first, _ in first })
      return cured
    }
    guard !cured.isEmpty else { return round }
    changes.add(1, ordering: .releasing)
    for upstream in cured {
      log.write(.info, "plugin/loop: \(upstream.text) no longer leads back here: it is asked again")
    }
    return round
  }

  /// A query for `token` came in: whether it is a probe of ours.
  func sees(_ token: LoopToken) -> Bool {
    let found = state.withLock { state -> (upstream: Upstream, isNew: Bool)? in
      guard let upstream = state.probes[token] else { return nil }
      state.returned.insert(upstream)
      return (upstream, state.looping.insert(upstream).inserted)
    }
    guard let found else { return false }
    returns.add(1, ordering: .relaxed)
    guard found.isNew else { return true }
    changes.add(1, ordering: .releasing)
    log.write(
      .error,
      "plugin/loop: Loop detected for zone \(zone): what is forwarded to \(found.upstream.text) "
        + "comes back to this server. It is not asked until that ends. Point forward, or the "
        + "resolv.conf that it reads, at a resolver that does not ask this server "
        + "(systemd-resolved keeps the real ones in /run/systemd/resolve/resolv.conf)")
    return true
  }
}
